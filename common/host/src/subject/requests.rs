//! What is done for a citizen who asks, by command or page alike: each is noted in the audit log before anything is shown.

use std::sync::Arc;

use rusqlite::Connection;
use titian_domain::casefile::Place;
use titian_domain::document::Stamp;
use titian_domain::id::ComplaintId;
use titian_domain::identity::names_person;
use titian_domain::reporter::ReporterRecord;
use titian_sync::item::ItemKind;

use super::held::{Dossier, NoticeOf};
use super::person::{Found, Person, Unclear};
use crate::audit::{self, Deed, Entry};
use crate::casebook::edit::{self, EditError};
use crate::casebook::project::Rules;
use crate::casebook::{erase, list, reason};
use crate::clock::Clock;
use crate::store::{Store, StoreError, Transaction};

/// Longer than any name, and than any number with its blanks.
pub const SOUGHT_BYTES_MAX: usize = 512;

/// What the audit log calls a search, and a file of what is held, whose reason was refused.
pub(super) const FIND: &str = "find";
pub(super) const FILE: &str = "file";

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
    /// The reason names who brought it.
    #[error("the reason names who brought the complaint")]
    NamesThem(ComplaintId),
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

/// Tells whether a reason names who is sought, known here or not: the audit log keeps reasons, and no citizens.
pub fn names_them(reason: &str, sought: &str) -> bool {
    let sought = || sought.to_owned();
    let person = ReporterRecord {
        name: sought(),
        nik: sought(),
        phone: sought(),
        email: sought(),
        ..ReporterRecord::default()
    };
    names_person(reason, &person)
}

impl Asking<'_> {
    /// Looks somebody up, and notes that it was done.
    ///
    /// # Errors
    /// When the database fails; inside, when the reason names who was found.
    pub async fn find(self, sought: String) -> Result<Result<Vec<Found>, Unclear>, StoreError> {
        let finding = self.store.read(move |conn| Person::find(conn, &sought));
        let found = finding.await?.complaints;
        let ids = found.iter().map(|found| found.id).collect();
        if let Some(id) = self.named_in(ids, FIND).await? {
            return Ok(Err(Unclear::NamesThem(id)));
        }
        let count = format!("{} complaints", found.len());
        let detail = [count.as_str(), self.reason].join(": ");
        let detail = detail.trim_end_matches([':', ' ']);
        audit::note_alone(self.store, self.clock, (self.who, Deed::SubjectSought), None, detail).await?;
        Ok(Ok(found))
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
        if let Some(id) = self.named_in(ids.clone(), FILE).await? {
            return Ok(Err(Unclear::NamesThem(id)));
        }
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
            names_nobody(tx, &ids, &reason)?;
            let records = erase::erase(tx, &rules, &ids, (&who, now), &reason)?;
            Ok((ids.len(), records))
        });
        self.noted(erasing.await, "erase").await
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
            let ids = named(tx, &names)?;
            names_nobody(tx, &ids, &reason)?;
            for id in ids {
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
        self.noted(changing.await, step).await
    }

    /// Notes that a reason was refused for naming a citizen: for what it was, and not what it says.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_refused(self, id: Option<ComplaintId>, step: &str) -> Result<(), StoreError> {
        audit::note_alone(self.store, self.clock, (self.who, Deed::ReasonRefused), id, step).await
    }

    /// Gives the first of some complaints whose reporter the reason names; that it does is noted.
    async fn named_in(self, ids: Vec<ComplaintId>, step: &str) -> Result<Option<ComplaintId>, StoreError> {
        let reason = self.reason.to_owned();
        let reading = self
            .store
            .read(move |conn| Ok::<_, StoreError>(first_named(conn, &ids, &reason)?));
        let named = reading.await?;
        if named.is_some() {
            self.note_refused(named, step).await?;
        }
        Ok(named)
    }

    /// Passes on what became of a change; where its reason named somebody, that is noted.
    async fn noted<T>(self, changed: Result<T, ChangeError>, step: &str) -> Result<T, ChangeError> {
        if let Err(ChangeError::NamesThem(id)) = changed {
            self.note_refused(Some(id), step).await?;
        }
        changed
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

fn first_named(conn: &Connection, ids: &[ComplaintId], reason: &str) -> rusqlite::Result<Option<ComplaintId>> {
    for id in ids {
        if reason::names_reporter(conn, *id, reason)? {
            return Ok(Some(*id));
        }
    }
    Ok(None)
}

fn names_nobody(tx: &Transaction<'_>, ids: &[ComplaintId], reason: &str) -> Result<(), ChangeError> {
    first_named(tx, ids, reason)?.map_or(Ok(()), |id| Err(ChangeError::NamesThem(id)))
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
