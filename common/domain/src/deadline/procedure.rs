//! The procedure's steps and limits as data: a setting.

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::time::Zone;

/// No step of any procedure takes longer; a larger number in a setting is a slip of the hand.
pub const LIMIT_DAYS_MAX: u32 = 90;

/// A step of the procedure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The office received the complaint.
    Received,
    /// The office verifies it.
    Verify,
    /// The office forwards it, until the liaison has received it.
    Forward,
    /// The liaison enters it in LAPOR.
    Enter,
    /// The liaison watches until the coordinator disposes it.
    WatchDisposition,
}

/// Which days count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DayCount {
    /// Monday to Friday, without holidays and collective leave.
    #[default]
    #[serde(rename = "working_days")]
    Working,
    /// Every day.
    #[serde(rename = "calendar_days")]
    Calendar,
}

/// How long a step may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    /// Which step.
    pub step: Step,
    /// Within how many days; `None`: without limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// The procedure. As a setting, all of it may be left out, and a step that is not listed keeps its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Setting")]
pub struct Procedure {
    /// Which days count.
    pub count: DayCount,
    /// Where a day ends.
    pub zone: Zone,
    /// The five steps in order.
    pub steps: [StepRule; Step::ALL.len()],
}

/// What is wrong with a procedure setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProcedureError {
    /// A step is listed twice.
    #[error("step `{}` is listed twice; remove one of the two", .0.code())]
    Twice(Step),
    /// The first step cannot be late: everything begins with it.
    #[error("step `received` has no limit; remove its `days`")]
    ReceivedHasNoLimit,
    /// Not a sensible number of days.
    #[error("step `{}`: `days` must be from 1 to {LIMIT_DAYS_MAX}; leave it out for no limit", .0.code())]
    Days(Step),
}

/// The procedure as it is written in a setting.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Setting {
    count: DayCount,
    zone: Zone,
    steps: Vec<StepRule>,
}

impl Step {
    /// The five steps in order.
    pub const ALL: [Self; 5] = [
        Self::Received,
        Self::Verify,
        Self::Forward,
        Self::Enter,
        Self::WatchDisposition,
    ];

    /// Gives the word that settings and the command line use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Verify => "verify",
            Self::Forward => "forward",
            Self::Enter => "enter",
            Self::WatchDisposition => "watch_disposition",
        }
    }

    /// Names the step on a screen.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Self::Received => lang.pick("Diterima", "Received"),
            Self::Verify => lang.pick("Verifikasi", "Verify"),
            Self::Forward => lang.pick("Teruskan ke penghubung", "Forward to the liaison"),
            Self::Enter => lang.pick("Masukkan ke LAPOR", "Enter in LAPOR"),
            Self::WatchDisposition => lang.pick("Pantau disposisi", "Watch the disposition"),
        }
    }
}

impl Procedure {
    /// Gives within how many days a step is to be done; `None`: without limit.
    pub fn limit(&self, step: Step) -> Option<u32> {
        self.steps.iter().find(|rule| rule.step == step)?.days
    }
}

/// The procedure of Kabupaten Tanah Laut (2023). It says "day"; that a working day is meant is the safer reading
/// for an office that is closed on the others.
impl Default for Procedure {
    fn default() -> Self {
        let rule = |step| {
            let days = match step {
                Step::Received => None,
                Step::Verify | Step::Forward | Step::Enter => Some(1),
                Step::WatchDisposition => Some(3),
            };
            StepRule { step, days }
        };
        Self {
            count: DayCount::default(),
            zone: Zone::default(),
            steps: Step::ALL.map(rule),
        }
    }
}

impl TryFrom<Setting> for Procedure {
    type Error = ProcedureError;

    fn try_from(setting: Setting) -> Result<Self, ProcedureError> {
        let mut procedure = Self {
            count: setting.count,
            zone: setting.zone,
            ..Self::default()
        };
        for (index, rule) in setting.steps.iter().enumerate() {
            if setting.steps[..index].iter().any(|other| other.step == rule.step) {
                return Err(ProcedureError::Twice(rule.step));
            }
            match rule.days {
                Some(_) if rule.step == Step::Received => return Err(ProcedureError::ReceivedHasNoLimit),
                Some(days) if !(1..=LIMIT_DAYS_MAX).contains(&days) => return Err(ProcedureError::Days(rule.step)),
                _ => {}
            }
            for known in &mut procedure.steps {
                if known.step == rule.step {
                    *known = *rule;
                }
            }
        }
        Ok(procedure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Procedure, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_setting_is_the_procedure_of_tanah_laut() {
        let procedure = read("{}").unwrap();
        assert_eq!(procedure, Procedure::default());
        assert_eq!(
            Step::ALL.map(|step| procedure.limit(step)),
            [None, Some(1), Some(1), Some(1), Some(3)]
        );
        assert_eq!((procedure.count, procedure.zone), (DayCount::Working, Zone::Wita));
    }

    #[test]
    fn a_setting_changes_what_it_names_and_reads_back() {
        let text = r#"{"count":"calendar_days","zone":"Asia/Jayapura","steps":[{"step":"enter","days":2},{"step":"watch_disposition"}]}"#;
        let procedure = read(text).unwrap();
        assert_eq!(
            Step::ALL.map(|step| procedure.limit(step)),
            [None, Some(1), Some(1), Some(2), None]
        );
        assert_eq!((procedure.count, procedure.zone), (DayCount::Calendar, Zone::Wit));
        assert_eq!(read(&serde_json::to_string(&procedure).unwrap()), Ok(procedure));
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_refused() {
        let refused = |steps: &str| read(&format!(r#"{{"steps":[{steps}]}}"#)).unwrap_err();
        assert!(refused(r#"{"step":"verify","days":0}"#).starts_with("step `verify`: `days` must be from 1 to 90"));
        assert!(refused(r#"{"step":"verify","days":91}"#).contains("leave it out for no limit"));
        assert!(refused(r#"{"step":"received","days":1}"#).contains("has no limit"));
        assert!(refused(r#"{"step":"enter"},{"step":"enter","days":2}"#).contains("`enter` is listed twice"));
        assert!(read(r#"{"hari":1}"#).is_err());
    }
}
