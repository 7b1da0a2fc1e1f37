//! Finds where an HTTP/1.1 response ends: by Content-Length, by chunks, or by having no body.
//!
//! Must never take a short or unframed response for a whole one. Not a general parser: it reads
//! status, Content-Length and Transfer-Encoding, and ignores the rest. Called by `conn.rs`.

/// A whole response at the start of a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Response {
    /// The status code.
    pub(crate) status: u16,
    /// Bytes taken, head and body.
    pub(crate) length: usize,
}

/// Bytes that are no response whose end can be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unframed;

/// The response at the start of `bytes`, or `None` while part of it is still to come.
pub(crate) fn try_response(bytes: &[u8]) -> Result<Option<Response>, Unframed> {
    let Some(head) = find(bytes, b"\r\n\r\n") else {
        return Ok(None);
    };
    let body = head + 4;
    let text = std::str::from_utf8(&bytes[..head]).map_err(|_| Unframed)?;
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix("HTTP/1.1 "))
        .and_then(|line| line.get(..3))
        .and_then(|code| code.parse::<u16>().ok())
        .ok_or(Unframed)?;
    let (mut content_length, mut is_chunked) = (None, false);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if name.eq_ignore_ascii_case("content-length") {
            content_length = Some(value.trim().parse::<usize>().map_err(|_| Unframed)?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            is_chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    let body_length = if status == 204 || status == 304 {
        Some(0)
    } else if is_chunked {
        try_chunks(&bytes[body..])?
    } else {
        let length = content_length.ok_or(Unframed)?;
        (bytes.len() - body >= length).then_some(length)
    };
    Ok(body_length.map(|length| Response {
        status,
        length: body + length,
    }))
}

/// The length of a whole chunked body at the start of `bytes`.
fn try_chunks(bytes: &[u8]) -> Result<Option<usize>, Unframed> {
    let mut at = 0;
    loop {
        let Some(end) = find(&bytes[at..], b"\r\n") else {
            return Ok(None);
        };
        let line = std::str::from_utf8(&bytes[at..at + end]).map_err(|_| Unframed)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(digits, 16).map_err(|_| Unframed)?;
        at += end + 2;
        if size == 0 {
            // Trailer lines, if any, then the empty line.
            loop {
                let Some(end) = find(&bytes[at..], b"\r\n") else {
                    return Ok(None);
                };
                at += end + 2;
                if end == 0 {
                    return Ok(Some(at));
                }
            }
        }
        at = at.checked_add(size + 2).ok_or(Unframed)?;
        if at > bytes.len() {
            return Ok(None);
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{Unframed, try_response};

    const WHOLE: [(&[u8], u16); 4] = [
        (b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\n\r\nhello", 200),
        (b"HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n", 204),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
            200,
        ),
        (b"HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: 1\r\n\r\n", 500),
    ];

    #[test]
    fn every_prefix_waits_and_the_whole_is_taken() {
        for (bytes, status) in WHOLE {
            for end in 0..bytes.len() {
                assert_eq!(
                    try_response(&bytes[..end]),
                    Ok(None),
                    "prefix of {end} bytes"
                );
            }
            let mut with_next = bytes.to_vec();
            with_next.extend_from_slice(b"HTTP/1.1 ");
            let response = try_response(&with_next).expect("framed").expect("whole");
            assert_eq!((response.status, response.length), (status, bytes.len()));
        }
    }

    #[test]
    fn unframed_responses_are_refused() {
        for bytes in [
            b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n".as_slice(),
            b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        ] {
            assert_eq!(try_response(bytes), Err(Unframed));
        }
    }
}
