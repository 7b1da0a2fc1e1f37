//! Memory files: made, sealed and inspected here, and received by number from the process that passed them
//! on. Must never map anything; `region` and `bodies` do that.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::fs::{
    MemfdFlags, Mode, OFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, ftruncate,
    memfd_create, open,
};
use rustix::io::{Errno, fcntl_dupfd_cloexec};

use crate::error::RegionError;

fn system(doing: &'static str) -> impl Fn(Errno) -> RegionError {
    move |source| RegionError::System { doing, source }
}

/// A memory file of exactly `length` bytes, for ever: a file that shrinks would turn the other processes'
/// reads into SIGBUS.
pub(crate) fn create(name: &str, length: usize) -> Result<OwnedFd, RegionError> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Hardened systems refuse memory files that could be executed; kernels before 6.3 do not know the flag.
    let fd = memfd_create(name, flags | MemfdFlags::NOEXEC_SEAL)
        .or_else(|_| memfd_create(name, flags))
        .map_err(system("create"))?;
    ftruncate(&fd, length as u64).map_err(system("size"))?;
    fcntl_add_seals(&fd, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)
        .map_err(system("seal"))?;
    Ok(fd)
}

/// The length of a memory file made by `create` in another process.
pub(crate) fn sealed_length(fd: BorrowedFd<'_>) -> Result<usize, RegionError> {
    let is_sealed = fcntl_get_seals(fd).is_ok_and(|seals| seals.contains(SealFlags::SHRINK));
    if !is_sealed {
        return Err(RegionError::Mismatch {
            found: "a descriptor that is not a sealed memory file".to_owned(),
        });
    }
    let length = fstat(fd).map_err(system("inspect"))?.st_size;
    usize::try_from(length).map_err(|_| RegionError::Mismatch {
        found: format!("{length} bytes"),
    })
}

/// The same file, opened so that nobody can map it writable by mistake. Needs `/proc`; without it the
/// writable descriptor is passed on and good manners have to do.
pub(crate) fn read_only(fd: OwnedFd) -> OwnedFd {
    let path = format!("/proc/self/fd/{}", fd.as_raw_fd());
    open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).unwrap_or(fd)
}

/// A descriptor that this process inherited, known by its number (from the command line or the environment).
/// The number itself stays open and is still the caller's to close; what is returned is a duplicate of its
/// own, closed on exec.
pub fn inherited(number: RawFd) -> io::Result<OwnedFd> {
    if number < 0 {
        return Err(Errno::BADF.into());
    }
    // SAFETY: not -1, and borrowed for one `fcntl` only, which answers EBADF if the number is not open.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    Ok(fcntl_dupfd_cloexec(borrowed.as_fd(), 3)?)
}
