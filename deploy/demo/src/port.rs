//! A port that stays somebody's while nobody listens at it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// A port of this machine. Until it is dropped the system gives it to nobody who asks for any port, and refuses whoever connects to
/// it; a program that is told its number listens there, and again after it was stopped. Without this another program that starts
/// meanwhile may answer in its place.
#[derive(Debug)]
pub struct Port {
    address: SocketAddr,
    /// Bound, and never listening.
    _socket: TcpSocket,
}

impl Port {
    /// Takes a free one.
    ///
    /// # Errors
    /// When none is free.
    pub fn take() -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        // Shared with whoever asks for it by number, as listeners of the standard library and of tokio do.
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = socket.local_addr()?;
        Ok(Self {
            address,
            _socket: socket,
        })
    }

    /// Gives the address to listen at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_port_is_kept_between_those_who_listen_at_it() {
        let port = Port::take().unwrap();
        for _ in 0..3 {
            let refused = TcpStream::connect(port.address()).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
            let stranger = TcpSocket::new_v4().unwrap().bind(port.address()).unwrap_err();
            assert_eq!(stranger.kind(), io::ErrorKind::AddrInUse);
            let listener = TcpListener::bind(port.address()).unwrap();
            let client = TcpStream::connect(port.address()).unwrap();
            listener.accept().unwrap();
            drop(client);
        }
    }
}
