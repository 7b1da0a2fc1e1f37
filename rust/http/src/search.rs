//! Finds the blank line that ends a head or a trailer section, however slowly the bytes arrive.
//!
//! Each byte is looked at once: the search remembers how far it came, so a peer that sends one byte
//! at a time costs no more than one that sends all at once. Used by `conn` and `chunked`.

use memchr::memchr;

use crate::Error;

/// Progress over bytes that always begin at the same place and only grow.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Search {
    /// Bytes before this one hold no unseen LF.
    seen: usize,
    /// Where the line that `seen` lies in begins.
    line: usize,
}

/// What a search found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The blank line ends just before this offset.
    End(usize),
    /// No blank line yet, and room for one.
    NotYet,
    /// No blank line within the limit.
    TooLong,
    /// The first line does not end within its own limit.
    FirstLineTooLong,
}

impl Search {
    /// True until `run` has been shown a byte.
    pub(crate) fn is_fresh(&self) -> bool {
        self.seen == 0
    }

    /// Goes on from where the last call stopped. Both limits count bytes, CRLF included, and
    /// `first_line` is at most `limit`.
    pub(crate) fn run(
        &mut self,
        bytes: &[u8],
        first_line: usize,
        limit: usize,
    ) -> Result<Found, Error> {
        if self.seen > bytes.len() {
            // The caller showed fewer bytes than before. Nothing learnt so far can be trusted.
            *self = Self::default();
        }
        let window = &bytes[..bytes.len().min(limit)];
        while let Some(ahead) = memchr(b'\n', &window[self.seen..]) {
            let at = self.seen + ahead;
            if self.line == 0 && at >= first_line {
                return Ok(Found::FirstLineTooLong);
            }
            if at == 0 || window[at - 1] != b'\r' {
                return Err(Error::BareLf);
            }
            if at == self.line + 1 {
                return Ok(Found::End(at + 1));
            }
            self.seen = at + 1;
            self.line = self.seen;
        }
        self.seen = window.len();
        if self.line == 0 && bytes.len() >= first_line {
            return Ok(Found::FirstLineTooLong);
        }
        if bytes.len() >= limit {
            return Ok(Found::TooLong);
        }
        Ok(Found::NotYet)
    }
}
