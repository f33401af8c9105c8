//! What somebody may do, and the roles that a program gives it by.

/// One thing that not everybody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Read lists and complaints, the reporter masked.
    Read,
    /// See who brought a complaint.
    Reveal,
    /// Put complaints on record, and change what they say.
    Record,
    /// Note what was asked, answered and seen.
    Note,
    /// Take over a register, or an export of LAPOR.
    Import,
    /// Declare that the substance of a complaint is clear.
    Verify,
    /// Decide whether a complaint is handed on, or ends at the office.
    Forward,
    /// Exchange news with the other side, over a network or on a stick.
    Exchange,
    /// Take what an office forwarded, or give it back; follow it to its end.
    Accept,
    /// Note the Tracking ID that LAPOR gave.
    Enter,
    /// Keep the accounts, and join this machine to the hub.
    Administer,
    /// Read who did what here.
    Audit,
    /// Answer what citizens ask about their own data: find it, erase it.
    Subject,
}

/// A set of rights. Empty for somebody without a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u16);

/// What somebody is in a program, and may do there for it.
#[derive(Clone, Copy, Debug)]
pub struct Role {
    /// The word that commands use; screens say the text `role-…`.
    pub code: &'static str,
    /// What it allows.
    pub rights: &'static [Right],
}

/// The roles of one program.
#[derive(Clone, Copy, Debug)]
pub struct Roles {
    /// All of them, in the order in which they are offered.
    pub all: &'static [Role],
    /// What the first account gets: whoever sets a machine up has to be able to begin.
    pub first: &'static [&'static str],
}

impl Rights {
    /// Says whether a right is among them.
    pub fn has(self, right: Right) -> bool {
        self.0 & bit(right) != 0
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().fold(0, |bits, right| bits | bit(right)))
    }
}

impl Roles {
    /// Lists their codes.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        self.all.iter().map(|role| role.code)
    }

    /// Lists the codes of those that allow something.
    pub fn with(self, right: Right) -> impl Iterator<Item = &'static str> {
        let allow = self.all.iter().filter(move |role| role.rights.contains(&right));
        allow.map(|role| role.code)
    }

    /// Gives what somebody with these roles may do. A role that this program does not know allows nothing.
    pub fn rights_of<C: AsRef<str>>(self, codes: &[C]) -> Rights {
        let held = |role: &&Role| codes.iter().any(|code| code.as_ref() == role.code);
        let rights = self.all.iter().filter(held).flat_map(|role| role.rights);
        rights.copied().collect()
    }
}

const fn bit(right: Right) -> u16 {
    1 << right as u16
}
