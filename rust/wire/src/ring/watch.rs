//! The model checker's eyes on a ring's bytes: told of every access, it reports one that nothing orders after
//! the last. Nothing at all in an ordinary build.

#[cfg(not(loom))]
pub(super) use blind::Watch;
#[cfg(loom)]
pub(super) use seeing::Watch;

#[cfg(not(loom))]
mod blind {
    #[derive(Clone)]
    pub(crate) struct Watch;

    #[expect(clippy::unused_self, reason = "the model checker's build uses it")]
    impl Watch {
        pub(crate) fn new(_capacity: usize) -> Self {
            Self
        }
        #[inline]
        pub(crate) fn read(&self, _offset: usize, _length: usize) {}
        #[inline]
        pub(crate) fn write(&self, _offset: usize, _length: usize) {}
    }
}

#[cfg(loom)]
mod seeing {
    use std::sync::Arc;

    use loom::cell::UnsafeCell;

    /// A cell for every 8 bytes.
    #[derive(Clone)]
    pub(crate) struct Watch(Arc<[UnsafeCell<()>]>);

    impl Watch {
        pub(crate) fn new(capacity: usize) -> Self {
            Self((0..capacity / 8).map(|_| UnsafeCell::new(())).collect())
        }
        pub(crate) fn read(&self, offset: usize, length: usize) {
            for cell in &self.0[offset / 8..(offset + length).div_ceil(8)] {
                cell.with(|_| ());
            }
        }
        pub(crate) fn write(&self, offset: usize, length: usize) {
            for cell in &self.0[offset / 8..(offset + length).div_ceil(8)] {
                cell.with_mut(|_| ());
            }
        }
    }
}
