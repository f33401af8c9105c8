//! Bundles at the gateway: what the hub has not acknowledged is written to a stick, and its answers are taken from one.

use std::path::{Path, PathBuf};

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::Serialize;
use titian_domain::id::OfficeCode;
use titian_host::audit;
use titian_host::bundle::carry::{self, Destination, Log, feed, off_the_async_threads, take_all};
use titian_host::bundle::{
    BundleTrouble, ENDING, ExportFailed, ImportReport, Outgoing, PartFile, PartSource, Taken, Written,
};
use titian_host::casebook::{log, pieces};
use titian_host::store::StoreError;
use titian_sync::bundle::head::{BundleHead, Sender};
use titian_sync::bundle::label::{Content, GatewayName, Label};
use titian_sync::bundle::read::{BadBundle, BundleFrame, BundlePiece, PartReader, Read};
use titian_sync::bundle::write::{Keys, Writer};
use titian_sync::chain::Cursor;
use titian_sync::dictionary;
use titian_sync::digest::Digest;
use titian_sync::engine::gateway::ReplicaState;
use titian_sync::engine::pieces::Blob;
use titian_sync::engine::{LogEntry, Repair};
use titian_sync::enrol::Fingerprint;
use titian_sync::enrol::message::EnrolReply;
use titian_sync::hub_keys::TrustedKeys;
use titian_sync::wire::extension::{ReplyExtensions, Want};
use tokio::runtime::Handle;

use super::enrol::keep_enrolled;
use super::{Uplink, UplinkError};
use crate::store::attachments;
use crate::store::bundle::{self, Heard};
use crate::store::device::{self, Device, Hub};

/// What an export came to.
#[derive(Clone, Debug, Serialize)]
pub struct Exported {
    /// What the files are: `request`, or `enrol-request` where the hub has to answer first.
    pub content: &'static str,
    /// The files.
    pub files: Vec<Written>,
    /// Items in them.
    pub items: u64,
    /// Attachments in them.
    pub attachments: u64,
}

impl From<UplinkError> for BundleTrouble {
    fn from(error: UplinkError) -> Self {
        match error {
            UplinkError::NotEnrolled => Self::NotJoined,
            UplinkError::Store(error) => error.into(),
            error => Self::Internal(error.into()),
        }
    }
}

impl Uplink {
    /// Writes what the hub has not acknowledged into a folder. Nothing of the state changes: exporting is not delivering.
    pub async fn export_bundle(&self, outgoing: Outgoing) -> Result<Exported, ExportFailed> {
        let device = self.device().await.map_err(BundleTrouble::from)?;
        let uplink = self.clone();
        off_the_async_threads(move |wait| match &device.hub {
            Some(hub) => uplink.write_request(&device, hub, &outgoing, wait),
            None => Ok(uplink.write_enrol_request(&device, &outgoing)?),
        })
        .await
    }

    /// Takes answers of the hub: files, or all that lie in folders.
    pub async fn import_bundles(&self, paths: Vec<PathBuf>) -> Result<ImportReport, BundleTrouble> {
        let turn = self.take_turn().await?;
        let uplink = self.clone();
        let report = off_the_async_threads(move |wait| take_all(&paths, |file| uplink.import_one(file, wait))).await;
        turn.unlock().map_err(|error| BundleTrouble::Internal(error.into()))?;
        report
    }

    /// Reads what a file is, without taking it.
    pub async fn show_bundle(&self, file: PathBuf) -> Result<(Label, Option<BundleHead>), BundleTrouble> {
        let device = self.device().await?;
        let key = SigningKey::from_bytes(&device.key);
        off_the_async_threads(move |_| carry::look_into(&file, &key)).await
    }

    fn write_enrol_request(&self, device: &Device, outgoing: &Outgoing) -> Result<Exported, BundleTrouble> {
        let (code, request) = Self::enrol_request(device)?;
        let label = Label::new(Content::EnrolRequest, name(device), code.hub);
        let file_name = format!("{}_0-join.{ENDING}", self.stem(device, self.desk.clock.random()));
        let mut file = PartFile::begin(&outgoing.folder, &file_name, &label, None)?;
        file.write(&request.to_json())?;
        Ok(Exported {
            content: Content::EnrolRequest.word(),
            files: vec![file.finish()?],
            items: 0,
            attachments: 0,
        })
    }

    fn write_request(
        &self,
        device: &Device,
        hub: &Hub,
        outgoing: &Outgoing,
        wait: &Handle,
    ) -> Result<Exported, ExportFailed> {
        let (office, files, start) = (device.office.clone(), self.files.clone(), self.desk.clock.random());
        let with_files = outgoing.attachments;
        let read = self.desk.store.read(move |conn| {
            let wants = pieces::wants_by_stick(conn, &files, &office, start)?;
            let unsent = if with_files {
                attachments::unsent(conn)?
            } else {
                Vec::new()
            };
            Ok::<_, StoreError>((log::scope(conn, &office)?, wants, unsent, audit::head(conn)?))
        });
        let (scope, wants, unsent, audit_end) = wait.block_on(read).map_err(BundleTrouble::from)?;
        let end = scope.map_or(Cursor::START, |scope| scope.cursor);
        // What differs is found by cells over HTTP; on a stick everything is sent once more.
        let all = outgoing.all || hub.replica.repair != Repair::No;
        let start = if all { Cursor::START } else { hub.replica.acked };
        let bundle: [u8; 16] = self.desk.clock.random();
        let head = BundleHead {
            sender: Sender::Gateway,
            device: hub.replica.device,
            gateway: name(device),
            bundle,
            part: 1,
            made_at: self.desk.clock.now(),
            newest_dictionary: dictionary::NEWEST,
            dictionary: hub.replica.dictionary,
            anew: all,
            start: start.mark(),
            end: end.mark(),
            holds: hub.replica.cursor.mark(),
            digest: scope.map_or(Digest::EMPTY, |scope| scope.digest).mark(),
            extensions: ReplyExtensions {
                quarantined: None,
                wants,
                audit: Some(audit_end.into()),
                keys: None,
            },
        };
        let keys = Keys {
            sender: SigningKey::from_bytes(&device.key),
            receiver: hub_keys(hub).map_err(BundleTrouble::from)?.newest(),
        };
        let label = Label::new(Content::Request, name(device), Fingerprint::of(&keys.receiver));
        let (stem, receiver) = (self.stem(device, bundle), keys.receiver);
        let to = Destination {
            folder: &outgoing.folder,
            stem: &stem,
            label: &label,
            receiver: &receiver,
        };
        let mut writer = Writer::begin(keys, head, start, end.position, None)
            .with_parts_of(outgoing.part_bytes)
            .with_files(&unsent);
        let mut log = OwnLog {
            uplink: self,
            wait,
            office: &device.office,
            items: 0,
        };
        let mut written = Vec::new();
        match carry::write_parts(&mut writer, &to, &mut written, &mut log) {
            Ok(()) => Ok(Exported {
                content: Content::Request.word(),
                files: written,
                items: log.items,
                attachments: unsent.len() as u64,
            }),
            Err(trouble) => Err(ExportFailed { trouble, written }),
        }
    }

    fn import_one(&self, file: &Path, wait: &Handle) -> Result<Taken, BundleTrouble> {
        let device = wait.block_on(self.device())?;
        let key = SigningKey::from_bytes(&device.key);
        let mut source = PartSource::open(file, &key)?;
        let label = source.label.clone();
        if label.content.is_for_hub() || label.gateway != name(&device) {
            return Err(BundleTrouble::NotForHere(label));
        }
        if label.content == Content::EnrolReply {
            return self.join(&device, &mut source, wait);
        }
        let hub = device.hub.as_ref().ok_or(BundleTrouble::NotJoined)?;
        let Some(hub_key) = hub_keys(hub)?.named_by(&label) else {
            return Err(BundleTrouble::NotForHere(label));
        };
        let mut reader = PartReader::begin(key.verifying_key());
        let mut answer: Option<RunningAnswer> = None;
        loop {
            match reader.step()? {
                Read::NeedBytes => feed(&mut reader, &mut source)?,
                Read::NeedSender(head) => {
                    if !matches!(head.sender, Sender::Hub { .. }) || head.gateway != label.gateway {
                        return Err(BundleTrouble::Damaged(None));
                    }
                    // Made for this gateway before it was enrolled anew.
                    if head.device != hub.replica.device {
                        return Err(BundleTrouble::NotForHere(label));
                    }
                    reader.sender(hub_key)?;
                }
                Read::Head(head) => answer = Some(wait.block_on(self.hear(hub_key, head))?),
                Read::Frame(frame) => {
                    let answer = answer.as_mut().ok_or(BadBundle::Driver)?;
                    wait.block_on(self.take_frame(answer, frame))?;
                }
                Read::Piece(piece) => {
                    let answer = answer.as_mut().ok_or(BadBundle::Driver)?;
                    wait.block_on(self.take_piece(answer, piece))?;
                }
                Read::Done => return answer.map(|answer| answer.taken).ok_or(BadBundle::Driver.into()),
            }
        }
    }

    fn join(&self, device: &Device, source: &mut PartSource, wait: &Handle) -> Result<Taken, BundleTrouble> {
        let body = source.read_message()?;
        let taken = Taken {
            content: Content::EnrolReply.word(),
            gateway: name(device).to_string(),
            part: 1,
            made_at: self.desk.clock.now(),
            ..Taken::default()
        };
        if device.code.is_none() {
            // It has joined already, by this answer or over the network.
            return Ok(taken);
        }
        let (code, request) = Self::enrol_request(device)?;
        let (enrolled, hub_key) = EnrolReply::open(&body, &code, &request)?;
        let made_at = enrolled.hub_time;
        wait.block_on(self.desk.store.write(move |tx| {
            // The hub's clock in it is as old as the stick's way was long: nothing is measured by it.
            Ok::<_, StoreError>(keep_enrolled(tx, &enrolled, hub_key)?)
        }))?;
        Ok(Taken { made_at, ..taken })
    }

    async fn hear(&self, signer: VerifyingKey, head: BundleHead) -> Result<RunningAnswer, BundleTrouble> {
        let (said, now) = (head.clone(), self.desk.clock.now());
        let standing = self
            .desk
            .store
            .write(move |tx| {
                let (device, mut replica) = enrolled(tx)?;
                let standing = bundle::hear(tx, &device, &mut replica, (signer, &said), now)?;
                device::keep(tx, &replica)?;
                Ok::<_, UplinkError>(standing)
            })
            .await?;
        let taken = Taken {
            restored: standing.restored,
            ..Taken::nothing_of(Content::Reply, &head)
        };
        Ok(RunningAnswer { head, standing, taken })
    }

    async fn take_frame(&self, answer: &mut RunningAnswer, frame: BundleFrame) -> Result<(), BundleTrouble> {
        let (rules, now) = (self.desk.rules.clone(), self.desk.clock.now());
        let (head, standing, more) = (answer.head.clone(), answer.standing, frame.more);
        let (came, in_sync) = self
            .desk
            .store
            .write(move |tx| {
                let (device, mut replica) = enrolled(tx)?;
                let came = bundle::take_frame(tx, &rules, (&device, &mut replica), (&head, standing), &frame)?;
                let mut in_sync = None;
                if frame.last {
                    in_sync = bundle::conclude(tx, &device, &mut replica, (&head, standing), now)?;
                }
                device::keep(tx, &replica)?;
                Ok::<_, UplinkError>((came, in_sync))
            })
            .await?;
        let taken = &mut answer.taken;
        taken.new_items += came.new_items;
        taken.known_items += came.known_items;
        taken.waits_for_earlier |= came.ahead;
        taken.more_parts = more;
        taken.in_sync = in_sync == Some(true);
        Ok(())
    }

    async fn take_piece(&self, answer: &mut RunningAnswer, piece: BundlePiece) -> Result<(), BundleTrouble> {
        let (files, now) = (self.files.clone(), self.desk.clock.now());
        let (head, standing, more) = (answer.head.clone(), answer.standing, piece.more);
        let write = self.desk.store.write(move |tx| {
            let (device, mut replica) = enrolled(tx)?;
            let came = pieces::keep_from_stick(tx, &files, &device.office, &piece.piece)?;
            let mut in_sync = None;
            if piece.last {
                in_sync = bundle::conclude(tx, &device, &mut replica, (&head, standing), now)?;
                device::keep(tx, &replica)?;
            }
            Ok::<_, UplinkError>((came, in_sync))
        });
        let (came, in_sync) = write.await?;
        answer.taken.count(came);
        answer.taken.more_parts = more;
        answer.taken.in_sync = in_sync == Some(true);
        Ok(())
    }

    fn stem(&self, device: &Device, bundle: [u8; 16]) -> String {
        let made_at = device
            .best_time(self.desk.clock.now())
            .local(self.desk.rules.procedure.zone);
        let way = format!("{}-{}_hub", device.office, device.letter);
        carry::stem(&way, made_at, bundle)
    }
}

/// An answer of which the head was taken.
struct RunningAnswer {
    head: BundleHead,
    standing: Heard,
    taken: Taken,
}

/// What the bundles of this gateway are made of.
struct OwnLog<'a> {
    uplink: &'a Uplink,
    wait: &'a Handle,
    office: &'a OfficeCode,
    /// How many items were read.
    items: u64,
}

impl Log for OwnLog<'_> {
    fn entries(&mut self, after: u64, until: u64) -> Result<Vec<LogEntry>, StoreError> {
        let office = self.office.clone();
        let read = self.uplink.desk.store.read(move |conn| {
            Ok::<_, StoreError>(log::entries(conn, &office, (after, until), log::Whose::WrittenHere)?)
        });
        let entries = self.wait.block_on(read)?;
        self.items += entries.len() as u64;
        Ok(entries)
    }

    fn file(&mut self, want: Want) -> Result<Option<Blob>, StoreError> {
        let (files, office) = (self.uplink.files.clone(), self.office.clone());
        let read = self
            .uplink
            .desk
            .store
            .read(move |conn| Ok::<_, StoreError>(pieces::read(conn, &files, &office, &want)?));
        self.wait.block_on(read)
    }
}

fn enrolled(tx: &rusqlite::Transaction<'_>) -> Result<(Device, ReplicaState), UplinkError> {
    let device = device::read(tx)?.ok_or(UplinkError::NotEnrolled)?;
    let replica = device.hub.as_ref().ok_or(UplinkError::NotEnrolled)?.replica.clone();
    Ok((device, replica))
}

fn name(device: &Device) -> GatewayName {
    GatewayName {
        office: device.office.clone(),
        letter: device.letter.clone(),
    }
}

fn hub_keys(hub: &Hub) -> Result<TrustedKeys, UplinkError> {
    hub.keys.ok_or(UplinkError::HubKey)
}
