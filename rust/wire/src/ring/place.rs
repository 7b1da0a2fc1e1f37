//! The memory of a ring: its words, its bytes, who keeps them alive. Knows offsets, not positions; must
//! never decide what may be read or written when, which is the business of the two ends.

use std::ptr::NonNull;
use std::sync::Arc;

use super::PREFIX;
use super::watch::Watch;
use crate::memory::Mapping;
use crate::sync::{AtomicU32, AtomicU64};

/// Room for a SKIP, a Frame of half the ring, and a little more.
pub(super) const LEAST_CAPACITY: usize = 64;

const _: () = assert!(
    usize::BITS == 64,
    "positions are u64 and are used as offsets: expected a 64-bit system"
);

/// A word alone on two cache lines: neighbouring lines are fetched in pairs.
#[repr(C, align(128))]
pub(super) struct Alone<T>(pub(super) T);

/// The words of a ring, at its start in the Region.
#[repr(C)]
pub(crate) struct Words {
    /// End of what is published. Written by the producer.
    pub(super) tail: Alone<AtomicU64>,
    /// Start of what is not yet released. Written by the consumer.
    pub(super) head: Alone<AtomicU64>,
    /// 1 while the consumer sleeps or is about to. Set by the consumer, cleared by either.
    pub(super) asleep: Alone<AtomicU32>,
}

/// Bytes that `Words` take in the Region.
pub(crate) const WORDS: usize = size_of::<Words>();

/// What keeps a ring's memory alive.
pub(crate) enum Owner {
    Region {
        _mapping: Arc<Mapping>,
    },
    Heap {
        words: NonNull<Words>,
        bytes: NonNull<[u64]>,
    },
}

// SAFETY: an owner is only ever dropped; the pointers in it are shared with nothing but the two ends.
unsafe impl Send for Owner {}
// SAFETY: `&Owner` gives no access to anything.
unsafe impl Sync for Owner {}

impl Drop for Owner {
    fn drop(&mut self) {
        if let Self::Heap { words, bytes } = *self {
            // SAFETY: both came out of `Box::leak` in `heap_ring`, and the `Arc` around this owner says
            // that no end is left.
            drop(unsafe { (Box::from_raw(words.as_ptr()), Box::from_raw(bytes.as_ptr())) });
        }
    }
}

/// Where a ring lies. Every access to its bytes goes through here, where the model checker watches it.
pub(super) struct Place {
    words: NonNull<Words>,
    bytes: NonNull<u8>,
    capacity: usize,
    watch: Watch,
    owner: Arc<Owner>,
}

// SAFETY: the words are atomics; the bytes are touched only by the end that owns them at that moment, as
// the positions say. Each end is one value that is not `Clone`, so it is used by one thread at a time.
unsafe impl Send for Place {}
// SAFETY: through `&Place` only the words can be reached, which are atomics; the bytes need `&mut Place`.
unsafe impl Sync for Place {}

impl Place {
    pub(super) fn new(
        words: NonNull<Words>,
        bytes: NonNull<u8>,
        capacity: usize,
        owner: &Arc<Owner>,
    ) -> Self {
        Self {
            words,
            bytes,
            capacity,
            watch: Watch::new(capacity),
            owner: owner.clone(),
        }
    }

    /// The same place for the other end.
    pub(super) fn twin(&self) -> Self {
        Self {
            words: self.words,
            bytes: self.bytes,
            capacity: self.capacity,
            watch: self.watch.clone(),
            owner: self.owner.clone(),
        }
    }

    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The offset of a position.
    #[inline]
    pub(super) fn offset(&self, position: u64) -> usize {
        position as usize & (self.capacity - 1)
    }

    #[inline]
    pub(super) fn words(&self) -> &Words {
        // SAFETY: the pointer is to live, aligned, initialised words for as long as `owner` lives; they
        // are atomics, so that the peer may write them at any time.
        unsafe { self.words.as_ref() }
    }

    /// The two numbers of the prefix at `offset`, a multiple of 8.
    ///
    /// # Safety
    /// `offset + PREFIX` lies inside the ring, and the calling end may read there now.
    #[inline]
    pub(super) unsafe fn prefix(&mut self, offset: usize) -> (u32, u32) {
        debug_assert!(offset.is_multiple_of(8) && offset + PREFIX <= self.capacity);
        self.watch.read(offset, PREFIX);
        // SAFETY: inside the ring as promised, and 8-aligned. Volatile, so that the number checked is the
        // number used, even if a peer gone mad writes there meanwhile.
        let raw = unsafe { self.bytes.add(offset).cast::<u64>().read_volatile() };
        (raw as u32, (raw >> 32) as u32)
    }

    /// Writes the prefix at `offset`, a multiple of 8.
    ///
    /// # Safety
    /// `offset + PREFIX` lies inside the ring, and the calling end may write there now.
    #[inline]
    pub(super) unsafe fn set_prefix(&mut self, offset: usize, length: u32, kind: u32) {
        debug_assert!(offset.is_multiple_of(8) && offset + PREFIX <= self.capacity);
        self.watch.write(offset, PREFIX);
        let raw = u64::from(length) | u64::from(kind) << 32;
        // SAFETY: inside the ring as promised, and 8-aligned.
        unsafe { self.bytes.add(offset).cast::<u64>().write(raw) }
    }

    /// `length` bytes at `offset`, to read.
    ///
    /// # Safety
    /// They lie inside the ring, and nobody writes them before the slice is gone.
    #[inline]
    pub(super) unsafe fn payload(&mut self, offset: usize, length: usize) -> &[u8] {
        debug_assert!(offset + length <= self.capacity);
        self.watch.read(offset, length);
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.bytes.add(offset).as_ptr(), length) }
    }

    /// `length` bytes at `offset`, to write.
    ///
    /// # Safety
    /// They lie inside the ring, and nobody else touches them before the slice is gone.
    #[inline]
    pub(super) unsafe fn payload_mut(&mut self, offset: usize, length: usize) -> &mut [u8] {
        debug_assert!(offset + length <= self.capacity);
        self.watch.write(offset, length);
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.bytes.add(offset).as_ptr(), length) }
    }
}
