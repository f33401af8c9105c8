//! Bundles at the hub: what offices bring on a stick is taken, and answers are made for them to carry back.

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use titian_domain::id::OfficeCode;
use titian_domain::time::UnixMillis;
use titian_host::bundle::carry::{self, Destination, feed, off_the_async_threads};
use titian_host::bundle::{BundleTrouble, ENDING, ImportReport, PartFile, PartSource, Taken, Written, search};
use titian_sync::bundle::head::{BundleHead, Sender};
use titian_sync::bundle::label::{Content, Label};
use titian_sync::bundle::read::{BadBundle, PartReader, Read};
use titian_sync::bundle::write::{Keys, Writer};
use titian_sync::dictionary;
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::message::EnrolRequest;
use titian_sync::proof::Proofs;
use titian_sync::wire::extension::ReplyExtensions;
use tokio::runtime::Handle;

use crate::desk::Desk;
use crate::store::bundle::Addressee;
use crate::store::replica::ReplicaError;

/// What bundles are taken and made with. Its work reads and writes files: run it off the async threads.
#[derive(Clone)]
pub struct Post {
    /// The liaison's desk, for the database and the clock.
    pub desk: Desk,
    /// The hub's key.
    pub key: SigningKey,
}

/// Where answers go, and what is in them.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The folder, usually on a stick.
    pub folder: PathBuf,
    /// Everything from the start, also what the gateway brought itself.
    pub all: bool,
    /// How large a part may become.
    pub part_bytes: usize,
}

impl Post {
    /// Takes bundles: files, or all that lie in folders.
    pub async fn import(self, paths: Vec<PathBuf>) -> Result<ImportReport, BundleTrouble> {
        off_the_async_threads(move |wait| {
            let mut report = ImportReport::default();
            for file in search::bundles(&paths)? {
                let result = self.import_one(&file, wait);
                if let Err(trouble) = &result {
                    tracing::warn!(
                        bundle.trouble = trouble.kind(),
                        "a bundle was not taken, or not all of it"
                    );
                }
                report.push(&file, result);
            }
            Ok(report)
        })
        .await
    }

    /// Writes an answer for each of some gateways; gives the files.
    pub async fn export(self, to: Vec<Addressee>, outgoing: Outgoing) -> Result<Vec<Written>, BundleTrouble> {
        off_the_async_threads(move |wait| {
            let mut files = Vec::new();
            for addressee in to {
                self.export_one(&addressee, &outgoing, wait, &mut files)?;
            }
            Ok(files)
        })
        .await
    }

    /// Reads what a file is, without taking it.
    pub async fn show(self, file: PathBuf) -> Result<(Label, Option<BundleHead>), BundleTrouble> {
        off_the_async_threads(move |_| carry::look_into(&file, &self.key)).await
    }

    fn import_one(&self, file: &Path, wait: &Handle) -> Result<Taken, BundleTrouble> {
        let mut source = PartSource::open(file, &self.key)?;
        let label = source.label.clone();
        if !label.content.is_for_hub() || !label.is_of_hub(&self.key.verifying_key()) {
            return Err(BundleTrouble::NotForHere(label));
        }
        if label.content == Content::EnrolRequest {
            return self.enrol(&mut source, wait);
        }
        let mut reader = PartReader::begin(self.key.verifying_key());
        let (mut taken, mut office, mut said) = (None, None, None);
        loop {
            match reader.step()? {
                Read::NeedBytes => feed(&mut reader, &mut source)?,
                Read::NeedSender(head) => {
                    if head.sender != Sender::Gateway || label != self.label(Content::Request, &head) {
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
                    taken = Some(nothing_yet(&head));
                    said = Some(head);
                }
                Read::Frame(frame) => {
                    let (Some(taken), Some(office), Some(head)) = (&mut taken, &office, &said) else {
                        return Err(BadBundle::Driver.into());
                    };
                    taken.more_parts = frame.more;
                    let desk = self.desk.clone();
                    let stamp = move |staff: &str| desk.stamp(staff);
                    let store = &self.desk.store;
                    let came = wait
                        .block_on(store.take_bundle_frame(
                            self.desk.rules.clone(),
                            stamp,
                            office.clone(),
                            head.clone(),
                            frame,
                        ))
                        .map_err(trouble)?;
                    taken.new_items += came.new_items;
                    taken.known_items += came.known_items;
                    taken.waits_for_earlier |= came.ahead;
                }
                Read::Done => {
                    let (Some(mut taken), Some(office), Some(head)) = (taken, office, said) else {
                        return Err(BadBundle::Driver.into());
                    };
                    let desk = self.desk.clone();
                    let stamp = move |staff: &str| desk.stamp(staff);
                    let ended = self.desk.store.end_bundle(stamp, self.desk.rules.clone(), office, head);
                    taken.in_sync = wait.block_on(ended).map_err(trouble)?;
                    return Ok(taken);
                }
            }
        }
    }

    fn enrol(&self, source: &mut PartSource, wait: &Handle) -> Result<Taken, BundleTrouble> {
        let request = EnrolRequest::from_json(&source.read_message()?).map_err(|_| BundleTrouble::Damaged(None))?;
        let now = self.desk.now();
        let enrolled = wait.block_on(self.desk.store.enrol_by_bundle(self.key.clone(), request, now))??;
        Ok(Taken {
            content: Content::EnrolRequest.word(),
            gateway: format!("{}/{}", enrolled.office, enrolled.letter),
            part: 1,
            more_parts: false,
            made_at: now,
            new_items: 0,
            known_items: 0,
            waits_for_earlier: false,
            in_sync: false,
            restored: false,
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
        let hub = Fingerprint::of(&self.key.verifying_key());
        let stem = self.stem(to, now, bundle);
        if let Some(answer) = &to.enrol_answer {
            let label = Label::new(Content::EnrolReply, to.name.clone(), hub);
            let mut file = PartFile::begin(&outgoing.folder, &format!("{stem}_0-join.{ENDING}"), &label, None)?;
            file.write(answer)?;
            files.push(file.finish()?);
        }
        let office = to.name.office.clone();
        let answer = wait.block_on(self.desk.store.answer_for(to.device, office.clone(), outgoing.all))?;
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
            holds: answer.acked.mark(),
            digest: answer.digest,
            extensions: ReplyExtensions::default(),
        };
        let label = self.label(Content::Reply, &head);
        let keys = Keys {
            sender: self.key.clone(),
            receiver: to.key,
        };
        let to_folder = Destination {
            folder: &outgoing.folder,
            stem: &stem,
            label: &label,
            receiver: &to.key,
            clock: &self.desk.clock,
        };
        let mut writer = Writer::begin(keys, head, answer.start, answer.end.position, Some(answer.end))
            .with_parts_of(outgoing.part_bytes);
        let (skip, proofs) = ((!answer.mine_too).then_some(to.device), Proofs::of_hub(&self.key));
        carry::write_parts(&mut writer, &to_folder, files, |after, until| {
            let mut entries = wait.block_on(self.desk.store.entries(office.clone(), (after, until), skip))?;
            // A hub that is restored some day knows its own handlings again by this.
            for entry in &mut entries {
                entry.item = proofs.prove(entry.item.clone());
            }
            Ok(entries)
        })
    }

    /// The name of a file without its part: for whom, when, and something that no other has.
    fn stem(&self, to: &Addressee, now: UnixMillis, bundle: [u8; 16]) -> String {
        let time = now.local(self.desk.rules.procedure.zone).format("%Y%m%d-%H%M");
        let unique = u32::from_le_bytes([bundle[0], bundle[1], bundle[2], bundle[3]]);
        let (office, letter) = (&to.name.office, &to.name.letter);
        format!("titian_hub_{office}-{letter}_{time}_{unique:08x}")
    }

    fn label(&self, content: Content, head: &BundleHead) -> Label {
        Label::new(
            content,
            head.gateway.clone(),
            Fingerprint::of(&self.key.verifying_key()),
        )
    }
}

fn nothing_yet(head: &BundleHead) -> Taken {
    Taken {
        content: Content::Request.word(),
        gateway: head.gateway.to_string(),
        part: head.part,
        more_parts: false,
        made_at: head.made_at,
        new_items: 0,
        known_items: 0,
        waits_for_earlier: false,
        in_sync: false,
        restored: false,
    }
}

fn trouble(error: ReplicaError) -> BundleTrouble {
    match error {
        ReplicaError::Store(error) => error.into(),
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
