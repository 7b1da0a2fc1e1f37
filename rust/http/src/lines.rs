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
    /// Bit n stands for a name of n bytes, the last bit for all longer ones: most names that are
    /// looked for are not here, and this tells without a comparison.
    lengths: u64,
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

    fn has(&self, name: &[u8]) -> bool {
        self.lengths & length_bit(name) != 0
            && self.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }
}

fn length_bit(name: &[u8]) -> u64 {
    1 << name.len().min(63)
}

impl HeadWriter<'_> {
    /// The names of the fields written so far.
    fn names(&self) -> impl Iterator<Item = &[u8]> {
        let head = &self.out[self.start..];
        let mut line = 0;
        memchr::memchr_iter(b'\n', head)
            .map(move |end| &head[std::mem::replace(&mut line, end + 1)..end])
            // The status line is no field.
            .skip(1)
            .filter_map(|line| Some(&line[..memchr::memchr(b':', line)?]))
    }

    /// Whether a field of this name has been written, in any case.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        self.names().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// Adds all of `lines`, whatever has been written.
    pub fn append(&mut self, lines: &Lines) {
        self.add(lines, &lines.bytes);
    }

    /// Adds those of `lines` of whose names there is no field yet.
    pub fn fill(&mut self, lines: &Lines) {
        if !self.names().any(|name| lines.has(name)) {
            self.append(lines);
            return;
        }
        for (name, line) in lines.iter() {
            if !self.has(name) {
                self.add(lines, line);
            }
        }
    }

    /// Copies `bytes` of `lines`. A name that is ours to write otherwise is there now, or was before.
    fn add(&mut self, lines: &Lines, bytes: &[u8]) {
        self.has_date |= lines.has(b"date");
        self.has_server |= lines.has(b"server");
        self.out.extend_from_slice(bytes);
    }
}
