//! Fields that are known before any request: judged and written once, then copied into replies.
//!
//! Built by the gateway when it starts, given to [`HeadWriter`] after the function's own fields, so
//! that these win. What is in [`Lines`] can be sent; nothing is judged again per reply.

use crate::encode::{HeadWriter, is_of_connection};
use crate::token;

/// A field that cannot be one of [`Lines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// Its name or value cannot be sent at all.
    #[error(transparent)]
    Field(#[from] crate::BadField),
    /// It is about this connection or this body; only the reply itself can tell.
    #[error("expected a header that means the same in every response, found one of the connection")]
    Connection,
}

/// Fields as they go over the wire.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// Where each line begins, and the length of its name.
    places: Vec<(usize, usize)>,
    /// Of all names.
    lengths: u64,
    has_date: bool,
    has_server: bool,
}

impl Lines {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    pub fn push(&mut self, name: &[u8], value: &[u8]) -> Result<(), BadLine> {
        token::judge(name, value)?;
        if is_of_connection(name) {
            return Err(BadLine::Connection);
        }
        self.places.push((self.bytes.len(), name.len()));
        self.lengths |= length_bit(name);
        self.has_date |= name.eq_ignore_ascii_case(b"date");
        self.has_server |= name.eq_ignore_ascii_case(b"server");
        for part in [name, b": ", value, b"\r\n"] {
            self.bytes.extend_from_slice(part);
        }
        Ok(())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Each name with its line.
    fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let ends = self.places.iter().skip(1).map(|(start, _)| *start);
        let ends = ends.chain(std::iter::once(self.bytes.len()));
        self.places.iter().zip(ends).map(|(&(start, name), end)| {
            let line = &self.bytes[start..end];
            (&line[..name], line)
        })
    }
}

/// A name's length as one bit of a set, all lengths from 63 on sharing the last. Two sets of names
/// without a bit in common have no name in common, and nearly always that is all there is to know.
pub(crate) fn length_bit(name: &[u8]) -> u64 {
    1 << name.len().min(63)
}

impl HeadWriter<'_> {
    /// The names of the fields written so far.
    fn names(&self) -> impl Iterator<Item = &[u8]> {
        let head = &self.out[self.start..];
        // The status line is no field.
        head.split(|byte| *byte == b'\n')
            .skip(1)
            .filter_map(|line| Some(&line[..memchr::memchr(b':', line)?]))
    }

    /// Whether a field of this name has been written, in any case.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        self.lengths & length_bit(name) != 0
            && self.names().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Adds all of `lines`, whatever has been written.
    pub fn append(&mut self, lines: &Lines) {
        self.note(lines);
        self.out.extend_from_slice(&lines.bytes);
    }

    /// Adds those of `lines` of whose names there is no field yet.
    pub fn fill(&mut self, lines: &Lines) {
        if self.lengths & lines.lengths == 0 {
            self.append(lines);
            return;
        }
        for (name, line) in lines.iter() {
            if !self.has(name) {
                self.out.extend_from_slice(line);
            }
        }
        self.note(lines);
    }

    /// Each name of `lines` is in the head now, or was before.
    fn note(&mut self, lines: &Lines) {
        self.lengths |= lines.lengths;
        self.has_date |= lines.has_date;
        self.has_server |= lines.has_server;
    }
}
