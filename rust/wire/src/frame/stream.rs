//! The Frames of a streamed body: its parts, its end, the receiver's credit, and word that nobody wants it.
//!
//! Which Invocation a Frame belongs to is the key of its Invoke Frame. A sender starts with `WINDOW` bytes of
//! credit, sends parts of at most `PART` bytes while it has any, and may overdraw by the last one; the
//! receiver gives credit back for what it has got rid of, so that a slow reader stops its own sender alone.

use super::Corrupt;
use super::body::Body;
use super::codec::{Put, Take};

/// Bytes that may be on their way before the receiver must say that it has got rid of some.
pub const WINDOW: u64 = 1 << 20;
/// Most bytes of one part: they stay in a core's cache from one copy to the next.
pub const PART: usize = 128 << 10;

/// A part counts as at least so many bytes of credit: tiny ones must not fill a Ring within their window.
const LEAST_COST: u64 = 512;

/// Some bytes of a streamed body. Either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Of the Invocation.
    pub key: u64,
    /// The bytes; never a stream again.
    pub body: Body<'a>,
}

impl<'a> Part<'a> {
    /// Credit that a part of `length` bytes uses.
    #[must_use]
    pub fn cost(length: usize) -> u64 {
        LEAST_COST.max(length as u64)
    }

    /// Bytes of payload that `encode` fills.
    #[must_use]
    pub fn encoded(&self) -> usize {
        8 + self.body.encoded()
    }

    /// Writes the payload.
    ///
    /// # Panics
    /// If `payload` is shorter than `encoded()`.
    pub fn encode(&self, payload: &mut [u8]) {
        let mut put = Put(payload);
        put.u64(self.key);
        self.body.put(&mut put);
    }

    /// Reads and checks a payload.
    pub fn decode(payload: &'a [u8]) -> Result<Self, Corrupt> {
        let mut take = Take(payload);
        let key = take.u64()?;
        match Body::take(&mut take)? {
            Body::Stream(_) => Err(Corrupt::Value(3)),
            body => Ok(Self { key, body }),
        }
    }
}

/// A number said of an Invocation: End, Credit and Cancel Frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Of the Invocation.
    pub key: u64,
    /// Credit: bytes. End: 1 if the body is whole, 0 if it was cut off. Cancel: 0.
    pub number: u64,
}

impl Note {
    /// Bytes of payload.
    pub const ENCODED: usize = 16;

    /// The payload.
    #[must_use]
    pub fn encode(self) -> [u8; Self::ENCODED] {
        let mut payload = [0; Self::ENCODED];
        let mut put = Put(&mut payload);
        put.u64(self.key);
        put.u64(self.number);
        payload
    }

    /// Reads and checks a payload.
    pub fn decode(payload: &[u8]) -> Result<Self, Corrupt> {
        let mut take = Take(payload);
        Ok(Self {
            key: take.u64()?,
            number: take.u64()?,
        })
    }
}
