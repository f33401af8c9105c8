//! The compression dictionaries that are shipped in the program, by number, and the trainer that makes them.

use std::sync::LazyLock;

use zstd::dict::DecoderDictionary;

use crate::wire::words::Words;

/// The newest dictionary. Both sides hold all up to the newest they name, so a number says everything.
pub const NEWEST: u64 = 1;

/// What a trained dictionary may take. Measured: smaller ones cost more on the wire; larger ones save next to nothing,
/// and cost each exchange the time to load them.
pub const DICTIONARY_BYTES_MAX: usize = 24 * 1024;

/// A dictionary ready for use: made once. (The compressor loads its own at each exchange that carries something, in a
/// millisecond: zstd's prepared form compresses small frames a tenth worse.)
pub(crate) struct Prepared {
    pub bytes: &'static [u8],
    pub decoder: DecoderDictionary<'static>,
    pub words: Words,
}

/// Says why samples make no dictionary.
#[derive(Debug, thiserror::Error)]
#[error("these samples make no dictionary: some hundred items of different complaints are needed")]
pub struct TooFewSamples(#[source] std::io::Error);

/// Finds a dictionary; 0 is the empty one. A number, once shipped, keeps its bytes for ever.
pub fn get(number: u64) -> Option<&'static [u8]> {
    match number {
        0 => Some(&[]),
        1 => Some(include_bytes!("../dictionaries/0001.dict")),
        _ => None,
    }
}

/// Finds a dictionary ready for use.
pub(crate) fn prepared(number: u64) -> Option<&'static Prepared> {
    static NONE: LazyLock<Prepared> = LazyLock::new(|| prepare(0));
    static FIRST: LazyLock<Prepared> = LazyLock::new(|| prepare(1));
    match number {
        0 => Some(&NONE),
        1 => Some(&FIRST),
        _ => None,
    }
}

fn prepare(number: u64) -> Prepared {
    let bytes = get(number).unwrap_or(&[]);
    Prepared {
        bytes,
        decoder: DecoderDictionary::copy(bytes),
        words: Words::of(bytes),
    }
}

/// Trains a dictionary. Samples are items as they lie in a frame, see [`crate::wire::codec::sample`].
pub fn train(samples: &[Vec<u8>]) -> Result<Vec<u8>, TooFewSamples> {
    train_sized(samples, DICTIONARY_BYTES_MAX)
}

/// Trains a dictionary of another size than the one that was chosen, to measure it.
pub fn train_sized(samples: &[Vec<u8>], bytes_max: usize) -> Result<Vec<u8>, TooFewSamples> {
    zstd::dict::from_samples(samples, bytes_max).map_err(TooFewSamples)
}
