//! Numbers and bytes of a payload, front to back. Little-endian, unaligned, no padding.

use super::Corrupt;

/// Fills a payload of exactly the right size. One that is too short is a mistake in this crate's callers, who
/// were told the size by `encoded()`: it panics.
pub(super) struct Put<'b>(pub(super) &'b mut [u8]);

impl Put<'_> {
    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let (now, later) = std::mem::take(&mut self.0).split_at_mut(bytes.len());
        now.copy_from_slice(bytes);
        self.0 = later;
    }
    #[inline]
    pub(super) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }
    #[inline]
    pub(super) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }
    #[inline]
    pub(super) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }
    /// A name and a value: both lengths, then both texts.
    #[inline]
    pub(super) fn pair(&mut self, name: &[u8], value: &[u8]) {
        self.u32(name.len() as u32);
        self.u32(value.len() as u32);
        self.bytes(name);
        self.bytes(value);
    }
}

/// Bytes that `Put::pair` fills.
#[inline]
pub(super) fn pair_encoded(name: &[u8], value: &[u8]) -> usize {
    4 + 4 + name.len() + value.len()
}

/// Reads a payload.
#[derive(Clone, Copy)]
pub(super) struct Take<'b>(pub(super) &'b [u8]);

impl<'b> Take<'b> {
    #[inline]
    pub(super) fn bytes(&mut self, length: usize) -> Result<&'b [u8], Corrupt> {
        let (now, later) = self.0.split_at_checked(length).ok_or(Corrupt::Truncated)?;
        self.0 = later;
        Ok(now)
    }
    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Corrupt> {
        let (now, later) = self.0.split_first_chunk().ok_or(Corrupt::Truncated)?;
        self.0 = later;
        Ok(*now)
    }
    #[inline]
    pub(super) fn u16(&mut self) -> Result<u16, Corrupt> {
        self.array().map(u16::from_le_bytes)
    }
    #[inline]
    pub(super) fn u32(&mut self) -> Result<u32, Corrupt> {
        self.array().map(u32::from_le_bytes)
    }
    #[inline]
    pub(super) fn u64(&mut self) -> Result<u64, Corrupt> {
        self.array().map(u64::from_le_bytes)
    }
    #[inline]
    pub(super) fn pair(&mut self) -> Result<(&'b [u8], &'b [u8]), Corrupt> {
        let (name, value) = (self.u32()? as usize, self.u32()? as usize);
        Ok((self.bytes(name)?, self.bytes(value)?))
    }
}

#[inline]
pub(super) fn text(bytes: &[u8]) -> Result<&str, Corrupt> {
    std::str::from_utf8(bytes).map_err(|_| Corrupt::Text)
}
