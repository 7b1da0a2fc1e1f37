//! The Outcome Frame as a worker writes it.

use super::body::Body;
use super::codec::{Put, pair_encoded};

/// How an Invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeKind {
    /// The function returned; the Outcome is an HTTP response.
    Response = 0,
    /// It raised, or what it returned cannot be sent. Fields `message` and `stack` say why. Of a response
    /// that has begun to stream it is the end: the client learns by a body that is cut off.
    Failure = 1,
}

/// What came of an Invocation.
pub struct Outcome<'a, H> {
    /// The key of the Invoke Frame.
    pub key: u64,
    /// When the function was called.
    pub started_ns: u64,
    /// When it had returned and its result was read.
    pub ended_ns: u64,
    /// How it ended.
    pub kind: OutcomeKind,
    /// HTTP status of a response.
    pub status: u16,
    /// Response header fields.
    pub fields: H,
    /// Response body.
    pub body: Body<'a>,
}

const OUTCOME_FIXED: usize = 8 + 8 + 8 + 2 + 2 + 4;

impl<'a, H> Outcome<'a, H>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
{
    /// Bytes of payload that `encode` fills.
    #[must_use]
    pub fn encoded(&self) -> usize {
        let fields: usize = self
            .fields
            .clone()
            .map(|(name, value)| pair_encoded(name, value))
            .sum();
        OUTCOME_FIXED + fields + self.body.encoded()
    }

    /// Writes the payload.
    ///
    /// # Panics
    /// If `payload` is shorter than `encoded()`.
    pub fn encode(&self, payload: &mut [u8]) {
        let mut put = Put(payload);
        put.u64(self.key);
        put.u64(self.started_ns);
        put.u64(self.ended_ns);
        put.u16(self.kind as u16);
        put.u16(self.status);
        put.u32(self.fields.clone().count() as u32);
        for (name, value) in self.fields.clone() {
            put.pair(name, value);
        }
        self.body.put(&mut put);
    }
}
