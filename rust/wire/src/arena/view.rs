//! The reading side of an arena: looks at blocks by the references that Frames carry, writes nothing.

use std::sync::Arc;

use super::BlockRef;
use crate::frame::Corrupt;
use crate::layout::Stretch;
use crate::memory::Mapping;

/// The reading side of an arena.
#[derive(Clone)]
pub struct ArenaView {
    mapping: Arc<Mapping>,
    place: Stretch,
}

impl ArenaView {
    pub(crate) fn new(mapping: Arc<Mapping>, place: Stretch) -> Self {
        Self { mapping, place }
    }

    /// The bytes of a block the peer lent. They stay what they are until the Free Frame for the block is
    /// sent: be done with the slice before that.
    ///
    /// # Errors
    /// `Corrupt` if it does not lie inside the arena.
    pub fn bytes(&self, block: BlockRef) -> Result<&[u8], Corrupt> {
        let range = usize::try_from(block.offset)
            .ok()
            .zip(usize::try_from(block.length).ok());
        let (offset, length) = range.ok_or(Corrupt::Block)?;
        if offset
            .checked_add(length)
            .is_none_or(|end| end > self.place.length)
        {
            return Err(Corrupt::Block);
        }
        let start = self.mapping.at(self.place.at + offset);
        // SAFETY: checked to lie inside the arena, which `start` alone would not say. A sound peer leaves a
        // lent block alone until it gets it back; for one that does not, see the crate's header on trust.
        Ok(unsafe { std::slice::from_raw_parts(start.as_ptr(), length) })
    }
}
