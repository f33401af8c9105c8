//! What gateways bring is examined here, between a verified frame and its commit: store and airlock together.

use std::collections::BTreeMap;

use titian_domain::airlock::Verdict;
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_host::store::StoreError;
use titian_sync::item::{Item, ItemKind};

use crate::airlock::{Airlock, AirlockError, Docket, OfficeTurn, Page};
use crate::store::HubStore;
use crate::store::quarantine::{Candidate, Hearing, Ruling, Sorted};

/// What was found out about a page, for the transaction that carries it out.
#[derive(Default)]
pub struct Findings {
    /// For each item that came, by its fingerprint.
    pub rulings: BTreeMap<[u8; 32], Ruling>,
    /// For what was aside and was judged again.
    pub again: Vec<(Candidate, Verdict)>,
    /// Up to which position each judged intake was looked at.
    pub marks: Vec<(ComplaintId, u64)>,
    /// Keeps others from the office's intakes until the transaction is through.
    _turn: Option<OfficeTurn>,
}

/// Why nothing was examined.
#[derive(Debug, thiserror::Error)]
pub enum ExamineError {
    /// The airlock gave no answer.
    #[error(transparent)]
    Airlock(#[from] AirlockError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[from] StoreError),
}

/// Examines the items of a frame.
pub async fn frame(
    (store, airlock): (&HubStore, &Airlock),
    office: &OfficeCode,
    device: u64,
    items: &[Item],
) -> Result<Findings, ExamineError> {
    let mut findings = Findings {
        _turn: Some(airlock.office(office).await),
        ..Findings::default()
    };
    let mut open: BTreeMap<ComplaintId, Vec<Candidate>> = BTreeMap::new();
    let sorted = store.sort(office.clone(), device, items.to_vec()).await?;
    for (item, sorted) in items.iter().zip(sorted) {
        match (sorted, item.complaint()) {
            (Sorted::Open, Some(complaint)) => open.entry(complaint).or_default().push(Candidate {
                item: item.clone(),
                number: None,
                device,
            }),
            // Only changes are open, and each belongs to a complaint.
            (Sorted::Open, None) => {}
            (Sorted::Ruled(ruling), _) => _ = findings.rulings.insert(item.fingerprint(), ruling),
        }
    }
    let mut page = airlock.page(office.clone());
    for (complaint, candidates) in open {
        let hearing = store.hearing(office.clone(), complaint, candidates).await?;
        findings.hear(&mut page, hearing).await?;
    }
    Ok(findings)
}

/// Judges items again that are aside, all of one office; those that fit leave the quarantine with the findings.
pub async fn again(
    (store, airlock): (&HubStore, &Airlock),
    office: &OfficeCode,
    candidates: Vec<Candidate>,
) -> Result<Findings, ExamineError> {
    let mut findings = Findings {
        _turn: Some(airlock.office(office).await),
        ..Findings::default()
    };
    let mut open: BTreeMap<ComplaintId, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        let sorted = store.sort_again(office.clone(), candidate.item.clone()).await?;
        match (sorted, candidate.item.complaint()) {
            (Sorted::Open, Some(complaint)) => open.entry(complaint).or_default().push(candidate),
            (Sorted::Ruled(Ruling::Aside(reason, _)), _) => findings.again.push((candidate, Verdict::Refused(reason))),
            _ => findings.again.push((candidate, Verdict::Fits)),
        }
    }
    let mut page = airlock.page(office.clone());
    for (complaint, candidates) in open {
        let hearing = store.hearing(office.clone(), complaint, candidates).await?;
        findings.hear(&mut page, hearing).await?;
    }
    Ok(findings)
}

impl Findings {
    /// Gives what is to be done with an item that came; `None` for a change that nobody judged, which may not be taken.
    pub fn ruling(&self, item: &Item) -> Option<&Ruling> {
        let ruling = self.rulings.get(&item.fingerprint());
        ruling.or((item.kind() != ItemKind::Intake).then_some(&Ruling::Counts))
    }

    async fn hear(&mut self, page: &mut Page<'_>, hearing: Hearing) -> Result<(), ExamineError> {
        let bodies = hearing
            .candidates
            .iter()
            .map(|candidate| candidate.item.body().to_vec());
        let docket = Docket {
            complaint: hearing.complaint,
            new: bodies.collect(),
            held: hearing.held,
        };
        let verdicts = page.judge(docket).await?;
        self.marks.push((hearing.complaint, hearing.mark));
        for (candidate, verdict) in hearing.candidates.into_iter().zip(verdicts) {
            if candidate.number.is_some() {
                self.again.push((candidate, verdict));
            } else {
                let ruling = Ruling::from(verdict);
                self.rulings.insert(candidate.item.fingerprint(), ruling);
            }
        }
        Ok(())
    }
}
