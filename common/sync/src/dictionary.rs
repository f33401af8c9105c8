//! The compression dictionaries that are shipped in the program, by number, and the trainer that makes them.

/// The newest dictionary. Both sides hold all up to the newest they name, so a number says everything.
pub const NEWEST: u64 = 1;

/// What a trained dictionary may take; measured: smaller ones cost more on the wire, larger ones gain nothing more.
pub const DICTIONARY_BYTES_MAX: usize = 64 * 1024;

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

/// Trains a dictionary. Samples are items as they lie in a frame, see [`crate::wire::codec::sample`].
pub fn train(samples: &[Vec<u8>]) -> Result<Vec<u8>, TooFewSamples> {
    train_sized(samples, DICTIONARY_BYTES_MAX)
}

/// Trains a dictionary of another size than the one that was chosen, to measure it.
pub fn train_sized(samples: &[Vec<u8>], bytes_max: usize) -> Result<Vec<u8>, TooFewSamples> {
    zstd::dict::from_samples(samples, bytes_max).map_err(TooFewSamples)
}
