//! The Log Frame: a line for the console, on its way from a worker.

use super::Corrupt;
use super::codec::{Put, Take, text};

/// A line a worker wants on the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogLine<'a> {
    /// Python's level number (20 is Information).
    pub level: u8,
    /// The Invocation it belongs to, if one is known.
    pub id: Option<[u8; 16]>,
    /// Index of that Invocation's Function, or `u16::MAX`.
    pub function: u16,
    /// Name of the logger, or `stdout` / `stderr`.
    pub category: &'a str,
    /// The text, possibly several lines.
    pub text: &'a str,
}

impl<'a> LogLine<'a> {
    /// Bytes of payload that `encode` fills.
    #[must_use]
    pub fn encoded(&self) -> usize {
        1 + 1 + 16 + 2 + 4 + 4 + self.category.len() + self.text.len()
    }

    /// Writes the payload.
    ///
    /// # Panics
    /// If `payload` is shorter than `encoded()`.
    pub fn encode(&self, payload: &mut [u8]) {
        let mut put = Put(payload);
        put.bytes(&[self.level, u8::from(self.id.is_some())]);
        put.bytes(&self.id.unwrap_or_default());
        put.u16(self.function);
        put.pair(self.category.as_bytes(), self.text.as_bytes());
    }

    /// Reads and checks a payload.
    pub fn decode(payload: &'a [u8]) -> Result<Self, Corrupt> {
        let mut take = Take(payload);
        let [level, has_id] = take.array()?;
        let id = take.array()?;
        let function = take.u16()?;
        let (category, message) = take.pair()?;
        Ok(Self {
            level,
            id: (has_id == 1).then_some(id),
            function,
            category: text(category)?,
            text: text(message)?,
        })
    }
}
