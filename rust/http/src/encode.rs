//! Replies: a status line, fields and body framing, written into the caller's buffer.
//!
//! The gateway begins a [`HeadWriter`], adds the function's fields and finishes it; the [`Plan`] it
//! gets back says how the body has to follow. Framing fields are ours alone: a function cannot make
//! a reply that the client would cut at another place than we do, nor smuggle a line into the head.

use std::num::NonZeroUsize;

use crate::lines::length_bit;
use crate::status::{Content, status_line};
use crate::{Error, Version, token};

/// The interim reply to a request with [`Head::expect_continue`](crate::Head::expect_continue).
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// What the server calls itself, unless the function says otherwise.
const SERVER: &[u8] = b"Server: ferrofunc\r\n";

/// The body a function gave its reply, whether or not it will be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// That many bytes.
    Length(u64),
    /// Bytes of a number not known yet.
    Chunked,
    /// No body.
    None,
}

/// What is known of a reply before its fields.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// 100 to 999.
    pub status: u16,
    /// Whether the request's method was HEAD: then no body is sent.
    pub head_only: bool,
    /// The request's version.
    pub version: Version,
    /// Whether the connection may stay open: the request's wish, and ours.
    pub keep_alive: bool,
    /// The body that exists.
    pub body: BodyKind,
    /// The current [`http_date`](crate::http_date).
    pub date: &'a str,
}

/// How the body must follow the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Not at all, even if there is one.
    Nothing,
    /// As it is, exactly that many bytes.
    Exactly(u64),
    /// In chunks, [`last_chunk`] at the end.
    Chunks,
    /// As it is, until the connection closes.
    UntilClose,
}

/// What the head just written promised the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How the body must follow.
    pub delivery: Delivery,
    /// Whether the connection stays open; may be false where the reply allowed it.
    pub keep_alive: bool,
}

/// A field that cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadField {
    /// The name is no token.
    #[error(
        "expected a header name of letters, digits and -._~!#$%&'*+^`|, found other characters"
    )]
    Name,
    /// The value has a control character other than HTAB; CR, LF or NUL would split the head.
    #[error(
        "expected a header value without control characters, found one; encode it or remove it"
    )]
    Value,
}

/// A status code that cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a status code from 100 to 999, found {0}")]
pub struct BadStatus(pub u16);

/// Writes one reply's head. Until `finish` is called, what has been written is no complete head;
/// `abandon` takes it back.
#[derive(Debug)]
#[must_use = "a head without `finish` is incomplete"]
pub struct HeadWriter<'o> {
    pub(crate) out: &'o mut Vec<u8>,
    /// Length of `out` before this head.
    pub(crate) start: usize,
    reply: Reply<'o>,
    /// The Content-Length the function gave, for replies in which only it can know.
    described: Option<u64>,
    pub(crate) has_date: bool,
    pub(crate) has_server: bool,
    /// Of all names written: see `lines::length_bit`.
    pub(crate) lengths: u64,
}

/// Whether a field is about the connection or the body's length: never copied from anybody.
pub(crate) fn is_of_connection(name: &[u8]) -> bool {
    let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
    match name.len() {
        2 => is(b"te"),
        7 => is(b"trailer") || is(b"upgrade"),
        10 => is(b"connection") || is(b"keep-alive"),
        14 => is(b"content-length"),
        16 => is(b"proxy-connection"),
        17 => is(b"transfer-encoding"),
        _ => false,
    }
}

impl<'o> HeadWriter<'o> {
    /// Begins a head at the end of `out`.
    pub fn new(out: &'o mut Vec<u8>, reply: Reply<'o>) -> Result<Self, BadStatus> {
        match reply.status {
            100..=999 => Ok(Self::begin(out, reply)),
            status => Err(BadStatus(status)),
        }
    }

    fn begin(out: &'o mut Vec<u8>, reply: Reply<'o>) -> Self {
        let start = out.len();
        if let Some(line) = status_line(reply.status) {
            out.extend_from_slice(line.as_bytes());
        } else {
            out.extend_from_slice(b"HTTP/1.1 ");
            decimal(out, u64::from(reply.status));
            out.extend_from_slice(b" \r\n");
        }
        Self {
            out,
            start,
            reply,
            described: None,
            has_date: false,
            has_server: false,
            lengths: 0,
        }
    }

    /// Adds a field. Fields that belong to the connection are left out: the reply's framing and
    /// lifetime are in [`Reply`]. Two are heard all the same: `Connection: close` closes, and
    /// Content-Length counts where no body tells it (HEAD, 304). A `Date` or `Server` given here
    /// replaces ours; a second one is left out.
    pub fn field(&mut self, name: &[u8], value: &[u8]) -> Result<(), BadField> {
        token::judge(name, value)?;
        if self.is_ours(name, value) {
            return Ok(());
        }
        self.lengths |= length_bit(name);
        self.out.reserve(name.len() + value.len() + 4);
        self.out.extend_from_slice(name);
        self.out.extend_from_slice(b": ");
        self.out.extend_from_slice(value);
        self.out.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// Whether a field must not be copied; takes note of what it says.
    fn is_ours(&mut self, name: &[u8], value: &[u8]) -> bool {
        let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
        match name.len() {
            4 if is(b"date") => std::mem::replace(&mut self.has_date, true),
            6 if is(b"server") => std::mem::replace(&mut self.has_server, true),
            10 if is(b"connection") => {
                if token::list(value).any(|option| option.eq_ignore_ascii_case(b"close")) {
                    self.reply.keep_alive = false;
                }
                true
            }
            14 if is(b"content-length") => {
                let digits = value.trim_ascii();
                if digits.iter().all(u8::is_ascii_digit) {
                    self.described = str::from_utf8(digits).ok().and_then(|n| n.parse().ok());
                }
                true
            }
            _ => is_of_connection(name),
        }
    }

    /// Writes the rest of the head, and says how the body must follow.
    #[must_use]
    pub fn finish(mut self) -> Plan {
        if !self.has_server {
            self.out.extend_from_slice(SERVER);
        }
        if !self.has_date {
            self.out.extend_from_slice(b"Date: ");
            self.out.extend_from_slice(self.reply.date.as_bytes());
            self.out.extend_from_slice(b"\r\n");
        }
        let delivery = self.framing();
        let keep_alive = self.reply.keep_alive && delivery != Delivery::UntilClose;
        // RFC 9112 9.3: staying open is the rule in HTTP/1.1 and has to be said in HTTP/1.0.
        let ending: &[u8] = match (keep_alive, self.reply.version) {
            (true, Version::Http11) => b"\r\n",
            (true, Version::Http10) => b"Connection: keep-alive\r\n\r\n",
            (false, _) => b"Connection: close\r\n\r\n",
        };
        self.out.extend_from_slice(ending);
        Plan {
            delivery,
            keep_alive,
        }
    }

    /// Takes back all that was written of this head, to answer something else instead.
    pub fn abandon(self) {
        self.out.truncate(self.start);
    }

    /// Writes Content-Length or Transfer-Encoding (RFC 9112 6, RFC 9110 8.6).
    fn framing(&mut self) -> Delivery {
        match Content::of(self.reply.status) {
            Content::Never => Delivery::Nothing,
            Content::Described => {
                // Our own body is empty here and would describe nothing.
                if let Some(length) = self.described {
                    self.content_length(length);
                }
                Delivery::Nothing
            }
            Content::Empty => {
                self.content_length(0);
                Delivery::Nothing
            }
            Content::Allowed if self.reply.head_only => {
                match (self.described, self.reply.body) {
                    (Some(length), _) | (None, BodyKind::Length(length)) => {
                        self.content_length(length);
                    }
                    (None, BodyKind::Chunked) => self.chunked_if_possible(),
                    (None, BodyKind::None) => {}
                }
                Delivery::Nothing
            }
            Content::Allowed => match self.reply.body {
                BodyKind::Length(length) => {
                    self.content_length(length);
                    Delivery::Exactly(length)
                }
                // Without a length the client would wait for the connection to close.
                BodyKind::None => {
                    self.content_length(0);
                    Delivery::Nothing
                }
                BodyKind::Chunked if self.reply.version == Version::Http10 => Delivery::UntilClose,
                BodyKind::Chunked => {
                    self.chunked_if_possible();
                    Delivery::Chunks
                }
            },
        }
    }

    fn content_length(&mut self, length: u64) {
        self.out.extend_from_slice(b"Content-Length: ");
        decimal(self.out, length);
        self.out.extend_from_slice(b"\r\n");
    }

    fn chunked_if_possible(&mut self) {
        if self.reply.version == Version::Http11 {
            self.out
                .extend_from_slice(b"Transfer-Encoding: chunked\r\n");
        }
    }
}

/// Begins a chunk; exactly `len` bytes of data and [`chunk_end`] must follow. An empty chunk would
/// end the body, hence the type.
pub fn chunk(out: &mut Vec<u8>, len: NonZeroUsize) {
    let digits = (usize::BITS - len.leading_zeros()).div_ceil(4);
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[len.get() >> (4 * place) & 0xf]);
    }
    out.extend_from_slice(b"\r\n");
}

/// Ends a chunk begun by [`chunk`].
pub fn chunk_end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\r\n");
}

/// Writes a whole chunk; nothing if `data` is empty.
pub fn write_chunk(out: &mut Vec<u8>, data: &[u8]) {
    if let Some(len) = NonZeroUsize::new(data.len()) {
        chunk(out, len);
        out.extend_from_slice(data);
        chunk_end(out);
    }
}

/// Ends a chunked body.
pub fn last_chunk(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0\r\n\r\n");
}

/// Writes the whole reply to a refused request: the error's status, no body, and the connection
/// closes after it.
pub fn refusal(error: &Error, date: &str, out: &mut Vec<u8>) {
    let reply = Reply {
        status: error.status(),
        head_only: false,
        version: Version::Http11,
        keep_alive: false,
        body: BodyKind::Length(0),
        date,
    };
    let _ = HeadWriter::begin(out, reply).finish();
}

/// Writes a number without the detour through `fmt`.
fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
