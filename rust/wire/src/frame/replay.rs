//! An Invoke Frame kept by the gateway to be sent again, as another attempt with an id of its own.

use super::Corrupt;
use super::body::Body;
use super::codec::Put;
use super::invoke::{ATTEMPT_AT, Attempt};
use super::invoke_head::InvokeHead;

/// See the module.
#[derive(Debug)]
pub struct Replay {
    /// The payload up to its body.
    front: Box<[u8]>,
    /// The bytes of the body, wherever they were.
    pub body: Box<[u8]>,
}

impl Replay {
    /// Of a payload that was encoded, and the bytes of its body.
    pub fn of(payload: &[u8], body: &[u8]) -> Result<Self, Corrupt> {
        let head = InvokeHead::decode(payload)?;
        let front = payload.get(..head.body_at()).ok_or(Corrupt::Truncated)?;
        Ok(Self {
            front: front.into(),
            body: body.into(),
        })
    }

    /// Bytes of payload that `encode` fills.
    #[must_use]
    pub fn encoded(&self, body: Body<'_>) -> usize {
        self.front.len() + body.encoded()
    }

    /// Writes the payload of another attempt.
    ///
    /// # Panics
    /// If `payload` is shorter than `encoded()`.
    pub fn encode(
        &self,
        key: u64,
        id: [u8; 16],
        now_ns: u64,
        attempt: Attempt,
        body: Body<'_>,
        payload: &mut [u8],
    ) {
        let (front, rest) = payload.split_at_mut(self.front.len());
        front.copy_from_slice(&self.front);
        attempt.put(&mut Put(&mut front[ATTEMPT_AT..]));
        let mut put = Put(front);
        put.u64(key);
        put.bytes(&id);
        put.u64(now_ns);
        put.u64(now_ns);
        body.put(&mut Put(rest));
    }
}
