//! The writing end of a ring: `reserve → commit → publish`, and the question whether to ring.
//! Never waits and never blocks: a consumer that died, or went mad, leaves a ring that is full.

use super::place::Place;
use super::{PREFIX, SKIP, padded};
use crate::frame::FrameKind;
use crate::sync::{Ordering, fence};

/// The writing end.
pub struct Producer {
    place: Place,
    /// End of what is committed: at or after `published`, at most `capacity` after the consumer's head.
    tail: u64,
    /// What the consumer may see: the last value stored in `Words::tail`.
    published: u64,
    /// The consumer's head as last read; it may be further by now.
    head: u64,
}

impl Producer {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            tail: 0,
            published: 0,
            head: 0,
        }
    }

    /// The longest payload this ring takes. A longer one never gets room: put its body in an arena.
    #[must_use]
    pub fn max_payload(&self) -> usize {
        self.place.capacity() / 2 - PREFIX
    }

    /// Whether `needed` more bytes fit. A head that no sound consumer could have written means: no.
    #[inline]
    fn has_room(&self, needed: u64) -> bool {
        let used = self.tail.wrapping_sub(self.head);
        used <= self.place.capacity() as u64 - needed
    }

    /// Room for a Frame with `length` bytes of payload, or None if the ring is full now (or the Frame is
    /// longer than `max_payload`). Nothing is seen by the consumer before `commit` and `publish`.
    #[inline]
    pub fn try_reserve(&mut self, kind: FrameKind, length: usize) -> Option<Slot<'_>> {
        if length > self.max_payload() {
            return None;
        }
        let offset = self.place.offset(self.tail);
        let size = padded(length);
        let to_end = self.place.capacity() - offset;
        let skip = if size > to_end { to_end } else { 0 };
        // At most half the ring each, and the skip is the shorter one: less than `capacity`.
        let needed = (skip + size) as u64;
        if !self.has_room(needed) {
            // SYNC POINT B: pairs with the Release in `Consumer::release`; the bytes before `head` are
            // no longer read.
            self.head = self.place.words().head.0.load(Ordering::Acquire);
            if !self.has_room(needed) {
                return None;
            }
        }
        let start = if skip > 0 {
            // SAFETY: `offset` is that of the tail, a multiple of 8 and so at least 8 before the end; there
            // is room from the tail on, so the consumer reads nothing there.
            unsafe { self.place.set_prefix(offset, SKIP, 0) };
            0
        } else {
            offset
        };
        // SAFETY: `padded(length)` bytes from `start` lie inside the ring (skip made sure of it) and in the
        // room just found, beyond every published position, so that the consumer reads none of them; the
        // slot borrows this producer, so there is one such slice at a time.
        let bytes = unsafe {
            self.place.set_prefix(start, length as u32, kind as u32);
            self.place.payload_mut(start + PREFIX, length)
        };
        Some(Slot {
            bytes,
            tail: &mut self.tail,
            needed,
        })
    }

    /// Lets the consumer see all committed Frames, without looking whether it sleeps.
    #[inline]
    pub fn publish(&mut self) {
        if self.published != self.tail {
            self.published = self.tail;
            // SYNC POINT A: pairs with the Acquire in `Consumer::try_peek`.
            self.place
                .words()
                .tail
                .0
                .store(self.tail, Ordering::Release);
        }
    }

    /// True once for each time the consumer lay down to sleep: the caller then rings its Bell.
    #[inline]
    #[must_use]
    pub fn is_wake_due(&self) -> bool {
        let asleep = &self.place.words().asleep.0;
        // SYNC POINT C: the store in `publish`, this fence, then the load; the consumer stores `asleep`,
        // fences, then loads `tail`. One of the two must see the other. An exchange that fails stores
        // nothing: a word that says awake stays the consumer's.
        fence(Ordering::SeqCst);
        asleep.load(Ordering::Relaxed) == 1
            && asleep
                .compare_exchange(1, 0, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Bytes published and not yet released by the consumer: at most the ring's capacity. What is committed
    /// and not published waits for this side, not for the consumer.
    #[must_use]
    pub fn backlog(&mut self) -> usize {
        self.head = self.place.words().head.0.load(Ordering::Acquire);
        (self.published.wrapping_sub(self.head) as usize).min(self.place.capacity())
    }

    /// The consumer's position when `backlog` last looked: it moves whenever a Frame is released.
    #[must_use]
    pub fn released(&self) -> u64 {
        self.head
    }
}

/// Reserved room. Dropping it instead of committing leaves no trace.
#[must_use = "a slot that is not committed is never seen by the consumer"]
pub struct Slot<'p> {
    bytes: &'p mut [u8],
    tail: &'p mut u64,
    needed: u64,
}

impl Slot<'_> {
    /// The payload to fill. What it holds before is what an earlier Frame left there.
    #[inline]
    pub fn bytes(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// Makes the Frame part of the next `publish`.
    #[inline]
    pub fn commit(self) {
        *self.tail += self.needed;
    }
}
