//! A mapped stretch of shared memory. The only place that calls `mmap`; hands out raw pointers that the
//! ring and the arena turn into safe types.

use std::ffi::c_void;
use std::os::fd::BorrowedFd;
use std::ptr::NonNull;

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, munmap};

/// The largest page of any system this runs on (arm64 kernels come with 4, 16 or 64 KiB). Everything that
/// starts on a page starts on one of these, so that the layout is the same everywhere and advice about one
/// part, which the kernel rounds up to its own pages, never reaches the next.
pub(crate) const PAGE: usize = 64 << 10;

/// The kernel would not map the memory.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot map {length} bytes of shared memory: {source}; \
     look at the limits on address space (ulimit -v) and memory of this process"
)]
pub struct MapError {
    length: usize,
    source: rustix::io::Errno,
}

/// A `MAP_SHARED` mapping of a whole memfd, unmapped when dropped.
///
/// A writable one is not inherited by `fork`: a child with the same memory would be a second producer of the
/// same Rings. If user code forks a worker, a stray use in the child is a fault in the child, not a torn Ring
/// in the worker. What can only be read stays readable in the child.
pub(crate) struct Mapping {
    start: NonNull<u8>,
    length: usize,
}

// SAFETY: the mapping is plain memory without thread affinity; who may touch which byte is decided by
// the ring and arena types, each of which argues for itself.
unsafe impl Send for Mapping {}
// SAFETY: `&Mapping` only yields addresses; see above for who may dereference them.
unsafe impl Sync for Mapping {}

impl Mapping {
    /// Maps `length` bytes of `fd`, writable or read-only.
    pub(crate) fn new(fd: BorrowedFd<'_>, length: usize, writable: bool) -> Result<Self, MapError> {
        let protection = if writable {
            ProtFlags::READ | ProtFlags::WRITE
        } else {
            ProtFlags::READ
        };
        let flags = MapFlags::SHARED | MapFlags::NORESERVE;
        // SAFETY: no address is asked for, so no existing mapping of this process is replaced.
        let start = unsafe { mmap(std::ptr::null_mut(), length, protection, flags, fd, 0) }
            .map_err(|source| MapError { length, source })?;
        let start = NonNull::new(start.cast::<u8>()).ok_or(MapError {
            length,
            source: rustix::io::Errno::NOMEM,
        })?;
        let mapping = Self { start, length };
        // Bodies do not belong in a core dump.
        // SAFETY: the range is the mapping just made; DONTDUMP does not change its contents.
        let _refusal_is_harmless = unsafe { mapping.advise(0, length, Advice::LinuxDontDump) };
        if writable {
            // SAFETY: as above; a child has no pointer into it that it may use.
            let _refusal_is_harmless = unsafe { mapping.advise(0, length, Advice::LinuxDontFork) };
        }
        Ok(mapping)
    }

    /// Address of byte `offset`.
    ///
    /// # Panics
    /// If `offset` lies beyond the mapping: offsets come from this crate's own layout.
    pub(crate) fn at(&self, offset: usize) -> NonNull<u8> {
        assert!(offset <= self.length, "offset beyond the mapping");
        // SAFETY: just checked to stay inside the mapping or one past its end.
        unsafe { self.start.add(offset) }
    }

    /// Asks for huge pages in a range. A system without them answers with ordinary ones.
    pub(crate) fn prefer_huge(&self, offset: usize, length: usize) {
        // SAFETY: HUGEPAGE leaves contents alone.
        let _refusal_is_harmless = unsafe { self.advise(offset, length, Advice::LinuxHugepage) };
    }

    /// Gives the memory of a range back to the system; it reads as zero afterwards.
    ///
    /// # Safety
    /// Nobody in this process may hold a reference into the range, and no other process may count on it.
    pub(crate) unsafe fn give_back(&self, offset: usize, length: usize) {
        // SAFETY: the caller's promise is what REMOVE needs.
        let _refusal_costs_only_memory =
            unsafe { self.advise(offset, length, Advice::LinuxRemove) };
    }

    /// # Safety
    /// As for `madvise`: whatever `advice` does to the contents of the range, nobody may count on them.
    unsafe fn advise(
        &self,
        offset: usize,
        length: usize,
        advice: Advice,
    ) -> Result<(), rustix::io::Errno> {
        let address: *mut c_void = self.at(offset).as_ptr().cast();
        assert!(length <= self.length - offset, "range beyond the mapping");
        // SAFETY: the range lies inside the mapping; about its contents the caller has promised.
        unsafe { madvise(address, length, advice) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: this is the range `mmap` returned, unmapped once; every pointer into it is held by a
        // type that also holds an `Arc` of this mapping.
        let unmapped = unsafe { munmap(self.start.as_ptr().cast(), self.length) };
        debug_assert!(unmapped.is_ok(), "unmapping our own range cannot fail");
    }
}
