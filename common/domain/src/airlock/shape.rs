//! One change by itself: who wrote it, what it writes, within which limits.

use std::ops::RangeInclusive;

use automerge::legacy::Op;
use automerge::{Change, ScalarValue};

use super::Reason;
use crate::document::{self, BadChange, EVENT_KEY_LEN, OPERATIONS_MAX};
use crate::event::{Event, HandlingEvent, IntakeEvent};
use crate::id::{EventId, OfficeCode, RegisterNumber};
use crate::particulars::{Field, TEXT_CHARS_MAX};

/// A staff member's name: a line of text, four bytes a letter.
const MESSAGE_BYTES_MAX: usize = TEXT_CHARS_MAX * 4;
/// A note of a thousand letters, each escaped, and who and when.
const EVENT_BYTES_MAX: usize = 16 * 1024;
/// The version of the documents' schema is a small number.
const SCHEMA_DIGITS_MAX: usize = 4;
/// From 1970 to the end of 9999, which every page can show.
const INSTANTS_MILLIS: RangeInclusive<i64> = 0..=253_402_214_399_999;
/// What automerge writes before an actor that edits an older state, then a small number, then the actor itself.
const CONCURRENT_ACTOR: [u8; 4] = [0x13, 0xb2, 0x23, 0x09];
/// An actor is an incarnation.
const INCARNATION_BYTES: usize = 16;
/// One office does not edit more than 2^14 older states of one complaint at once.
const CONCURRENCY_BYTES_MAX: usize = 2;

/// A change whose shape is right.
pub(super) struct Shaped {
    pub change: Change,
    /// The events that it appends.
    pub events: Vec<String>,
    /// Whether it gives the complaint its number: only the first change does.
    pub begins: bool,
}

/// Takes a change apart, without knowing any other.
pub(super) fn shape(office: &OfficeCode, bytes: &[u8]) -> Result<Shaped, Reason> {
    let change = document::read(bytes).map_err(Reason::from)?;
    writer(&change)?;
    if change
        .message()
        .is_some_and(|message| message.len() > MESSAGE_BYTES_MAX)
    {
        return Err(Reason::TooLarge);
    }
    if !change.extra_bytes().is_empty() {
        return Err(Reason::Nested);
    }
    let millis = change.timestamp().saturating_mul(1000);
    if !INSTANTS_MILLIS.contains(&millis) || change.seq() == 0 {
        return Err(Reason::Counter);
    }
    if change.is_empty() {
        return Err(Reason::Nested);
    }
    if change.len() > OPERATIONS_MAX {
        return Err(Reason::TooLarge);
    }
    let operations = document::operations(&change).map_err(Reason::from)?;
    let mut shaped = Shaped {
        change,
        events: Vec::new(),
        begins: false,
    };
    for operation in &operations {
        shaped.take(office, operation)?;
    }
    Ok(shaped)
}

impl Shaped {
    fn take(&mut self, office: &OfficeCode, operation: &Op) -> Result<(), Reason> {
        let (key, value) = match document::plain(operation).ok_or(Reason::Nested)? {
            (key, Some(value)) => (key, value),
            (key, None) => return taken_away(key),
        };
        match key {
            "schema" => {
                self.begins = true;
                schema(value)
            }
            "register" => {
                self.begins = true;
                register(office, value)
            }
            name => {
                if let Ok(known) = name.parse() {
                    return field(known, value);
                }
                // Events are append-only: one that replaces another is no event.
                if operation.pred.iter().next().is_some() || self.events.iter().any(|other| other == name) {
                    return Err(Reason::Event);
                }
                self.events.push(name.to_owned());
                event(name, value)
            }
        }
    }
}

/// An actor is a registered incarnation, or the form of it that automerge makes for an edit of an older state.
fn writer(change: &Change) -> Result<(), Reason> {
    let actor = change.actor_id().to_bytes();
    let level = actor.len().checked_sub(INCARNATION_BYTES).ok_or(Reason::Writer)?;
    let right = match actor[..level].strip_prefix(&CONCURRENT_ACTOR) {
        Some(level) => (1..=CONCURRENCY_BYTES_MAX).contains(&level.len()),
        None => level == 0,
    };
    if right { Ok(()) } else { Err(Reason::Writer) }
}

/// A field's other values may be taken away, to settle a conflict; numbers and events stay.
fn taken_away(key: &str) -> Result<(), Reason> {
    match key {
        "schema" | "register" => Err(Reason::Register),
        _ if key.len() == EVENT_KEY_LEN => Err(Reason::Event),
        _ => key.parse::<Field>().map(|_| ()).map_err(|_| Reason::Field),
    }
}

fn schema(value: &ScalarValue) -> Result<(), Reason> {
    match value {
        ScalarValue::Str(text) if (1..=SCHEMA_DIGITS_MAX).contains(&text.len()) => {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            if digits { Ok(()) } else { Err(Reason::Field) }
        }
        _ => Err(Reason::Field),
    }
}

fn register(office: &OfficeCode, value: &ScalarValue) -> Result<(), Reason> {
    let ScalarValue::Str(text) = value else {
        return Err(Reason::Register);
    };
    let number: RegisterNumber = text.parse().map_err(|_| Reason::Register)?;
    // Written back as read, so that one number has one form; and of this office, whose list it appears in.
    if number.office == *office && number.to_string() == text.as_str() {
        Ok(())
    } else {
        Err(Reason::Register)
    }
}

fn field(field: Field, value: &ScalarValue) -> Result<(), Reason> {
    let right = match (field, value) {
        (Field::ReceivedAt, ScalarValue::Int(millis)) => return instant(*millis),
        (Field::Anonymous | Field::Confidential, ScalarValue::Boolean(_)) => true,
        (Field::Reporter, ScalarValue::Bytes(hash)) => hash.len() == 32,
        (Field::Reporter, ScalarValue::Str(text)) => text.is_empty(),
        (Field::ReceivedAt | Field::Anonymous | Field::Confidential, _) => false,
        (_, ScalarValue::Str(text)) => {
            if text.chars().count() > field.chars_max() {
                return Err(Reason::TooLarge);
            }
            true
        }
        _ => false,
    };
    if right { Ok(()) } else { Err(Reason::Field) }
}

fn event(key: &str, value: &ScalarValue) -> Result<(), Reason> {
    if key.len() != EVENT_KEY_LEN {
        return Err(Reason::Field);
    }
    let id: EventId = key.parse().map_err(|_| Reason::Field)?;
    // One event has one key, so that all replicas read the same.
    if id.to_string() != key {
        return Err(Reason::Field);
    }
    instant(id.millis())?;
    let ScalarValue::Str(text) = value else {
        return Err(Reason::Event);
    };
    if text.len() > EVENT_BYTES_MAX {
        return Err(Reason::TooLarge);
    }
    let event = Event::<IntakeEvent>::from_text(id, text).ok_or(Reason::Event)?;
    instant(event.at.0)?;
    if event.what != IntakeEvent::Unknown {
        return Ok(());
    }
    // A kind that this program does not know may be a newer program's; one that it knows as the hub's may not.
    match Event::<HandlingEvent>::from_text(id, text) {
        Some(event) if event.what != HandlingEvent::Unknown => Err(Reason::HubsOwn),
        _ => Ok(()),
    }
}

fn instant(millis: i64) -> Result<(), Reason> {
    if INSTANTS_MILLIS.contains(&millis) {
        Ok(())
    } else {
        Err(Reason::Counter)
    }
}

impl From<BadChange> for Reason {
    fn from(bad: BadChange) -> Self {
        match bad {
            BadChange::Unreadable => Self::Unreadable,
            BadChange::Unprocessable => Self::Unprocessable,
            BadChange::Contradicts => Self::Contradicts,
            BadChange::Foreign => Self::Nested,
        }
    }
}
