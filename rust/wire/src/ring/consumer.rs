//! The reading end of a ring: `peek → release`, and lying down to sleep. Checks every number it finds there
//! before using it: a peer that was killed, or overwritten by a native extension, yields `Corrupt`.

use super::place::Place;
use super::{PREFIX, SKIP, padded};
use crate::frame::{Corrupt, FrameKind};
use crate::sync::{Ordering, fence};

/// A Frame as it lies in the ring.
pub struct Frame<'c> {
    /// What its payload is.
    pub kind: FrameKind,
    /// The payload.
    pub payload: &'c [u8],
    end: u64,
}

impl Frame<'_> {
    /// The position to give to `Consumer::release`.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }
}

/// The reading end.
pub struct Consumer {
    place: Place,
    /// Start of what is not yet released; the value in `Words::head`, or a SKIP further.
    head: u64,
    /// The producer's tail as last read and checked: at most `capacity` after `head`, a multiple of 8.
    tail: u64,
}

impl Consumer {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            head: 0,
            tail: 0,
        }
    }

    /// The oldest Frame, or None if there is none now. It stays until released.
    ///
    /// # Errors
    /// `Corrupt` if the words or the prefix cannot have been written by a sound producer.
    #[inline]
    pub fn try_peek(&mut self) -> Result<Option<Frame<'_>>, Corrupt> {
        if self.head == self.tail && !self.look()? {
            return Ok(None);
        }
        let (mut offset, mut length, mut kind) = self.prefix();
        if length == SKIP {
            let to_end = (self.place.capacity() - offset) as u64;
            // A SKIP is published together with the Frame it makes room for.
            if to_end >= self.tail - self.head {
                return Err(Corrupt::Positions);
            }
            self.head += to_end;
            (offset, length, kind) = self.prefix();
        }
        let length = length as usize;
        let size = padded(length);
        if size as u64 > self.tail - self.head || offset + size > self.place.capacity() {
            return Err(Corrupt::Length(length));
        }
        let kind = FrameKind::from_number(kind).ok_or(Corrupt::Kind(kind))?;
        let end = self.head + size as u64;
        // SAFETY: the bytes lie inside the ring and before the published tail; a sound producer does not
        // write them again before `release` moves `head` past them, which needs this borrow to be over. For
        // one that is not sound, see the crate's header on trust.
        let payload = unsafe { self.place.payload(offset + PREFIX, length) };
        Ok(Some(Frame { kind, payload, end }))
    }

    /// Where the next Frame lies, and its prefix. Only while `head` is before `tail`.
    #[inline]
    fn prefix(&mut self) -> (usize, u32, u32) {
        debug_assert!(self.head < self.tail);
        let offset = self.place.offset(self.head);
        // SAFETY: `offset` is that of a position before the tail, and both are multiples of 8, so at least 8
        // bytes before the end and published.
        let (length, kind) = unsafe { self.place.prefix(offset) };
        (offset, length, kind)
    }

    /// Reads the producer's tail; true if there is something new.
    fn look(&mut self) -> Result<bool, Corrupt> {
        // SYNC POINT A: pairs with the Release in `Producer::publish`.
        let tail = self.place.words().tail.0.load(Ordering::Acquire);
        let ready = tail.wrapping_sub(self.head);
        if ready > self.place.capacity() as u64 || !ready.is_multiple_of(8) {
            return Err(Corrupt::Positions);
        }
        self.tail = tail;
        Ok(ready > 0)
    }

    /// Gives the room up to `end` (from `Frame::end`) back to the producer.
    ///
    /// # Panics
    /// If `end` cannot have come from a Frame that is still in the ring.
    #[inline]
    pub fn release(&mut self, end: u64) {
        assert!(
            self.head < end && end <= self.tail && end.is_multiple_of(8),
            "expected the end of a frame that was peeked and not yet released, found {end}"
        );
        self.head = end;
        // SYNC POINT B: pairs with the Acquire in `Producer::try_reserve`.
        self.place.words().head.0.store(end, Ordering::Release);
    }

    /// Whether no Frame waits. Only looks: a thread that must not consume may ask.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head == self.place.words().tail.0.load(Ordering::Acquire)
    }

    /// Declares this side asleep. True: now wait for the Bell. False: a Frame came, look again instead.
    #[must_use]
    pub fn declare_asleep(&self) -> bool {
        let asleep = &self.place.words().asleep.0;
        asleep.store(1, Ordering::Relaxed);
        // SYNC POINT C: see `Producer::is_wake_due`.
        fence(Ordering::SeqCst);
        if self.is_empty() {
            return true;
        }
        self.declare_awake();
        false
    }

    /// Takes the declaration back after waking up, so that the producer need not ring.
    pub fn declare_awake(&self) {
        self.place.words().asleep.0.store(0, Ordering::Relaxed);
    }
}
