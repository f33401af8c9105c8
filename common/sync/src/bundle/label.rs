//! The one line in clear in front of a bundle: so that a program, and a person with any editor, can tell whose it is
//! before, and without, the key that opens it.
//!
//! It says no more than the name of the file. Nothing rests on it: what it claims must follow from what is signed.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::VerifyingKey;
use titian_domain::id::{GatewayLetter, OfficeCode};

use crate::enrol::Fingerprint;

/// Every label starts so; the number is the version of the line.
const OPENING: &str = "titian-bundle 1";
/// No label is longer, line end included.
pub const LABEL_BYTES_MAX: usize = 96;
/// How much of a hub's fingerprint the line shows.
const FINGERPRINT_DIGITS: usize = 16;

/// A gateway, as people name it: `63.01.03/A`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GatewayName {
    /// The office that it stands in.
    pub office: OfficeCode,
    /// Its letter in register numbers.
    pub letter: GatewayLetter,
}

impl fmt::Display for GatewayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.office, self.letter)
    }
}

impl FromStr for GatewayName {
    type Err = NoLabel;

    fn from_str(text: &str) -> Result<Self, NoLabel> {
        let (office, letter) = text.split_once('/').ok_or(NoLabel)?;
        Ok(Self {
            office: office.parse().map_err(|_| NoLabel)?,
            letter: letter.parse().map_err(|_| NoLabel)?,
        })
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A gateway's items for its hub.
    Request,
    /// The hub's items for a gateway, and what it holds of that gateway's.
    Reply,
    /// A new gateway shows its code: the message of `POST /enrol/v1`, in clear as there.
    EnrolRequest,
    /// The hub's answer to that.
    EnrolReply,
}

impl Content {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Request, "request"),
        (Self::Reply, "reply"),
        (Self::EnrolRequest, "enrol-request"),
        (Self::EnrolReply, "enrol-reply"),
    ];

    /// Gives the word in labels, names of files and answers.
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(content, _)| *content == self)
            .map_or("", |(_, word)| *word)
    }

    /// Tells whether it travels from a gateway to the hub.
    pub fn is_for_hub(self) -> bool {
        matches!(self, Self::Request | Self::EnrolRequest)
    }
}

/// The line in front of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What follows.
    pub content: Content,
    /// The gateway that wrote it, or that it is for.
    pub gateway: GatewayName,
    /// The front of the fingerprint of the hub at the other end.
    pub hub: String,
}

/// Says that some bytes do not begin with a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a Titian bundle")]
pub struct NoLabel;

impl Label {
    /// Makes the label of what passes between a gateway and a hub.
    pub fn new(content: Content, gateway: GatewayName, hub: Fingerprint) -> Self {
        let hub = hub.to_string()[..FINGERPRINT_DIGITS].to_owned();
        Self { content, gateway, hub }
    }

    /// Tells whether it names the hub with this key.
    pub fn is_of_hub(&self, key: &VerifyingKey) -> bool {
        Fingerprint::of(key).to_string().starts_with(&self.hub)
    }

    /// Writes the line with its end.
    pub fn to_line(&self) -> String {
        let Self { content, gateway, hub } = self;
        format!("{OPENING} {} {gateway} {hub}\n", content.word())
    }

    /// Reads the line at the front of some bytes; gives it with its length.
    pub fn find(bytes: &[u8]) -> Result<(Self, usize), NoLabel> {
        let front = &bytes[..bytes.len().min(LABEL_BYTES_MAX)];
        let end = front.iter().position(|byte| *byte == b'\n').ok_or(NoLabel)?;
        let line = std::str::from_utf8(&front[..end]).map_err(|_| NoLabel)?;
        let mut words = line.strip_prefix(OPENING).ok_or(NoLabel)?.split(' ').skip(1);
        let mut next = || words.next().ok_or(NoLabel);
        let (content, gateway, hub) = (next()?, next()?, next()?);
        let content = Content::ALL.iter().find(|(_, word)| *word == content).ok_or(NoLabel)?.0;
        let label = Self {
            content,
            gateway: gateway.parse()?,
            hub: hub.to_owned(),
        };
        // One form only: what reads back otherwise was changed on its way.
        if label.hub.len() == FINGERPRINT_DIGITS && label.to_line().as_bytes() == &front[..=end] {
            Ok((label, end + 1))
        } else {
            Err(NoLabel)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> Label {
        let gateway = "63.01.03/A".parse().unwrap();
        Label::new(Content::Reply, gateway, Fingerprint([0xab; 16]))
    }

    #[test]
    fn a_label_is_a_line_that_a_person_can_read() {
        assert_eq!(label().to_line(), "titian-bundle 1 reply 63.01.03/A abababababababab\n");
        let with_more = [label().to_line().as_bytes(), b"rest"].concat();
        assert_eq!(Label::find(&with_more), Ok((label(), label().to_line().len())));
        for (content, _) in Content::ALL {
            let line = Label { content, ..label() }.to_line();
            assert!(
                line.len() <= LABEL_BYTES_MAX && Label::find(line.as_bytes()).is_ok(),
                "{line}"
            );
        }
    }

    #[test]
    fn whatever_differs_from_a_label_in_one_bit_is_none_or_another_one() {
        let line = label().to_line().into_bytes();
        for at in 0..line.len() * 8 {
            let mut changed = line.clone();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(Label::find(&changed).is_err() || Label::find(&changed).unwrap().0 != label());
        }
        for length in 0..line.len() {
            assert_eq!(Label::find(&line[..length]), Err(NoLabel));
        }
    }
}
