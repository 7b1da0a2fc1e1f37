//! A block of an arena: as the side that allocated it owns it, and as a Frame names it.

/// A block of the arena, as its allocating side owns it. Not `Clone`: whoever holds it may write it.
#[derive(Debug)]
pub struct Block {
    arena: u64,
    offset: usize,
    capacity: usize,
    /// Bytes in use, from the start. What is set beyond `capacity` does not count.
    pub length: usize,
}

impl Block {
    pub(super) fn new(arena: u64, offset: usize, capacity: usize, length: usize) -> Self {
        Self {
            arena,
            offset,
            capacity,
            length,
        }
    }

    /// Offset and capacity, for the arena that made this block and for no other.
    pub(super) fn place(&self, arena: u64) -> (usize, usize) {
        assert!(
            self.arena == arena,
            "expected a block of this arena, found one of another: give a block back where it came from"
        );
        (self.offset, self.capacity)
    }

    /// As `place`, and nobody holds the block any more.
    pub(super) fn give_up(self, arena: u64) -> (usize, usize) {
        self.place(arena)
    }

    /// How this block is named in a Frame.
    #[must_use]
    pub fn reference(&self) -> BlockRef {
        BlockRef {
            offset: self.offset as u64,
            length: self.length.min(self.capacity) as u64,
        }
    }

    /// Bytes that fit.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

/// A block as the other side sees it: a place to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockRef {
    /// First byte, from the start of the arena.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
}
