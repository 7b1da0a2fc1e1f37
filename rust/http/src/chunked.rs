//! A chunked body, piece by piece (RFC 9112 7.1). Owned by `conn` while such a body arrives.
//!
//! It changes state only together with a step it returns, so `NeedMore` means the same bytes will
//! be shown again, with more behind them. Trailer fields are checked and dropped: no function could
//! see them in the official host either. Chunk extensions are checked and dropped.

use crate::search::{Found, Search};
use crate::{Error, Limits, Step, strict};

/// Longest chunk size line, CRLF included. Room for sixteen digits and a modest extension; real
/// clients send no extension, and each chunk could carry one.
const MAX_SIZE_LINE: usize = 256;
/// Most bytes of trailer section, blank line included: as many as a request line may have.
const MAX_TRAILERS: usize = 8 * 1024;

/// Where in a chunked body we are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chunked {
    /// Data bytes of the current chunk that have not come yet.
    left: u64,
    /// Data bytes of all chunks announced so far.
    announced: u64,
    /// Whether a chunk's data lies behind us, with its CRLF still to come.
    is_after_data: bool,
    /// Progress in the trailer section.
    search: Search,
}

impl Chunked {
    /// The next piece of body, or its end.
    pub(crate) fn next<'b>(&mut self, input: &'b [u8], limits: &Limits) -> Result<Step<'b>, Error> {
        if self.left > 0 {
            return Ok(self.data(input, 0));
        }
        let mut at = 0;
        if self.is_after_data {
            if !has_crlf(input)? {
                return Ok(Step::NeedMore);
            }
            at = 2;
        }
        let Some((size, line)) = size_line(&input[at..])? else {
            return Ok(Step::NeedMore);
        };
        at += line;
        if size == 0 {
            return Ok(match self.trailers(&input[at..])? {
                Some(len) => Step::End { used: at + len },
                None => Step::NeedMore,
            });
        }
        let announced = self.announced.saturating_add(size);
        if announced > limits.body {
            return Err(Error::BodyTooLarge { limit: limits.body });
        }
        if at == input.len() {
            return Ok(Step::NeedMore);
        }
        self.announced = announced;
        self.left = size;
        self.is_after_data = true;
        Ok(self.data(input, at))
    }

    /// What `input` holds from `at` on of the current chunk's data.
    fn data<'b>(&mut self, input: &'b [u8], at: usize) -> Step<'b> {
        let there = input.len() - at;
        let taken = usize::try_from(self.left).map_or(there, |left| left.min(there));
        if taken == 0 {
            return Step::NeedMore;
        }
        self.left -= taken as u64;
        Step::Data {
            bytes: &input[at..at + taken],
            used: at + taken,
        }
    }

    /// Length of the trailer section at the start of `bytes`, blank line included.
    fn trailers(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let end = match self.search.run(bytes, MAX_TRAILERS, MAX_TRAILERS)? {
            Found::End(end) => end,
            Found::NotYet => return Ok(None),
            Found::TooLong | Found::FirstLineTooLong => {
                return Err(Error::TrailersTooLarge {
                    limit: MAX_TRAILERS,
                });
            }
        };
        for line in strict::lines(&bytes[..end]) {
            let (name, _) = strict::field_line(line)?;
            // RFC 9110 6.5.1 forbids these, and ignoring them would be allowed. Refused, because
            // only an attempt to confuse a server behind another sends them.
            let forbidden: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"host"];
            if forbidden.iter().any(|bad| name.eq_ignore_ascii_case(bad)) {
                return Err(Error::TrailerForbidden);
            }
        }
        Ok(Some(end))
    }
}

/// Whether the CRLF after a chunk's data is there.
fn has_crlf(input: &[u8]) -> Result<bool, Error> {
    match input {
        [] | [b'\r'] => Ok(false),
        [b'\r', b'\n', ..] => Ok(true),
        _ => Err(Error::ChunkEnd),
    }
}

/// The size and the length of the line at the start of `input`; `None` if the line is incomplete.
///
/// Starts over each time it is called: a line is short, so even one byte at a time costs little.
fn size_line(input: &[u8]) -> Result<Option<(u64, usize)>, Error> {
    let window = &input[..input.len().min(MAX_SIZE_LINE)];
    let digits = window
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    if digits > 16 || (digits == 0 && !window.is_empty()) {
        return Err(Error::ChunkSize);
    }
    let size = window[..digits].iter().fold(0_u64, |sum, &byte| {
        sum << 4 | u64::from(char::from(byte).to_digit(16).unwrap_or_default())
    });
    match line_end(&window[digits..])? {
        Some(rest) => Ok(Some((size, digits + rest))),
        None if input.len() >= MAX_SIZE_LINE => Err(Error::ChunkLineTooLong {
            limit: MAX_SIZE_LINE,
        }),
        None => Ok(None),
    }
}

/// Length of what follows the digits: an extension, perhaps, and CRLF.
fn line_end(rest: &[u8]) -> Result<Option<usize>, Error> {
    let mut has_semicolon = false;
    for (at, &byte) in rest.iter().enumerate() {
        match byte {
            b'\r' if at > 0 && !has_semicolon => return Err(Error::ChunkExtension),
            b'\r' => {
                return match rest.get(at + 1) {
                    Some(b'\n') => Ok(Some(at + 2)),
                    Some(_) => Err(Error::BareCr),
                    None => Ok(None),
                };
            }
            b'\n' => return Err(Error::BareLf),
            b';' => has_semicolon = true,
            b' ' | b'\t' => {}
            _ if !has_semicolon && at == 0 => return Err(Error::ChunkSize),
            0..=31 | 127 => return Err(Error::ChunkExtension),
            _ if !has_semicolon => return Err(Error::ChunkExtension),
            _ => {}
        }
    }
    Ok(None)
}
