//! Reads one HTTP/1.1 response and counts its body, whose bytes are dropped as they come.
//!
//! Must never take a short or unframed response for a whole one. Not a general parser: it reads
//! status, Content-Length, Transfer-Encoding and Connection. Called by `transfer.rs`.

use std::io::{self, ErrorKind, Read};

use crate::chunks::Chunks;

/// Far above any head of ours.
const LONGEST_HEAD: usize = 16 * 1024;

/// A response that was read to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Bytes of body, without the framing.
    pub(crate) body: u64,
    /// Whether the connection may carry another request.
    pub(crate) keeps_open: bool,
}

/// How the rest of a response is framed.
enum Framing {
    Length(u64),
    Chunked,
}

struct Head {
    status: u16,
    framing: Framing,
    keeps_open: bool,
}

/// The next response of `stream`; `buffer` must have room for a head.
pub(crate) fn read_answer(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<Answer> {
    let mut filled = 0;
    let end = loop {
        filled += read_some(stream, &mut buffer[filled..])?;
        let head = &buffer[..filled.min(LONGEST_HEAD)];
        if let Some(at) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if filled >= LONGEST_HEAD {
            return Err(unframed());
        }
    };
    let head = parse(&buffer[..end]).ok_or_else(unframed)?;
    let rest = end + 4..filled;
    let body = match head.framing {
        Framing::Length(length) => read_length(stream, buffer, rest.len() as u64, length)?,
        Framing::Chunked => read_chunks(stream, buffer, rest)?,
    };
    Ok(Answer {
        status: head.status,
        body,
        keeps_open: head.keeps_open,
    })
}

fn read_length(
    stream: &mut impl Read,
    buffer: &mut [u8],
    mut received: u64,
    length: u64,
) -> io::Result<u64> {
    while received < length {
        received += read_some(stream, buffer)? as u64;
    }
    // More than that was never asked for.
    if received > length {
        return Err(unframed());
    }
    Ok(length)
}

fn read_chunks(
    stream: &mut impl Read,
    buffer: &mut [u8],
    first: std::ops::Range<usize>,
) -> io::Result<u64> {
    let mut chunks = Chunks::default();
    let mut has_ended = chunks.take(&buffer[first]).ok_or_else(unframed)?;
    while !has_ended {
        let count = read_some(stream, buffer)?;
        has_ended = chunks.take(&buffer[..count]).ok_or_else(unframed)?;
    }
    Ok(chunks.body())
}

/// At least one byte, or an error.
fn read_some(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn parse(head: &[u8]) -> Option<Head> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?;
    let (mut length, mut is_chunked, mut keeps_open) = (None, false, true);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse().ok()?),
            "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => keeps_open = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let framing = if is_chunked {
        Framing::Chunked
    } else {
        Framing::Length(length?)
    };
    Some(Head {
        status: status.parse().ok()?,
        framing,
        keeps_open,
    })
}

fn unframed() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "no response whose end can be told")
}

#[cfg(test)]
mod tests {
    use super::{Answer, read_answer};
    use std::io::{self, Read};

    /// Gives `bytes` in pieces of `size`.
    struct Pieces<'b> {
        bytes: &'b [u8],
        size: usize,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.size.min(buffer.len());
            (&mut self.bytes).take(count as u64).read(buffer)
        }
    }

    fn answer(bytes: &[u8], size: usize) -> io::Result<Answer> {
        read_answer(&mut Pieces { bytes, size }, &mut vec![0; 64 * 1024])
    }

    #[test]
    fn answers_are_whole_however_they_come() {
        for (bytes, body, keeps_open) in [
            (&b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\n\r\nhello"[..], 5, true),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 0, false),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\nt: 1\r\n\r\n",
                15,
                true,
            ),
        ] {
            for size in 1..=bytes.len() {
                let expected = Answer { status: 200, body, keeps_open };
                assert_eq!(answer(bytes, size).expect("whole"), expected);
                assert!(answer(&bytes[..bytes.len() - 1], size).is_err());
            }
        }
    }

    #[test]
    fn unframed_answers_are_refused() {
        for bytes in [
            &b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n"[..],
            b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        ] {
            assert!(answer(bytes, 1024).is_err(), "{}", bytes.escape_ascii());
        }
    }
}
