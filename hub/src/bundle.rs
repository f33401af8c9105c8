//! Bundles at the hub: what offices bring on a stick is taken, and answers are made for them to carry back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ed25519_dalek::VerifyingKey;
use titian_domain::document::Stamp;
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::bundle::carry::{self, Destination, Log, feed, off_the_async_threads, take_all};
use titian_host::bundle::{
    BundleTrouble, ENDING, ExportFailed, ImportReport, Outgoing, PartFile, PartSource, Taken, Written,
};
use titian_host::store::StoreError;
use titian_sync::bundle::head::{BundleHead, Sender};
use titian_sync::bundle::label::{Content, Label};
use titian_sync::bundle::read::{BadBundle, BundleFrame, PartReader, Read};
use titian_sync::bundle::write::{Keys, Writer};
use titian_sync::dictionary;
use titian_sync::engine::LogEntry;
use titian_sync::engine::pieces::Blob;
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::message::EnrolRequest;
use titian_sync::hub_keys::HubKeys;
use titian_sync::proof::Proofs;
use titian_sync::wire::extension::{ReplyExtensions, Want};
use tokio::runtime::Handle;

use crate::airlock::Airlock;
use crate::desk::Desk;
use crate::examine::{self, ExamineError};
use crate::store::bundle::{Addressee, FrameTaken};
use crate::store::replica::ReplicaError;

/// How often a frame is examined anew where somebody else changed what it was judged by.
const EXAMINED_MAX: usize = 5;

/// What bundles are taken and made with. Its work reads and writes files: run it off the async threads.
#[derive(Clone)]
pub struct Post {
    /// The liaison's desk, for the database and the clock.
    pub desk: Desk,
    /// The hub's keys.
    pub keys: HubKeys,
    /// What judges the gateways' changes, here as over the network.
    pub airlock: Airlock,
}

impl Post {
    /// Takes bundles: files, or all that lie in folders.
    pub async fn import(self, paths: Vec<PathBuf>) -> Result<ImportReport, BundleTrouble> {
        off_the_async_threads(move |wait| take_all(&paths, |file| self.import_one(file, wait))).await
    }

    /// Writes an answer for each of some gateways; gives the files.
    pub async fn export(self, to: Vec<Addressee>, outgoing: Outgoing) -> Result<Vec<Written>, ExportFailed> {
        off_the_async_threads(move |wait| {
            let mut written = Vec::new();
            for addressee in to {
                if let Err(trouble) = self.export_one(&addressee, &outgoing, wait, &mut written) {
                    return Err(ExportFailed { trouble, written });
                }
            }
            Ok(written)
        })
        .await
    }

    /// Reads what a file is, without taking it.
    pub async fn show(self, file: PathBuf) -> Result<(Label, Option<BundleHead>), BundleTrouble> {
        off_the_async_threads(move |_| {
            let named = self.keys.named_by(&PartSource::label_of(&file)?);
            carry::look_into(&file, named.unwrap_or_else(|| self.keys.present()))
        })
        .await
    }

    fn import_one(&self, file: &Path, wait: &Handle) -> Result<Taken, BundleTrouble> {
        let label = PartSource::label_of(file)?;
        let Some(key) = self.keys.named_by(&label).filter(|_| label.content.is_for_hub()) else {
            return Err(BundleTrouble::NotForHere(label));
        };
        let mut source = PartSource::open(file, key)?;
        let key = key.verifying_key();
        if label.content == Content::EnrolRequest {
            return self.enrol(&mut source, wait);
        }
        let mut reader = PartReader::begin(key);
        let (mut office, mut running) = (None, None::<Running>);
        loop {
            match reader.step()? {
                Read::NeedBytes => feed(&mut reader, &mut source)?,
                Read::NeedSender(head) => {
                    if head.sender != Sender::Gateway || label != label_of(Content::Request, &head, &key) {
                        return Err(BundleTrouble::Damaged(None));
                    }
                    let found = wait.block_on(self.desk.store.device(head.device))?;
                    let (row, theirs) = found.ok_or(BundleTrouble::UnknownGateway)?;
                    if row.revoked {
                        return Err(BundleTrouble::Revoked);
                    }
                    if theirs != head.gateway.office {
                        return Err(BundleTrouble::UnknownGateway);
                    }
                    office = Some(theirs);
                    reader.sender(row.key)?;
                }
                Read::Head(head) => {
                    running = Some(Running {
                        taken: Taken::nothing_of(Content::Request, &head),
                        office: office.take().ok_or(BadBundle::Driver)?,
                        head,
                    });
                }
                Read::Frame(frame) => {
                    let running = running.as_mut().ok_or(BadBundle::Driver)?;
                    wait.block_on(self.take_frame(running, Arc::new(frame)))?;
                }
                Read::Piece(piece) => {
                    let Running { taken, office, .. } = running.as_mut().ok_or(BadBundle::Driver)?;
                    let scope = (office.clone(), self.desk.files.clone());
                    let kept = wait.block_on(self.desk.store.keep_piece(scope, piece.piece));
                    taken.count(kept.map_err(trouble)?);
                    taken.more_parts = piece.more;
                }
                Read::Done => {
                    let Running {
                        mut taken,
                        office,
                        head,
                    } = running.ok_or(BadBundle::Driver)?;
                    let ended = self
                        .desk
                        .store
                        .end_bundle(self.desk.rules.clone(), self.stamp(), (office, head, key));
                    taken.in_sync = wait.block_on(ended).map_err(trouble)?;
                    return Ok(taken);
                }
            }
        }
    }

    /// Takes a frame. As over the network, nothing of it is opened before the airlock has judged it.
    async fn take_frame(&self, running: &mut Running, frame: Arc<BundleFrame>) -> Result<(), BundleTrouble> {
        let Running { taken, office, head } = running;
        let (store, count) = (&self.desk.store, frame.items.len() as u64);
        let mut tries = 1;
        let came = loop {
            let examined = examine::frame((store, &self.airlock), office, head.device, &frame.items).await;
            let came = store.take_bundle_frame(
                self.desk.rules.clone(),
                self.stamp(),
                (office.clone(), head.clone()),
                Arc::clone(&frame),
                examined.map_err(unexamined)?,
            );
            match came.await {
                // The serving hub took something of the same complaint meanwhile.
                Err(ReplicaError::Overtaken) if tries < EXAMINED_MAX => tries += 1,
                came => break came.map_err(trouble)?,
            }
        };
        let FrameTaken::Taken {
            new_items,
            aside_items,
            ahead,
        } = came
        else {
            return Err(BundleTrouble::QuarantineFull);
        };
        taken.new_items += new_items;
        taken.aside_items += aside_items;
        taken.known_items += count.saturating_sub(new_items + aside_items);
        taken.waits_for_earlier |= ahead;
        taken.more_parts = frame.more;
        Ok(())
    }

    /// Gives what makes a fresh stamp for every event.
    fn stamp(&self) -> impl Fn(&str) -> Stamp + Send + 'static + use<> {
        let desk = self.desk.clone();
        move |staff: &str| desk.stamp(staff)
    }

    fn enrol(&self, source: &mut PartSource, wait: &Handle) -> Result<Taken, BundleTrouble> {
        let request = EnrolRequest::from_json(&source.read_message()?).map_err(|_| BundleTrouble::Damaged(None))?;
        let now = self.desk.now();
        let enrolled = wait.block_on(self.desk.store.enrol_by_bundle(self.keys.clone(), request, now))??;
        Ok(Taken {
            content: Content::EnrolRequest.word(),
            gateway: format!("{}/{}", enrolled.office, enrolled.letter),
            part: 1,
            made_at: now,
            ..Taken::default()
        })
    }

    fn export_one(
        &self,
        to: &Addressee,
        outgoing: &Outgoing,
        wait: &Handle,
        files: &mut Vec<Written>,
    ) -> Result<(), BundleTrouble> {
        let now = self.desk.now();
        let bundle: [u8; 16] = self.desk.clock.random();
        // Whatever it knows of a change of keys: this one it trusts.
        let signer = self.keys.known_to(to.hub_key);
        let hub = signer.verifying_key();
        let stem = self.stem(to, now, bundle);
        if let Some(answer) = &to.enrol_answer {
            let label = Label::new(Content::EnrolReply, to.name.clone(), Fingerprint::of(&hub));
            let mut file = PartFile::begin(&outgoing.folder, &format!("{stem}_0-join.{ENDING}"), &label, None)?;
            file.write(answer)?;
            files.push(file.finish()?);
        }
        let office = to.name.office.clone();
        let (scope, start) = ((office.clone(), self.desk.files.clone()), self.desk.clock.random());
        let answer = wait.block_on(self.desk.store.answer_for(to.device, scope, outgoing.all, start))?;
        let head = BundleHead {
            sender: Sender::Hub {
                cursor_unknown: answer.cursor_unknown,
            },
            device: to.device,
            gateway: to.name.clone(),
            bundle,
            part: 1,
            made_at: now,
            newest_dictionary: dictionary::NEWEST,
            dictionary: answer.dictionary.min(dictionary::NEWEST),
            anew: false,
            start: answer.start.mark(),
            end: answer.end.mark(),
            holds: answer.acked.mark(),
            digest: answer.digest,
            extensions: ReplyExtensions {
                quarantined: Some(answer.aside),
                wants: answer.lacks,
                audit: Some(answer.audit_end.into()),
                keys: self.keys.said_by(signer),
            },
        };
        let label = label_of(Content::Reply, &head, &hub);
        let keys = Keys {
            sender: signer.clone(),
            receiver: to.key,
        };
        let to_folder = Destination {
            folder: &outgoing.folder,
            stem: &stem,
            label: &label,
            receiver: &to.key,
        };
        let mut writer = Writer::begin(keys, head, answer.start, answer.end.position, Some(answer.end))
            .with_parts_of(outgoing.part_bytes)
            .with_files(if outgoing.attachments { &answer.wanted } else { &[] });
        let mut log = OfficeLog {
            post: self,
            wait,
            office,
            proofs: self.keys.proofs().clone(),
        };
        carry::write_parts(&mut writer, &to_folder, files, &mut log)
    }

    fn stem(&self, to: &Addressee, now: UnixMillis, bundle: [u8; 16]) -> String {
        let way = format!("hub_{}-{}", to.name.office, to.name.letter);
        carry::stem(&way, now.local(self.desk.rules.procedure.zone), bundle)
    }
}

fn label_of(content: Content, head: &BundleHead, hub: &VerifyingKey) -> Label {
    Label::new(content, head.gateway.clone(), Fingerprint::of(hub))
}

/// A part that is being taken.
struct Running {
    taken: Taken,
    office: OfficeCode,
    head: BundleHead,
}

/// What an answer is made of.
struct OfficeLog<'a> {
    post: &'a Post,
    wait: &'a Handle,
    office: OfficeCode,
    proofs: Proofs,
}

impl Log for OfficeLog<'_> {
    fn entries(&mut self, after: u64, until: u64) -> Result<Vec<LogEntry>, StoreError> {
        let store = &self.post.desk.store;
        // Also what the gateway brought itself: a stick has the room, and whatever it lost or never had comes too.
        let mut entries = self
            .wait
            .block_on(store.entries(self.office.clone(), (after, until), None))?;
        // A hub that is restored some day knows its own handlings again by this.
        for entry in &mut entries {
            entry.item = self.proofs.prove(entry.item.clone());
        }
        Ok(entries)
    }

    fn file(&mut self, want: Want) -> Result<Option<Blob>, StoreError> {
        let desk = &self.post.desk;
        self.wait
            .block_on(desk.store.file(desk.files.clone(), self.office.clone(), want))
    }
}

fn unexamined(error: ExamineError) -> BundleTrouble {
    match error {
        ExamineError::Store(error) => error.into(),
        ExamineError::Airlock(error) => BundleTrouble::Internal(error.into()),
    }
}

fn trouble(error: ReplicaError) -> BundleTrouble {
    match error {
        ReplicaError::Store(error) => error.into(),
        ReplicaError::Piece(error) => error.into(),
        error @ ReplicaError::Overtaken => BundleTrouble::Internal(error.into()),
    }
}

/// Which gateways somebody means: `all`, an office, or one gateway as `63.01.03/A`.
pub fn office_and_letter(text: &str) -> Option<(Option<OfficeCode>, Option<String>)> {
    if text == "all" {
        return Some((None, None));
    }
    match text.split_once('/') {
        Some((office, letter)) => Some((Some(office.parse().ok()?), Some(letter.to_owned()))),
        None => Some((Some(text.parse().ok()?), None)),
    }
}

#[cfg(test)]
mod tests;
