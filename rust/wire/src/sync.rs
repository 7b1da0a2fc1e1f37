//! The atomics this crate uses: core's, or loom's when the model checker runs.
//! Nothing else in the crate may name an atomic type.

#[cfg(not(loom))]
pub(crate) use core::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

/// A counter in a `static`, where loom's atomics cannot live. For numbers that only have to differ from
/// each other: it orders nothing, so the model loses nothing by not seeing it.
pub(crate) struct Serial(core::sync::atomic::AtomicU64);

impl Serial {
    pub(crate) const fn new() -> Self {
        Self(core::sync::atomic::AtomicU64::new(0))
    }

    /// A number that this counter has not given before.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, core::sync::atomic::Ordering::Relaxed)
    }
}
