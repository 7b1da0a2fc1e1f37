//! The Region of one worker: made by the gateway as a memfd, passed on by inheritance, gone with the last
//! process. No name to leak, nothing to unlink. It lives as long as the worker and is never used again:
//! the next worker gets a new one.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use crate::arena::{Arena, ArenaView};
use crate::error::RegionError;
use crate::layout::{HEADER, Layout, Sizes};
use crate::memfd;
use crate::memory::Mapping;
use crate::ring::{self, Consumer, Owner, Producer, WORDS};
use crate::sync::{AtomicU32, Ordering};

const MAGIC: u64 = u64::from_le_bytes(*b"ferroreg");
/// Changes with every change of layout or Frames: processes of different builds must not share a Region.
pub(crate) const VERSION: u64 = 3;
/// Below this an arena is not worth making smaller still.
const LEAST_ARENA: u64 = 64 << 20;

#[repr(C)]
struct Header {
    magic: u64,
    version: u64,
    sizes: Sizes,
    /// Whether the gateway's and the worker's ends have been taken. Never cleared.
    taken: [AtomicU32; 2],
}

#[derive(Debug, Clone, Copy)]
enum Side {
    Gateway = 0,
    Worker = 1,
}

/// A Region, not yet split into ends.
pub struct Region {
    fd: OwnedFd,
    mapping: Arc<Mapping>,
    layout: Layout,
}

/// What the gateway holds of a Region.
pub struct GatewayEnds {
    /// Invocations of sync functions.
    pub sync: Producer,
    /// Invocations of async functions.
    pub asynchronous: Producer,
    /// What comes back.
    pub outcomes: Consumer,
    /// Bodies of what comes back.
    pub bodies: ArenaView,
}

/// What a worker holds of a Region.
pub struct WorkerEnds {
    /// Invocations of sync functions.
    pub sync: Consumer,
    /// Invocations of async functions.
    pub asynchronous: Consumer,
    /// What goes back.
    pub outcomes: Producer,
    /// Bodies of what goes back.
    pub bodies: Arena,
}

impl Region {
    /// Makes a Region. A system that grants less address space than asked gets a smaller arena.
    pub fn create(mut sizes: Sizes) -> Result<Self, RegionError> {
        loop {
            match Self::try_create(sizes) {
                Err(RegionError::Map(_) | RegionError::System { .. })
                    if sizes.arena > LEAST_ARENA =>
                {
                    sizes.arena /= 4;
                }
                made => return made,
            }
        }
    }

    fn try_create(sizes: Sizes) -> Result<Self, RegionError> {
        let layout = sizes.layout().ok_or(RegionError::Sizes(sizes))?;
        let fd = memfd::create("ferrofunc-region", layout.end)?;
        let mapping = Arc::new(Mapping::new(fd.as_fd(), layout.end, true)?);
        let header = Header {
            magic: MAGIC,
            version: VERSION,
            sizes,
            taken: [AtomicU32::new(0), AtomicU32::new(0)],
        };
        // SAFETY: offset 0 is page-aligned, the mapping holds at least HEADER bytes, and nobody else has
        // the memfd yet.
        unsafe { mapping.at(0).cast::<Header>().write(header) };
        Ok(Self {
            fd,
            mapping,
            layout,
        })
    }

    /// Opens a Region that another process made.
    pub fn open(fd: OwnedFd) -> Result<Self, RegionError> {
        let length = memfd::sealed_length(fd.as_fd())?;
        if length < HEADER {
            return Err(RegionError::Mismatch {
                found: format!("{length} bytes"),
            });
        }
        let mapping = Arc::new(Mapping::new(fd.as_fd(), length, true)?);
        // SAFETY: page-aligned, long enough, integers for which every value is valid; the maker wrote it
        // before passing the memfd on, and from then on only `taken` changes, which is atomic.
        let header = unsafe { mapping.at(0).cast::<Header>().as_ref() };
        let (magic, version, sizes) = (header.magic, header.version, header.sizes);
        if (magic, version) != (MAGIC, VERSION) {
            return Err(RegionError::Mismatch {
                found: format!("magic {magic:#x}, version {version}"),
            });
        }
        match sizes.layout() {
            Some(layout) if layout.end == length => Ok(Self {
                fd,
                mapping,
                layout,
            }),
            _ => Err(RegionError::Mismatch {
                found: format!("{length} bytes for {sizes:?}"),
            }),
        }
    }

    /// Makes sure that there is one gateway and one worker in the Region's whole life, in whatever process.
    fn take(&self, side: Side) {
        // SAFETY: as in `open`; the header was written or checked before this Region was made.
        let header = unsafe { self.mapping.at(0).cast::<Header>().as_ref() };
        // Relaxed: the word orders nothing, it only must not be given twice.
        let was_taken = header.taken[side as usize].swap(1, Ordering::Relaxed);
        assert!(
            was_taken == 0,
            "expected one {side:?} in the life of a region, found a second: make a new region for it"
        );
    }

    fn ring(&self, index: usize) -> (Producer, Consumer) {
        let place = self.layout.rings[index];
        let owner = Arc::new(Owner::Region {
            _mapping: self.mapping.clone(),
        });
        // SAFETY: the layout puts `WORDS` bytes and then `length` bytes at a page-aligned offset inside
        // the mapping; zeroed memory is an initialised, empty ring; `owner` keeps the mapping. `take` lets
        // one gateway and one worker past in all processes together, and of the two ends made here each
        // keeps its own and drops the other unused.
        unsafe {
            ring::ends(
                self.mapping.at(place.at),
                self.mapping.at(place.at + WORDS),
                place.length,
                &owner,
            )
        }
    }

    /// The gateway's ends.
    ///
    /// # Panics
    /// If this Region has had a gateway already: two producers would tear each other's Frames.
    #[must_use]
    pub fn into_gateway(self) -> GatewayEnds {
        self.take(Side::Gateway);
        GatewayEnds {
            sync: self.ring(0).0,
            asynchronous: self.ring(1).0,
            outcomes: self.ring(2).1,
            bodies: ArenaView::new(self.mapping, self.layout.arena),
        }
    }

    /// The worker's ends.
    ///
    /// # Panics
    /// If this Region has had a worker already: two producers would tear each other's Frames.
    #[must_use]
    pub fn into_worker(self) -> WorkerEnds {
        self.take(Side::Worker);
        WorkerEnds {
            sync: self.ring(0).1,
            asynchronous: self.ring(1).1,
            outcomes: self.ring(2).0,
            bodies: Arena::new(self.mapping, self.layout.arena),
        }
    }

    /// Where the words and the bytes of each Ring lie, for tests that spoil them.
    #[doc(hidden)]
    #[must_use]
    pub fn ring_offsets(&self) -> [(u64, u64); 3] {
        self.layout
            .rings
            .map(|ring| (ring.at as u64, (ring.at + WORDS) as u64))
    }
}

impl AsFd for Region {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
