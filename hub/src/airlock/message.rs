//! What hub and child say to each other: a length, and so many bytes.

use titian_domain::airlock::{DOCUMENT_BYTES_MAX, Reason, Verdict};
use titian_domain::id::{ComplaintId, OfficeCode};
use titian_sync::item::ITEM_BYTES_MAX;
use titian_sync::varint::{self, Malformed, Reader};

use super::Docket;
use crate::store::quarantine::QUARANTINE_BYTES_MAX;

/// Bytes of the length in front of each message.
pub(super) const LENGTH_BYTES: usize = 4;
/// A whole intake, and all that may wait for it or come with one frame.
pub(super) const MESSAGE_BYTES_MAX: usize = DOCUMENT_BYTES_MAX + QUARANTINE_BYTES_MAX + 8 * ITEM_BYTES_MAX;

const FITS: u8 = 0;
const REFUSED: u8 = 1;
const WAITS: u8 = 2;

/// A question, taken apart. The changes lie in the message.
pub(super) struct Question<'a> {
    pub office: OfficeCode,
    pub complaint: ComplaintId,
    pub held: Vec<&'a [u8]>,
    pub new: Vec<&'a [u8]>,
}

/// Writes a question, with its length in front; `None` if it is too long to be asked.
pub(super) fn question(office: &OfficeCode, docket: &Docket) -> Option<Vec<u8>> {
    let mut out = vec![0; LENGTH_BYTES];
    put_bytes(&mut out, office.as_str().as_bytes());
    out.extend_from_slice(&docket.complaint.bytes());
    for changes in [&docket.held, &docket.new] {
        varint::put(&mut out, changes.len() as u64);
        for change in changes {
            put_bytes(&mut out, change);
        }
    }
    finish(out)
}

/// Writes an answer, with its length in front.
pub(super) fn answer(verdicts: &[Verdict]) -> Option<Vec<u8>> {
    let mut out = vec![0; LENGTH_BYTES];
    for verdict in verdicts {
        match verdict {
            Verdict::Fits => out.push(FITS),
            Verdict::Refused(reason) => out.extend([REFUSED, reason.number()]),
            Verdict::Waits(missing) => {
                out.push(WAITS);
                varint::put(&mut out, missing.len() as u64);
                out.extend(missing.iter().flatten());
            }
        }
    }
    finish(out)
}

/// Gives the length that stands in front of a message; `None` if it is more than any message has.
pub(super) fn length(front: [u8; LENGTH_BYTES]) -> Option<usize> {
    let length = usize::try_from(u32::from_le_bytes(front)).ok()?;
    (length <= MESSAGE_BYTES_MAX).then_some(length)
}

/// Reads a question.
pub(super) fn read_question(message: &[u8]) -> Result<Question<'_>, Malformed> {
    let mut reader = Reader::new(message);
    let office = std::str::from_utf8(get_bytes(&mut reader)?).ok();
    let office = office.and_then(|office| office.parse().ok());
    Ok(Question {
        office: office.ok_or(Malformed::Unknown("office"))?,
        complaint: ComplaintId::from_bytes(reader.array()?),
        held: get_changes(&mut reader)?,
        new: get_changes(&mut reader)?,
    })
}

/// Reads an answer of so many verdicts.
pub(super) fn read_answer(message: &[u8], count: usize) -> Result<Vec<Verdict>, Malformed> {
    let mut reader = Reader::new(message);
    let mut verdicts = Vec::with_capacity(count);
    for _ in 0..count {
        verdicts.push(match reader.u8()? {
            FITS => Verdict::Fits,
            REFUSED => Verdict::Refused(Reason::from_number(reader.u8()?).ok_or(Malformed::Unknown("reason"))?),
            WAITS => {
                let missing = reader.limited(titian_domain::airlock::MISSING_NAMED_MAX, "missing changes")?;
                Verdict::Waits((0..missing).map(|_| reader.array()).collect::<Result<_, _>>()?)
            }
            _ => return Err(Malformed::Unknown("verdict")),
        });
    }
    if reader.is_empty() {
        Ok(verdicts)
    } else {
        Err(Malformed::Contradiction("the number of verdicts"))
    }
}

fn finish(mut out: Vec<u8>) -> Option<Vec<u8>> {
    let length = out.len() - LENGTH_BYTES;
    let front = u32::try_from(length).ok().filter(|_| length <= MESSAGE_BYTES_MAX)?;
    out[..LENGTH_BYTES].copy_from_slice(&front.to_le_bytes());
    Some(out)
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    varint::put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn get_bytes<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let length = reader.limited(MESSAGE_BYTES_MAX, "change")?;
    reader.bytes(length)
}

fn get_changes<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, Malformed> {
    // Each change has at least its length in the message, so the count cannot ask for more memory than there are bytes.
    let count = reader.limited(reader.rest().len(), "number of changes")?;
    (0..count).map(|_| get_bytes(reader)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_and_answer_read_back_and_a_torn_one_is_refused() {
        let office: OfficeCode = "63.01.03".parse().unwrap();
        let docket = Docket {
            complaint: ComplaintId::from_bytes([7; 16]),
            held: vec![vec![1; 300], vec![]],
            new: vec![vec![2]],
        };
        let bytes = question(&office, &docket).unwrap();
        let (front, message) = bytes.split_first_chunk().unwrap();
        assert_eq!(length(*front), Some(message.len()));
        let read = read_question(message).unwrap();
        assert_eq!((read.office, read.complaint), (office, docket.complaint));
        assert_eq!(read.held, [&[1; 300][..], &[]]);
        assert_eq!(read.new, [&[2][..]]);
        assert!(read_question(&message[..message.len() - 1]).is_err());

        let verdicts = [
            Verdict::Fits,
            Verdict::Refused(Reason::Nested),
            Verdict::Waits(vec![[5; 32], [6; 32]]),
        ];
        let bytes = answer(&verdicts).unwrap();
        let message = &bytes[LENGTH_BYTES..];
        assert_eq!(read_answer(message, 3).unwrap(), verdicts);
        assert!(read_answer(message, 2).is_err(), "a verdict too many");
        assert!(read_answer(message, 4).is_err(), "a verdict too few");
        assert_eq!(length([255; 4]), None);
    }
}
