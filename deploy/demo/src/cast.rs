//! Who plays: a hub, and gateways of two offices that do not know each other.

use anyhow::Result;
use serde_json::Value;

use crate::gateway::{Gateway, Recorded};
use crate::hub::Hub;
use crate::rig::Rig;

/// The first office: its code and its name.
pub const PELAIHARI: (&str, &str) = ("63.01.03", "Kecamatan Pelaihari");
/// The second office: its code and its name.
pub const TAKISUNG: (&str, &str) = ("63.01.01", "Kecamatan Takisung");

/// An account of the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// By which they log in.
    pub name: &'static str,
    /// Who they are; nobody real.
    pub full_name: &'static str,
    /// Their password. It opens nothing but a demonstration.
    pub password: &'static str,
}

/// The liaison at the hub.
pub const LIAISON: Account = Account {
    name: "hasnah",
    full_name: "Hasnah Fitriani",
    password: "titian-kayu-ulin",
};
/// The operator at the first office.
pub const OPERATOR: Account = Account {
    name: "rusdi",
    full_name: "Ahmad Rusdi",
    password: "jukung-di-muara",
};
/// The operator at the second office.
pub const OTHER_OPERATOR: Account = Account {
    name: "mahyuni",
    full_name: "Siti Mahyuni",
    password: "pasar-terapung",
};

/// The programs, enrolled with each other.
pub struct Cast {
    /// The hub of the regency.
    pub hub: Hub,
    /// The gateway of the first office.
    pub pelaihari: Gateway,
    /// The gateway of the second office.
    pub takisung: Gateway,
}

impl Cast {
    /// Sets everything up; afterwards nothing runs, and the gateways were never in contact with the hub.
    ///
    /// # Errors
    /// When one of the commands fails.
    pub fn set_up(rig: &Rig) -> Result<Self> {
        let mut hub = rig.hub();
        // Once up and down: the port that it gets stands in the enrolment codes, and is the same ever after.
        hub.serve()?;
        hub.program.stop()?;
        hub.add_staff(LIAISON)?;
        for (code, name) in [PELAIHARI, TAKISUNG] {
            hub.add_office(code, name)?;
        }
        let pelaihari = enrolled(&hub, rig.gateway("pelaihari"), PELAIHARI.0, OPERATOR)?;
        let takisung = enrolled(&hub, rig.gateway("takisung"), TAKISUNG.0, OTHER_OPERATOR)?;
        Ok(Self {
            hub,
            pelaihari,
            takisung,
        })
    }

    /// Gives the gateway of an office.
    pub fn of_office(&self, code: &str) -> &Gateway {
        if code == TAKISUNG.0 {
            &self.takisung
        } else {
            &self.pelaihari
        }
    }

    /// Names a program whose server ended without being asked, if there is one.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn casualty(&mut self) -> Result<Option<&str>> {
        for program in [
            &mut self.hub.program,
            &mut self.pelaihari.program,
            &mut self.takisung.program,
        ] {
            if program.has_ended()? {
                return Ok(Some(program.name()));
            }
        }
        Ok(None)
    }

    /// Ends all three, and gives the exit codes of those that ran.
    ///
    /// # Errors
    /// When one of them does not end.
    pub fn stop(&mut self) -> Result<Vec<Option<i32>>> {
        Ok(vec![
            self.pelaihari.program.stop()?,
            self.takisung.program.stop()?,
            self.hub.program.stop()?,
        ])
    }
}

/// Enrols a gateway with a fresh code of the hub, and gives its operator an account.
///
/// # Errors
/// When one of the commands fails.
pub fn enrolled(hub: &Hub, gateway: Gateway, office: &str, operator: Account) -> Result<Gateway> {
    gateway.enrol(&hub.enrolment_code(office)?)?;
    gateway.add_staff(operator)?;
    Ok(gateway)
}

/// Records, verifies and forwards a complaint.
///
/// # Errors
/// When one of the steps is refused.
pub fn forward(gateway: &Gateway, sheet: &Value) -> Result<Recorded> {
    let recorded = gateway.add(sheet)?;
    gateway.step(&["verify", &recorded.id])?;
    gateway.step(&["forward", &recorded.id])?;
    Ok(recorded)
}
