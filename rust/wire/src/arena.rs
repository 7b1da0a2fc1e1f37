//! Memory for bodies too big for a Ring. One side allocates and writes, the other only reads.
//!
//! The allocator's books are in the writer's private memory. Lowest address first keeps the same pages in
//! use, and those pages warm: touching fresh shared memory costs many times a warm copy. What is freed
//! beyond the warm mark goes back to the system.

mod block;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use block::{Block, BlockRef};
pub use view::ArenaView;

use crate::frame::Corrupt;
use crate::layout::Stretch;
use crate::memory::{Mapping, PAGE};
use crate::sync::Serial;

/// Offsets below this keep their pages when freed.
const WARM: usize = 64 << 20;
/// From this size on huge pages are worth asking for.
const HUGE: usize = 2 << 20;

/// Every arena has its own number, so that a block of another is known for what it is.
static ARENAS: Serial = Serial::new();

/// The allocating, writing side of an arena.
pub struct Arena {
    number: u64,
    mapping: Arc<Mapping>,
    place: Stretch,
    /// offset → length of each free stretch; no two touch.
    free: BTreeMap<usize, usize>,
    /// offset → capacity of blocks lent to the peer by `lend`.
    lent: BTreeMap<usize, usize>,
}

impl Arena {
    /// The one allocating side of `place` in `mapping`.
    pub(crate) fn new(mapping: Arc<Mapping>, place: Stretch) -> Self {
        Self {
            number: ARENAS.next(),
            mapping,
            place,
            free: BTreeMap::from([(0, place.length)]),
            lent: BTreeMap::new(),
        }
    }

    /// A block of at least `length` bytes, or None if no stretch is long enough now. What it holds is
    /// whatever was there before.
    pub fn try_alloc(&mut self, length: usize) -> Option<Block> {
        // Whole pages, so that giving a block back frees whole pages.
        let capacity = length.max(1).checked_next_multiple_of(PAGE)?;
        let (&offset, &stretch) = self
            .free
            .iter()
            .find(|(_, stretch)| **stretch >= capacity)?;
        self.free.remove(&offset);
        if stretch > capacity {
            self.free.insert(offset + capacity, stretch - capacity);
        }
        if capacity >= HUGE {
            self.mapping.prefer_huge(self.place.at + offset, capacity);
        }
        Some(Block::new(self.number, offset, capacity, length))
    }

    /// Takes a block back.
    ///
    /// # Panics
    /// If the block belongs to another arena.
    pub fn free(&mut self, block: Block) {
        let (offset, capacity) = block.give_up(self.number);
        self.reclaim(offset, capacity);
    }

    /// Hands a block to the peer, which will give it back with `reclaim_lent`.
    ///
    /// # Panics
    /// If the block belongs to another arena.
    pub fn lend(&mut self, block: Block) -> BlockRef {
        let reference = block.reference();
        let (offset, capacity) = block.give_up(self.number);
        self.lent.insert(offset, capacity);
        reference
    }

    /// The peer is done with a lent block.
    ///
    /// # Errors
    /// `Corrupt` if no such block is lent.
    pub fn reclaim_lent(&mut self, offset: u64) -> Result<(), Corrupt> {
        let offset = usize::try_from(offset).map_err(|_| Corrupt::Block)?;
        let capacity = self.lent.remove(&offset).ok_or(Corrupt::Block)?;
        self.reclaim(offset, capacity);
        Ok(())
    }

    fn reclaim(&mut self, mut offset: usize, mut length: usize) {
        if offset + length > WARM {
            let cold = offset.max(WARM);
            // SAFETY: the stretch was one block, whose only `Block` was given up or lent and returned, so
            // that no reference into it is left here and the peer has said that it is done.
            unsafe {
                self.mapping
                    .give_back(self.place.at + cold, offset + length - cold);
            }
        }
        if let Some((&before, &stretch)) = self.free.range(..offset).next_back()
            && before + stretch == offset
        {
            self.free.remove(&before);
            offset = before;
            length += stretch;
        }
        if let Some(stretch) = self.free.remove(&(offset + length)) {
            length += stretch;
        }
        self.free.insert(offset, length);
    }

    /// All of the block's bytes, to fill.
    ///
    /// # Panics
    /// If the block belongs to another arena.
    pub fn bytes_mut<'b>(&'b self, block: &'b mut Block) -> &'b mut [u8] {
        let (offset, capacity) = block.place(self.number);
        let start = self.mapping.at(self.place.at + offset);
        // SAFETY: `place` has checked that the block is of this arena, whose `try_alloc` made it inside the
        // arena and overlapping no other; `Block` is not `Clone`, so the exclusive borrow of it is exclusive
        // access to these bytes. The peer reads a block only once it was lent, and then it is no `Block`.
        unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), capacity) }
    }

    /// The block's bytes in use.
    ///
    /// # Panics
    /// If the block belongs to another arena.
    #[must_use]
    pub fn bytes<'b>(&'b self, block: &'b Block) -> &'b [u8] {
        let (offset, capacity) = block.place(self.number);
        let start = self.mapping.at(self.place.at + offset);
        // SAFETY: as in `bytes_mut`, with a shared borrow of the block; never beyond its capacity.
        unsafe { std::slice::from_raw_parts(start.as_ptr(), block.length.min(capacity)) }
    }

    /// Whether every byte is free: no block is held or lent.
    #[must_use]
    pub fn is_unused(&self) -> bool {
        self.free.get(&0) == Some(&self.place.length)
    }
}
