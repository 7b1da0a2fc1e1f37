//! A chunked body, followed as its bytes come in any pieces: where it ends, and how much it held.
//!
//! Must never look at the bytes of a chunk. Called by `answer.rs`.

/// A line that tells a size is a few digits and at most a short extension.
const LONGEST_LINE: usize = 256;

/// Where in the framing the next byte stands.
#[derive(Debug, Default, Clone, Copy)]
enum State {
    /// In the line before a chunk.
    #[default]
    Size,
    /// In a chunk, so many bytes before its end.
    Data(u64),
    /// In the line end behind a chunk.
    AfterData,
    /// Behind the last chunk.
    Trailer,
    Ended,
}

/// A body under way.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    state: State,
    /// The line so far, without its end.
    line: Vec<u8>,
    body: u64,
}

impl Chunks {
    /// Takes the next bytes. Says whether the body has ended; nothing if they are not chunked, or go
    /// on behind the end.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Option<bool> {
        while let Some((&first, rest)) = bytes.split_first() {
            match self.state {
                State::Data(left) => {
                    let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    bytes = &bytes[count..];
                    self.state = match left - count as u64 {
                        0 => State::AfterData,
                        left => State::Data(left),
                    };
                }
                State::Size | State::AfterData | State::Trailer => {
                    bytes = rest;
                    self.take_of_line(first)?;
                }
                State::Ended => return None,
            }
        }
        Some(matches!(self.state, State::Ended))
    }

    /// Bytes of the chunks whose size is known.
    pub(crate) fn body(&self) -> u64 {
        self.body
    }

    fn take_of_line(&mut self, byte: u8) -> Option<()> {
        if byte != b'\n' {
            self.line.push(byte);
            return (self.line.len() <= LONGEST_LINE).then_some(());
        }
        let line = self.line.strip_suffix(b"\r")?;
        self.state = match (self.state, line) {
            (State::AfterData, []) => State::Size,
            (State::Trailer, []) => State::Ended,
            (State::Trailer, _) => State::Trailer,
            (State::Size, _) => {
                let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
                let size = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
                self.body = self.body.checked_add(size)?;
                match size {
                    0 => State::Trailer,
                    _ => State::Data(size),
                }
            }
            _ => return None,
        };
        self.line.clear();
        Some(())
    }
}
