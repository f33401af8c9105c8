//! A share of the runs writes real case files: what offices and the hub read of the same changes has to be the same.

use titian_domain::casefile::CaseFile;
use titian_domain::completeness::Missing;
use titian_domain::document::{Change, Stamp};
use titian_domain::id::{ComplaintId, EventId, Incarnation};
use titian_domain::particulars::Particulars;
use titian_domain::reporter::Reporter;
use titian_domain::time::UnixMillis;
use titian_domain::vocabulary::{Channel, Classification};
use titian_sync::item::{Item, ItemKind};

use crate::world::{Actor, Dice, Log};
use crate::{Simulation, run_seeds};

/// The share of real case files: they take longer.
const REAL_SEEDS: u64 = 150;

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

fn stamp(dice: &mut Dice, actor: &Actor) -> Stamp {
    Stamp {
        at: NOW,
        trusted: true,
        staff: "siti".into(),
        event: EventId::new(NOW, dice.bytes()),
        incarnation: Incarnation(actor.incarnation),
    }
}

pub fn load(log: &Log, id: ComplaintId) -> CaseFile {
    let of = |kind: ItemKind| {
        let items = log.entries.iter().map(|(item, ..)| item);
        items
            .filter(move |item| item.kind() == kind && item.complaint() == Some(id))
            .map(Item::body)
    };
    CaseFile::load(id, of(ItemKind::Intake), of(ItemKind::Handling))
}

/// An office takes a step with one of its complaints, or records one.
pub fn capture(log: &mut Log, dice: &mut Dice, actor: &Actor) {
    log.append(&Item::incarnation(Incarnation(actor.incarnation)), 0);
    let known = log.complaints();
    let by = stamp(dice, actor);
    if known.is_empty() || dice.below(3) == 0 {
        let id = ComplaintId::new(NOW, dice.bytes());
        let register = format!("63.01.03/A/2026/{:04}", 1 + dice.below(9_000)).parse().unwrap();
        let particulars = Particulars {
            classification: Some(Classification::Complaint),
            category: "Infrastruktur".into(),
            title: "Jembatan lapuk".into(),
            narrative: "Papan jembatan lapuk dan dua anak sudah terperosok.".into(),
            event_date: "2026-03-09".into(),
            place: "RT 4".into(),
            institution: "Dinas PUPR".into(),
            why_nameless: "takut".into(),
            why_unreachable: "tidak punya telepon".into(),
            ..Particulars::new(Channel::Visit, NOW)
        };
        let (_, change) = CaseFile::record(id, &register, &particulars, &by).unwrap();
        return append(log, id, ItemKind::Intake, change);
    }
    let id = known[dice.below(known.len())];
    let mut case = load(log, id);
    let Some(complaint) = case.complaint() else { return };
    // What the procedure does not allow now is not done.
    let change = match dice.below(5) {
        0 => case.verify(Reporter::None, &by).ok(),
        1 | 2 => case.forward(Reporter::None, &by).ok(),
        3 => case.note("dihubungi lagi", &by).ok(),
        _ => {
            let particulars = Particulars {
                place: format!("RT {}", dice.below(20)),
                ..complaint.particulars
            };
            let base = case.intake_heads();
            case.amend(&base, &particulars, &by).ok().flatten()
        }
    };
    if let Some(change) = change {
        append(log, id, ItemKind::Intake, change);
    }
}

/// The hub takes a step with one of an office's complaints.
pub fn handle(log: &mut Log, dice: &mut Dice, actor: &Actor) {
    let known = log.complaints();
    let id = known[dice.below(known.len())];
    let mut case = load(log, id);
    if case.complaint().is_none() {
        return;
    }
    let by = stamp(dice, actor);
    let change = match dice.below(3) {
        0 => case.receive(&by),
        1 => case.accept(&by).ok(),
        _ => case.give_back(&[Missing::When], "kapan?", &by).ok(),
    };
    if let Some(change) = change {
        append(log, id, ItemKind::Handling, change);
    }
}

fn append(log: &mut Log, id: ComplaintId, kind: ItemKind, change: Change) {
    log.append(&Item::new(kind, Some(id), change.bytes).unwrap(), 0);
}

impl Simulation {
    /// Where the changes are the same, heads, stage and everything that people read are.
    pub fn invariant_the_same_changes_read_the_same(&self) {
        for gateway in &self.gateways {
            let hub = &self.hub.offices[gateway.office];
            if gateway.log.hashes != hub.hashes {
                continue;
            }
            for id in hub.complaints() {
                let (mut here, mut there) = (load(&gateway.log, id), load(hub, id));
                assert_eq!(here.intake_heads().to_string(), there.intake_heads().to_string());
                assert_eq!(here.complaint(), there.complaint());
                assert!(here.unmerged().is_empty() && here.missing_dependencies().is_empty());
            }
        }
    }
}

#[test]
fn real_case_files_read_the_same_wherever_their_changes_are() {
    let seeds = (0..REAL_SEEDS).map(|seed| seed * 1_000 + 7);
    assert_eq!(
        run_seeds(seeds, None, true),
        None,
        "a seed fails; replay it with SEED=… REAL=1 and one_seed"
    );
}
