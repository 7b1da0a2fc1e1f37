//! The request bodies: one arena for all workers, written by the gateway alone, so that no worker can spoil
//! another's bodies and an upload outlives the worker it was meant for.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use crate::arena::{Arena, ArenaView};
use crate::error::RegionError;
use crate::layout::Stretch;
use crate::memfd;
use crate::memory::Mapping;

/// Below this an arena is not worth making smaller still.
const LEAST: u64 = 256 << 20;

/// Makes the memory for request bodies: the gateway's arena, and a read-only descriptor to pass on to
/// workers. A system that grants less address space than asked gets a smaller arena.
pub fn bodies_create(mut size: u64) -> Result<(OwnedFd, Arena), RegionError> {
    loop {
        match try_create(size) {
            Err(_) if size > LEAST => size /= 4,
            made => return made,
        }
    }
}

fn try_create(size: u64) -> Result<(OwnedFd, Arena), RegionError> {
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    let fd = memfd::create("ferrofunc-bodies", length)?;
    let mapping = Arc::new(Mapping::new(fd.as_fd(), length, true)?);
    let arena = Arena::new(mapping, Stretch { at: 0, length });
    Ok((memfd::read_only(fd), arena))
}

/// A worker's read-only view of the request bodies.
pub fn bodies_open(fd: &OwnedFd) -> Result<ArenaView, RegionError> {
    let length = memfd::sealed_length(fd.as_fd())?;
    let mapping = Arc::new(Mapping::new(fd.as_fd(), length, false)?);
    Ok(ArenaView::new(mapping, Stretch { at: 0, length }))
}
