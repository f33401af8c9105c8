//! Files as gateways bring them, good and bad, on a real database and through the airlock.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use titian_domain::airlock::Reason;
use titian_host::bundle::report::FileReport;
use titian_host::casebook::list::Filter;
use titian_sync::bundle::write::Write;
use titian_sync::chain::{Cursor, RunningHash};
use titian_sync::item::{Item, ItemKind};

use super::*;
use crate::store::replica::tests::{DEVICE_KEY, ENROLLED, HUB_KEY, Hub, START, STRANGER, forwarded};

/// A hub, and a folder that stands for a stick.
struct Rig {
    hub: Hub,
    stick: tempfile::TempDir,
}

impl Rig {
    async fn new() -> Self {
        Self {
            hub: Hub::with_a_gateway().await,
            stick: tempfile::tempdir().unwrap(),
        }
    }

    fn post(&self) -> Post {
        Post {
            desk: self.hub.desk.clone(),
            keys: SigningKey::from_bytes(&HUB_KEY).into(),
            airlock: Airlock::in_this_process(),
        }
    }

    /// Writes what a gateway's program writes, whatever the items are.
    fn file(&self, name: &str, items: &[Item]) -> PathBuf {
        let hub = SigningKey::from_bytes(&HUB_KEY).verifying_key();
        let mut hash = RunningHash::start([8; 16]);
        let log: Vec<_> = (1..)
            .zip(items)
            .map(|(position, item)| {
                hash = hash.then(item);
                LogEntry {
                    cursor: Cursor { position, hash },
                    item: item.clone(),
                }
            })
            .collect();
        let head = BundleHead {
            sender: Sender::Gateway,
            device: self.hub.device,
            gateway: "63.01.03/A".parse().unwrap(),
            bundle: [1; 16],
            part: 1,
            made_at: START,
            newest_dictionary: 1,
            dictionary: 1,
            anew: false,
            start: Cursor::START.mark(),
            end: log.last().map_or(Cursor::START, |entry| entry.cursor).mark(),
            holds: Cursor::START.mark(),
            digest: [0; 16],
            extensions: ReplyExtensions::default(),
        };
        let label = Label::new(Content::Request, head.gateway.clone(), Fingerprint::of(&hub));
        let keys = Keys {
            sender: SigningKey::from_bytes(&DEVICE_KEY),
            receiver: hub,
        };
        let mut writer = Writer::begin(keys, head, Cursor::START, log.len() as u64, None);
        let mut file = PartFile::begin(self.stick.path(), name, &label, Some(&hub)).unwrap();
        loop {
            match writer.step().unwrap() {
                Write::NeedEntries { after, .. } => {
                    writer.entries(log[usize::try_from(after).unwrap()..].to_vec());
                }
                Write::Bytes(bytes) => file.write(&bytes).unwrap(),
                Write::NeedFile(_) => writer.file(None),
                Write::EndOfPart => {}
                Write::Done => return file.finish().unwrap().path,
            }
        }
    }

    async fn import(&self, path: PathBuf) -> FileReport {
        self.post().import(vec![path]).await.unwrap().files.remove(0)
    }

    async fn complaints(&self) -> usize {
        self.hub.desk.list(Filter::default()).await.unwrap().len()
    }

    async fn acked(&self) -> u64 {
        let found = self.hub.desk.store.device(self.hub.device).await.unwrap();
        found.unwrap().0.acked.position
    }
}

fn honest() -> Vec<Item> {
    let mut items = vec![Item::incarnation(ENROLLED)];
    items.extend(forwarded(ENROLLED, 1));
    items
}

#[tokio::test]
async fn a_bundle_of_a_gateway_that_was_shut_out_is_refused_and_nothing_of_it_taken() {
    let rig = Rig::new().await;
    let path = rig.file("a.titian", &honest());
    let number = rig.hub.device;
    let shut_out = rig.hub.desk.store.door().write(move |tx| {
        let sql = "UPDATE device SET revoked_at = 1 WHERE number = ?1";
        Ok::<_, StoreError>(tx.execute(sql, [number])?)
    });
    assert_eq!(shut_out.await.unwrap(), 1);
    let report = rig.import(path).await;
    assert_eq!((report.trouble, report.taken), (Some("revoked"), None));
    assert_eq!((rig.complaints().await, rig.acked().await), (0, 0));
    let addressees = rig.hub.desk.store.addressees(None).await.unwrap();
    assert!(addressees.is_empty(), "nor is an answer made for it");
}

#[tokio::test]
async fn a_bundle_of_a_gateway_brings_no_handling() {
    let rig = Rig::new().await;
    let mut items = honest();
    let handling = |item: &Item| Item::new(ItemKind::Handling, item.complaint(), item.body().to_vec()).unwrap();
    items.push(handling(&items[1]));
    let report = rig.import(rig.file("a.titian", &items)).await;
    assert_eq!((report.trouble, report.taken), (Some("damaged"), None));
    assert_eq!((rig.complaints().await, rig.acked().await), (0, 0));
    // Not even one that the hub itself made: what it lost comes back over the network, where it is asked for.
    let proofs = Proofs::of_hub(&SigningKey::from_bytes(&HUB_KEY));
    let proved = proofs.prove(items.pop().unwrap());
    items.push(proved);
    let report = rig.import(rig.file("b.titian", &items)).await;
    assert_eq!(report.trouble, Some("damaged"));
    assert_eq!(rig.complaints().await, 0);
}

#[tokio::test]
async fn what_may_not_stand_in_a_case_file_goes_aside_and_the_rest_of_the_bundle_is_taken() {
    let rig = Rig::new().await;
    let mut items = forwarded(STRANGER, 2);
    items.extend(honest());
    let path = rig.file("a.titian", &items);
    let taken = rig.import(path.clone()).await.taken.unwrap();
    assert_eq!((taken.new_items, taken.aside_items, taken.known_items), (4, 3, 0));
    assert_eq!((rig.complaints().await, rig.acked().await), (1, 7));
    assert_eq!(rig.hub.reasons().await, [Some(Reason::Unregistered); 3]);
    assert!(taken.keys().contains(&"bundle-aside"), "and the page says so");
    let again = rig.import(path).await.taken.unwrap();
    assert_eq!((again.new_items, again.aside_items, again.known_items), (0, 3, 4));
    assert_eq!(rig.hub.reasons().await.len(), 3, "once only");
}

#[tokio::test]
async fn a_bundle_cut_at_any_byte_says_so_and_what_came_whole_is_kept() {
    let rig = Rig::new().await;
    let mut items = honest();
    // Records that do not shrink: of a file, 64 KiB open or none of them.
    let mut noise = 1_u64;
    for _ in 0..100 {
        let byte = |_| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (noise >> 56) as u8
        };
        let record = (0..4_000).map(byte).collect();
        items.push(Item::new(ItemKind::Reporter, items[1].complaint(), record).unwrap());
    }
    let whole = std::fs::read(rig.file("whole.titian", &items)).unwrap();
    let path = rig.stick.path().join("cut.titian");
    let (mut before, mut steps) = (0, 0);
    for length in (0..whole.len()).step_by(whole.len() / 60) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let report = rig.import(path.clone()).await;
        assert!(
            matches!(report.trouble, Some("damaged" | "not-a-bundle")),
            "{length}: {:?}",
            report.trouble
        );
        let acked = rig.acked().await;
        assert!(acked >= before, "{length}");
        steps += u64::from(acked > before);
        before = acked;
    }
    assert!(steps > 1, "frames were taken as far as they came");
    std::fs::write(&path, &whole).unwrap();
    let taken = rig.import(path).await.taken.unwrap();
    assert_eq!(taken.new_items + taken.known_items, items.len() as u64);
    assert_eq!(rig.acked().await, items.len() as u64);
}

#[tokio::test]
async fn an_export_that_fails_names_what_is_whole_already() {
    let rig = Rig::new().await;
    let mut addressees = rig.hub.desk.store.addressees(None).await.unwrap();
    let mut second = addressees[0].clone();
    // There is no such gateway: it fails after the first.
    second.device += 1;
    addressees.push(second);
    let outgoing = Outgoing {
        folder: rig.stick.path().to_owned(),
        all: false,
        attachments: false,
        part_bytes: 1,
    };
    let failed = rig.post().export(addressees, outgoing.clone()).await.unwrap_err();
    assert_eq!(failed.written.len(), 1);
    assert!(failed.written[0].path.is_file());
    let failure = format!("{:?}", failed.failure(&outgoing.folder));
    assert!(failure.contains("whole and usable"), "{failure}");
}
