//! Bodies in Frames: inline, or by reference to a block, and the Frame that gives a block back.

use super::Corrupt;
use super::codec::{Put, Take};
use crate::arena::BlockRef;

/// A body: nothing, bytes in the Frame, or a block of the sender's arena.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body<'a> {
    /// No bytes.
    Empty,
    /// The bytes themselves.
    Inline(&'a [u8]),
    /// Lent: the receiver answers with a Free Frame when it is done.
    Block(BlockRef),
    /// To follow in parts; how many bytes in all, if that is known.
    Stream(Option<u64>),
}

impl<'a> Body<'a> {
    const PREFIX: usize = 1 + 8 + 8;

    pub(super) fn encoded(&self) -> usize {
        Self::PREFIX
            + match self {
                Self::Inline(bytes) => bytes.len(),
                Self::Empty | Self::Block(_) | Self::Stream(_) => 0,
            }
    }

    pub(super) fn put(&self, put: &mut Put<'_>) {
        let (kind, offset, length, bytes): (u8, u64, u64, &[u8]) = match *self {
            Self::Empty => (0, 0, 0, b""),
            Self::Inline(bytes) => (1, 0, bytes.len() as u64, bytes),
            Self::Block(block) => (2, block.offset, block.length, b""),
            Self::Stream(length) => (3, u64::from(length.is_some()), length.unwrap_or(0), b""),
        };
        put.bytes(&[kind]);
        put.u64(offset);
        put.u64(length);
        put.bytes(bytes);
    }

    pub(super) fn take(take: &mut Take<'a>) -> Result<Self, Corrupt> {
        let [kind] = take.array()?;
        let (offset, length) = (take.u64()?, take.u64()?);
        match kind {
            0 => Ok(Self::Empty),
            1 => Ok(Self::Inline(take.bytes(
                usize::try_from(length).map_err(|_| Corrupt::Truncated)?,
            )?)),
            2 => Ok(Self::Block(BlockRef { offset, length })),
            3 => Ok(Self::Stream((offset == 1).then_some(length))),
            _ => Err(Corrupt::Value(kind.into())),
        }
    }

    /// Bytes of payload of a Frame that is a body alone (Ready).
    #[must_use]
    pub fn encoded_alone(&self) -> usize {
        self.encoded()
    }

    /// Writes a payload that is a body alone.
    ///
    /// # Panics
    /// If `payload` is shorter than `encoded_alone()`.
    pub fn encode_alone(&self, payload: &mut [u8]) {
        self.put(&mut Put(payload));
    }

    /// Reads a payload that is a body alone.
    pub fn decode_alone(payload: &'a [u8]) -> Result<Self, Corrupt> {
        Self::take(&mut Take(payload))
    }
}

impl BlockRef {
    /// Payload of a Free Frame.
    #[must_use]
    pub fn encode(self) -> [u8; 8] {
        self.offset.to_le_bytes()
    }

    /// The offset in a Free Frame.
    pub fn decode_free(payload: &[u8]) -> Result<u64, Corrupt> {
        Take(payload).u64()
    }
}
