//! One direction of Frames: a single-producer, single-consumer byte ring.
//!
//! Positions are byte counts since the start, never wrapped; `position & (capacity - 1)` is the offset.
//! A Frame is an 8-byte prefix (payload length, kind) and its payload, contiguous, padded to 8 bytes. One
//! that would cross the end is preceded by a prefix with the length `SKIP` and starts at offset 0: that is
//! the only place where wrapping shows. A Frame is never longer than half the ring, so it always fits an
//! empty one.
//!
//! SYNC POINTS come in pairs: A publishes bytes, B publishes room, C is the promise not to sleep through a
//! Frame (Dekker: both sides write, fence, then read the other's word).

mod consumer;
mod heap;
mod place;
mod producer;
mod watch;

use std::ptr::NonNull;
use std::sync::Arc;

pub use consumer::{Consumer, Frame};
pub use heap::heap_ring;
pub(crate) use place::{Owner, WORDS};
pub use producer::{Producer, Slot};

use place::{LEAST_CAPACITY, Place};

const PREFIX: usize = 8;
/// A payload length that says: nothing more before the end, go on at offset 0.
const SKIP: u32 = u32::MAX;

/// Bytes that a Frame with `length` bytes of payload takes.
fn padded(length: usize) -> usize {
    (PREFIX + length).next_multiple_of(8)
}

/// Makes both ends of a ring over shared words and bytes.
///
/// # Panics
/// If `capacity` is not a power of two of at least 64.
///
/// # Safety
/// `words` must point to initialised `Words`, all zero as far as this process can have written them, `bytes`
/// to `capacity` initialised bytes, 8-aligned, both alive as long as `owner` and touched by nothing but the
/// ends of this ring. In all processes together at most one producer and one consumer may ever be used.
pub(crate) unsafe fn ends(
    words: NonNull<u8>,
    bytes: NonNull<u8>,
    capacity: usize,
    owner: &Arc<Owner>,
) -> (Producer, Consumer) {
    assert!(
        capacity.is_power_of_two() && capacity >= LEAST_CAPACITY,
        "expected a power of two of at least {LEAST_CAPACITY} bytes for a ring, found {capacity}"
    );
    let place = Place::new(words.cast(), bytes, capacity, owner);
    (Producer::new(place.twin()), Consumer::new(place))
}
