//! Where the parts of a Region lie. Both processes compute it from the sizes in the header, so it must
//! depend on nothing else.

use crate::memory::PAGE;
use crate::ring::WORDS;

/// The first page: what the Region is, and who has taken its ends.
pub(crate) const HEADER: usize = PAGE;
const RING_SIZES: std::ops::RangeInclusive<usize> = 4096..=1 << 30;

/// Sizes of a Region's parts, in bytes. Rings: powers of two from 4 KiB to 1 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Sizes {
    /// The Ring of Invocations for sync functions.
    pub sync_ring: u64,
    /// The Ring of Invocations for async functions.
    pub async_ring: u64,
    /// The Ring of Outcomes.
    pub outcome_ring: u64,
    /// The arena for response bodies. Address space, not memory: only pages in use cost any.
    pub arena: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            sync_ring: 128 << 10,
            async_ring: 128 << 10,
            outcome_ring: 256 << 10,
            arena: 16 << 30,
        }
    }
}

/// A stretch of a Region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) at: usize,
    pub(crate) length: usize,
}

/// Offsets of a Region's parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The Rings' words; their bytes follow `WORDS` later and are `length` long.
    pub(crate) rings: [Stretch; 3],
    pub(crate) arena: Stretch,
    pub(crate) end: usize,
}

impl Sizes {
    pub(crate) fn layout(&self) -> Option<Layout> {
        let mut at = HEADER;
        let mut rings = [Stretch::default(); 3];
        for (ring, size) in
            rings
                .iter_mut()
                .zip([self.sync_ring, self.async_ring, self.outcome_ring])
        {
            let length = usize::try_from(size).ok()?;
            if !length.is_power_of_two() || !RING_SIZES.contains(&length) {
                return None;
            }
            *ring = Stretch { at, length };
            at += (WORDS + length).next_multiple_of(PAGE);
        }
        let length = usize::try_from(self.arena).ok()?;
        let end = at.checked_add(length)?;
        Some(Layout {
            rings,
            arena: Stretch { at, length },
            end,
        })
    }
}
