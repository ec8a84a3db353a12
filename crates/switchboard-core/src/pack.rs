//! MessagePack: the same envelopes in fewer bytes, for clients that have asked for it.
//!
//! Nothing is decoded or encoded twice over. What comes in is turned into JSON text by [`unpack`] and read as that; what
//! goes out has been written as JSON, and a [`Packer`] turns it into MessagePack with the schema at hand, which says what
//! of it is bytes and what of it is an integer written as text.
//!
//! | | JSON | MessagePack |
//! |---|---|---|
//! | `bytes` | base64 | `bin` |
//! | 64-bit integers beyond ±(2^53-1) | decimal text | `int`; text is taken too |
//! | floats | a number | `float 64`; `float 32` and `int` are taken too |
//! | everything else | as it is | what looks the same |
//!
//! Text that [`unpack`] has made is JSON but for one thing: bytes are `b"…"`, which no client can write, so that they are
//! told from text. Only a reader [made for it](crate::Reader::packed) reads that.

mod read;
mod write;

pub use self::read::{NoPack, unpack};
pub use self::write::{Packer, Unpackable};

/// Whether a binary message of a client that speaks MessagePack is an envelope: it begins like a map, and no tag of a
/// `@binary` message may.
pub fn is_envelope(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(0x80..=0x8f | 0xde | 0xdf))
}

#[cfg(test)]
mod tests;
