//! What is done for a citizen who asks, by command or page alike: each is noted in the audit log before anything is shown.

use std::sync::Arc;

use titian_domain::casefile::Place;
use titian_domain::document::Stamp;
use titian_domain::id::ComplaintId;
use titian_sync::item::ItemKind;

use super::held::{Dossier, NoticeOf};
use super::person::{Found, Person, Unclear};
use crate::audit::{self, Deed, Entry};
use crate::casebook::edit::{self, EditError};
use crate::casebook::project::Rules;
use crate::casebook::{erase, list};
use crate::clock::Clock;
use crate::store::{Store, StoreError, Transaction};

/// Longer than any name, and than any number with its blanks.
pub const SOUGHT_BYTES_MAX: usize = 512;
/// So many digits are no number of a letter, but somebody's.
const DIGITS_OF_SOMEBODY: usize = 8;

/// Makes the stamp of an edit, in the transaction in which it is written.
pub type MakeStamp = Arc<dyn Fn(&Transaction<'_>, &str) -> Result<Stamp, EditError> + Send + Sync>;

/// What differs between the programs.
#[derive(Clone)]
pub struct Side {
    /// How days are counted.
    pub rules: Arc<Rules>,
    /// Where the texts lie that citizens were told.
    pub notice_of: NoticeOf,
    /// Where this is: an office writes intakes, the hub handlings.
    pub place: Place,
    /// Makes the stamp of an edit.
    pub stamp: MakeStamp,
}

/// Who asks for something in a citizen's name, and why.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The database.
    pub store: &'a Store,
    /// The machine's clock.
    pub clock: &'a Clock,
    /// Who does it.
    pub who: &'a str,
    /// Why; empty where none is asked for.
    pub reason: &'a str,
}

/// Why nothing was erased or restricted.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no complaint of this name.
    #[error("no complaint of this name")]
    Missing(String),
    /// There are several.
    #[error("several complaints of this name")]
    Ambiguous(String),
    /// It cannot be, or the database failed.
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Edit(error.into())
    }
}

impl From<rusqlite::Error> for ChangeError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Edit(error.into())
    }
}

/// Tells whether a reason names who is sought: the audit log keeps reasons, and no citizens.
pub fn names_them(reason: &str, sought: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = digits(sought);
    let number = number.trim_start_matches("62").trim_start_matches('0');
    reason.to_lowercase().contains(&sought.trim().to_lowercase())
        || number.len() >= DIGITS_OF_SOMEBODY && digits(reason).contains(number)
}

impl Asking<'_> {
    /// Looks somebody up, and notes that it was done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(self, sought: String) -> Result<Vec<Found>, StoreError> {
        let finding = self.store.read(move |conn| Person::find(conn, &sought));
        let found = finding.await?.complaints;
        let count = format!("{} complaints", found.len());
        let detail = [count.as_str(), self.reason].join(": ");
        let detail = detail.trim_end_matches([':', ' ']);
        audit::note_alone(self.store, self.clock, (self.who, Deed::SubjectSought), None, detail).await?;
        Ok(found)
    }

    /// Puts together what is held about somebody in the complaints that were named (all of theirs where none is), and notes for each that it is handed out.
    ///
    /// # Errors
    /// When the database fails; inside, when it is not clear who is meant.
    pub async fn dossier(
        self,
        notice_of: NoticeOf,
        sought: String,
        names: Vec<String>,
    ) -> Result<Result<Dossier, Unclear>, StoreError> {
        let finding = self
            .store
            .read(move |conn| Ok::<_, StoreError>(Person::find(conn, &sought)?.chosen(&names)));
        let chosen = match finding.await? {
            Ok(chosen) => chosen,
            Err(unclear) => return Ok(Err(unclear)),
        };
        let ids: Vec<ComplaintId> = chosen.iter().map(|(id, _)| *id).collect();
        self.note_each(&ids, Deed::SubjectFile).await?;
        let (at, who, reason) = (self.clock.now(), self.who.to_owned(), self.reason.to_owned());
        let reading = self
            .store
            .read(move |conn| Dossier::read(conn, notice_of, &chosen, (&who, at), &reason));
        reading.await.map(Ok)
    }

    /// Erases the reporters of some complaints; gives the numbers of complaints and of records.
    ///
    /// # Errors
    /// When one of them is not here; then none is erased.
    pub async fn erase(self, rules: &Arc<Rules>, names: Vec<String>) -> Result<(usize, usize), ChangeError> {
        let (rules, now) = (rules.clone(), self.clock.now());
        let (who, reason) = (self.who.to_owned(), self.reason.to_owned());
        let erasing = self.store.write(move |tx| {
            let ids = named(tx, &names)?;
            let records = erase::erase(tx, &rules, &ids, (&who, now), &reason)?;
            Ok((ids.len(), records))
        });
        erasing.await
    }

    /// Restricts who brings some complaints, here at once and at the other side when it hears of it, or lifts that; gives how many
    /// changed.
    ///
    /// # Errors
    /// When one of them is not here; then none is changed.
    pub async fn restrict(self, side: &Side, names: Vec<String>, lift: bool) -> Result<usize, ChangeError> {
        let (side, who, reason) = (side.clone(), self.who.to_owned(), self.reason.to_owned());
        let kind = match side.place {
            Place::Office => ItemKind::Intake,
            Place::Hub => ItemKind::Handling,
        };
        let step = if lift { "lift-restriction" } else { "restrict" };
        let changing = self.store.write(move |tx| {
            let mut changed = 0;
            for id in named(tx, &names)? {
                let by = (side.stamp)(tx, &who)?;
                let written = edit::edit(tx, &side.rules, (id, kind), (&by, step), |case, _| {
                    Ok(if lift {
                        case.lift_restrictions(side.place, &reason, &by)?
                    } else {
                        case.restrict(side.place, &reason, &by)?
                    })
                });
                changed += usize::from(written?);
            }
            Ok(changed)
        });
        changing.await
    }

    async fn note_each(self, ids: &[ComplaintId], deed: Deed) -> Result<(), StoreError> {
        let (at, ids) = (self.clock.now(), ids.to_vec());
        let (who, reason) = (self.who.to_owned(), self.reason.to_owned());
        let noting = self.store.write(move |tx| {
            for id in &ids {
                let entry = Entry {
                    at,
                    who: &who,
                    deed,
                    complaint: Some(*id),
                    detail: &reason,
                };
                audit::note(tx, entry)?;
            }
            Ok(())
        });
        noting.await
    }
}

/// Finds complaints by id or register number, each of which has to mean one.
fn named(tx: &Transaction<'_>, names: &[String]) -> Result<Vec<ComplaintId>, ChangeError> {
    let mut ids = Vec::new();
    for name in names {
        match list::find(tx, name)?[..] {
            [id] => ids.push(id),
            [] => return Err(ChangeError::Missing(name.clone())),
            _ => return Err(ChangeError::Ambiguous(name.clone())),
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_names_who_is_sought_is_told_from_one_that_does_not() {
        for (reason, sought) in [
            ("surat dari kanaria rahmawati", "Kanaria Rahmawati "),
            ("telp 0812-0000-0777", "+6281200000777"),
            ("NIK 6301034101900001", "63.01.03.410190.0001"),
        ] {
            assert!(names_them(reason, sought), "{reason}");
        }
        for sought in ["Kanaria Rahmawati", "+6281200000777", "6301034101900001"] {
            assert!(!names_them("surat nomor 12 tanggal 3 Maret 2026", sought), "{sought}");
        }
    }
}
