//! One request head: bytes to spans. `conn` calls it, at most twice per head.
//!
//! `httparse` walks the bytes; this module adds what it is too lenient in (LF without CR, targets
//! beyond ASCII) and what the fields mean. It has no memory between calls: the same bytes give the
//! same answer, whole or after arriving in pieces.

use std::mem::MaybeUninit;

use crate::framing::Meaning;
use crate::{
    Error, Field, Fields, Framing, Head, Limits, MAX_FIELDS, Span, Version, strict, target,
};

/// A [`Head`] without its borrows, so that a caller may try, fail and try again with one `Fields`.
#[derive(Debug)]
pub(crate) struct Outline {
    /// Bytes of the head, blank line included.
    pub(crate) len: usize,
    method: Span,
    target: Span,
    path: Span,
    query: Span,
    version: Version,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    expect_continue: bool,
}

impl Outline {
    /// Joins the outline with the bytes and the table it was parsed from and into.
    pub(crate) fn into_head<'b>(self, bytes: &'b [u8], fields: &'b Fields) -> Head<'b> {
        Head {
            bytes: &bytes[..self.len],
            method: self.method,
            target: self.target,
            path: self.path,
            query: self.query,
            version: self.version,
            framing: self.framing,
            keep_alive: self.keep_alive,
            expect_continue: self.expect_continue,
            fields: &fields.table[..fields.len],
        }
    }
}

/// Parses the head at the start of `bytes`, which begin with the method; `None` if the blank line
/// is not among them. At most `limits.head` bytes may be given.
pub(crate) fn parse(
    bytes: &[u8],
    limits: &Limits,
    fields: &mut Fields,
) -> Result<Option<Outline>, Error> {
    let mut slots = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut []);
    let parsed = request.parse_with_uninit_headers(bytes, &mut slots[..limits.headers]);
    let len = match parsed {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(explain(error, bytes, limits)),
    };
    let (Some(method), Some(target), Some(minor)) = (request.method, request.path, request.version)
    else {
        return Err(Error::Target);
    };
    let (method, target) = (method.as_bytes(), target.as_bytes());
    let version = match minor {
        0 => Version::Http10,
        _ => Version::Http11,
    };

    // Each line's CRLF is checked where the next line begins: before each name and at the end.
    let base = bytes.as_ptr().addr();
    let mut meaning = Meaning::default();
    for (field, header) in fields.table.iter_mut().zip(request.headers.iter()) {
        let name = header.name.as_bytes();
        *field = Field {
            name: Span::from_address(base, name),
            value: Span::from_address(base, header.value),
        };
        if !bytes[..usize::from(field.name.start)].ends_with(b"\r\n") {
            return Err(Error::BareLf);
        }
        meaning.take(name, header.value)?;
    }
    fields.len = request.headers.len();
    if !bytes[..len].ends_with(b"\r\n\r\n") {
        return Err(Error::BareLf);
    }
    let line_end = match fields.len {
        0 => len - 2,
        _ => usize::from(fields.table[0].name.start),
    };
    if line_end > limits.request_line {
        return Err(Error::RequestLineTooLong {
            limit: limits.request_line,
        });
    }

    let parts = target::split(method, target)?;
    check_host(&meaning, version, &parts)?;
    let framing = meaning.framing(version, limits)?;
    let target = Span::from_address(base, target);
    Ok(Some(Outline {
        len,
        method: Span::from_address(base, method),
        target,
        path: sub(target, parts.path, parts.path_end),
        query: sub(target, parts.path_end + 1, usize::from(target.len)),
        version,
        framing,
        keep_alive: meaning.is_keep_alive(version),
        expect_continue: meaning.expects_continue(version, framing),
    }))
}

/// The part of `whole` from `start` to `end`; empty, at its end, if `start` lies beyond it.
fn sub(whole: Span, start: usize, end: usize) -> Span {
    let start = start.min(end);
    Span {
        start: whole.start + start as u16,
        len: (end - start) as u16,
    }
}

/// RFC 9112 3.2: "A server MUST respond with a 400 status code to any HTTP/1.1 request message that
/// lacks a Host header field and to any request message that contains more than one Host header
/// field line or a Host header field with an invalid field value."
fn check_host(
    meaning: &Meaning<'_>,
    version: Version,
    parts: &target::Parts<'_>,
) -> Result<(), Error> {
    let Some(host) = meaning.host else {
        return match version {
            Version::Http10 => Ok(()),
            Version::Http11 => Err(Error::HostMissing),
        };
    };
    if !target::is_host(host) {
        return Err(Error::HostMalformed);
    }
    match &parts.authority {
        Some(authority) if !authority.is_same_as(host) => Err(Error::HostMismatch),
        _ => Ok(()),
    }
}

/// Names the fault in a head that `httparse` refused.
#[cold]
fn explain(error: httparse::Error, head: &[u8], limits: &Limits) -> Error {
    if let Some(error) = strict::diagnose(head) {
        return error;
    }
    match error {
        httparse::Error::TooManyHeaders => Error::TooManyFields {
            limit: limits.headers,
        },
        httparse::Error::Version => Error::Version,
        httparse::Error::Token | httparse::Error::Status => Error::Target,
        httparse::Error::NewLine => Error::BareCr,
        httparse::Error::HeaderName => Error::FieldName,
        httparse::Error::HeaderValue => Error::FieldValue,
    }
}
