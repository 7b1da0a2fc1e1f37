//! A ring on the heap, without a Region: for the model checker, for tests and benches.

use std::ptr::NonNull;
use std::sync::Arc;

use super::place::{Alone, Owner, Words};
use super::{Consumer, Producer, ends};
use crate::sync::{AtomicU32, AtomicU64};

/// Both ends of a ring on the heap.
///
/// # Panics
/// If `capacity` is not a power of two of at least 64.
#[doc(hidden)]
#[must_use]
pub fn heap_ring(capacity: usize) -> (Producer, Consumer) {
    let words = Box::new(Words {
        tail: Alone(AtomicU64::new(0)),
        head: Alone(AtomicU64::new(0)),
        asleep: Alone(AtomicU32::new(0)),
    });
    let bytes = vec![0u64; capacity / 8].into_boxed_slice();
    let (words, bytes) = (
        NonNull::from(Box::leak(words)),
        NonNull::from(Box::leak(bytes)),
    );
    let owner = Arc::new(Owner::Heap { words, bytes });
    // SAFETY: fresh, leaked allocations of the right size and alignment, kept by `owner`, with one end each.
    unsafe { ends(words.cast(), bytes.cast(), capacity, &owner) }
}
