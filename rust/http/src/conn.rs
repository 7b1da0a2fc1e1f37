//! One connection's state: what the next unread bytes mean.
//!
//! ```text
//!            Empty, Length(0)
//!            +-----------+
//!            v           |
//!   --->  [Head] --------+---- Length(n) ---> [Length] --+
//!            ^           \                               +--> End --> [Head] or [Closed]
//!            |            +--- Chunked -----> [Chunked] -+
//!            +---- after End, if keep-alive
//! ```
//!
//! `Conn` never holds bytes: the caller keeps the unread ones and shows them all, each time from the
//! first unread byte. The wish to close (`Connection: close`, HTTP/1.0) takes effect after the
//! request's body, never before: a request whose body is still coming must not be lost.

use crate::chunked::Chunked;
use crate::parse::{self, Outline};
use crate::search::{Found, Search};
use crate::{Error, Fields, Framing, Head, Limits};

/// Most empty lines before a request line. RFC 9112 2.2 asks for at least one to be ignored, for
/// old clients that send CRLF after a body; the rest is patience.
const MAX_BLANK_LINES: usize = 4;

/// What [`Conn::next`] found. `used` bytes of the input are done with and must not be shown again.
#[derive(Debug, Clone, Copy)]
pub enum Step<'b> {
    /// Nothing to do until there are more bytes; none were used.
    NeedMore,
    /// A request begins. Unless its framing is `Empty` or `Length(0)`, `Data` and `End` follow.
    Head {
        /// The request.
        head: Head<'b>,
        /// Bytes used, empty lines before the head included.
        used: usize,
    },
    /// Some bytes of the body, never none.
    Data {
        /// The body bytes, without chunk framing.
        bytes: &'b [u8],
        /// Bytes used, chunk framing included.
        used: usize,
    },
    /// The body is complete.
    End {
        /// Bytes used: trailing chunk framing.
        used: usize,
    },
}

/// The server's side of one connection.
#[derive(Debug)]
pub struct Conn {
    limits: Limits,
    state: State,
    /// Progress in the head that is arriving.
    search: Search,
    /// Whether a request may follow the current one.
    keep_alive: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Waiting for a head or inside one.
    Head,
    /// Inside a body of known length. `left` may be 0: then only `End` is to be reported.
    Length { left: u64 },
    /// Inside a chunked body.
    Chunked(Chunked),
    /// Nothing more is read: the last request has ended or one was refused.
    Closed,
}

impl Conn {
    /// A new connection, waiting for its first request.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits: limits.bounded(),
            state: State::Head,
            search: Search::default(),
            keep_alive: true,
        }
    }

    /// Looks at `input`, which is all that has been received and not been used. Until a step uses
    /// some, the next call must show the same bytes, more may follow them.
    ///
    /// After an error, and after the end of a request that does not keep the connection alive,
    /// every call gives `NeedMore`; see [`Conn::is_closed`].
    #[inline]
    pub fn next<'b>(&mut self, input: &'b [u8], fields: &'b mut Fields) -> Result<Step<'b>, Error> {
        let step = match &mut self.state {
            State::Head => self.head(input, fields),
            State::Length { left } => Ok(length(left, input)),
            State::Chunked(chunked) => chunked.next(input, &self.limits),
            State::Closed => Ok(Step::NeedMore),
        };
        match step {
            Ok(Step::End { .. }) => self.end_request(),
            Err(_) => self.state = State::Closed,
            Ok(_) => {}
        }
        step
    }

    /// `Some(n)`, n > 0, inside a body of known length: that many raw body bytes come next. They
    /// may be read elsewhere, past this machine, if [`Conn::advance_body`] is told.
    #[inline]
    #[must_use]
    pub fn body_left(&self) -> Option<u64> {
        match self.state {
            State::Length { left } if left > 0 => Some(left),
            _ => None,
        }
    }

    /// Notes that `n` raw body bytes, at most [`Conn::body_left`], were taken elsewhere. After the
    /// last one, `next` gives `End`.
    #[inline]
    pub fn advance_body(&mut self, n: u64) {
        debug_assert!(
            n <= self.body_left().unwrap_or(0),
            "advanced past the body's end"
        );
        if let State::Length { left } = &mut self.state {
            *left = left.saturating_sub(n);
        }
    }

    /// True while no byte of a request is waiting for the rest of it: the connection is idle and
    /// may be closed without loss.
    #[inline]
    #[must_use]
    pub fn is_between_requests(&self) -> bool {
        matches!(self.state, State::Head) && self.search.is_fresh()
    }

    /// True once nothing more will be read from this connection.
    #[inline]
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    fn head<'b>(&mut self, input: &'b [u8], fields: &'b mut Fields) -> Result<Step<'b>, Error> {
        let Some(start) = blank_lines(input)? else {
            return Ok(Step::NeedMore);
        };
        let bytes = &input[start..];
        let Some(outline) = self.outline(bytes, fields)? else {
            return Ok(Step::NeedMore);
        };
        self.search = Search::default();
        self.keep_alive = outline.keep_alive;
        match outline.framing {
            Framing::Empty | Framing::Length(0) => self.end_request(),
            Framing::Length(left) => self.state = State::Length { left },
            Framing::Chunked => self.state = State::Chunked(Chunked::default()),
        }
        let used = start + outline.len;
        let head = outline.into_head(bytes, fields);
        Ok(Step::Head { head, used })
    }

    /// The head at the start of `bytes`, if it is complete.
    ///
    /// Most heads arrive whole, so the first attempt parses at once, which saves searching for the
    /// end. Its failures are not believed: whether a head is refused must not depend on how its
    /// bytes were split, and a partial one may still turn out too long or badly ended first.
    fn outline(&mut self, bytes: &[u8], fields: &mut Fields) -> Result<Option<Outline>, Error> {
        let limits = self.limits;
        if self.search.is_fresh() {
            let window = &bytes[..bytes.len().min(limits.head)];
            if let Ok(Some(outline)) = parse::parse(window, &limits, fields) {
                return Ok(Some(outline));
            }
            if !crate::token::is_token(&bytes[..1]) {
                // Refused before its end comes, as a TLS greeting never has one.
                return Err(Error::Method);
            }
        }
        match self.search.run(bytes, limits.request_line, limits.head)? {
            Found::End(end) => parse::parse(&bytes[..end], &limits, fields),
            Found::NotYet => Ok(None),
            Found::TooLong => Err(Error::HeadTooLarge { limit: limits.head }),
            Found::FirstLineTooLong => Err(Error::RequestLineTooLong {
                limit: limits.request_line,
            }),
        }
    }

    fn end_request(&mut self) {
        self.state = if self.keep_alive {
            State::Head
        } else {
            State::Closed
        };
    }
}

/// The next piece of a body of known length.
fn length<'b>(left: &mut u64, input: &'b [u8]) -> Step<'b> {
    if *left == 0 {
        return Step::End { used: 0 };
    }
    let taken = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
    if taken == 0 {
        return Step::NeedMore;
    }
    *left -= taken as u64;
    Step::Data {
        bytes: &input[..taken],
        used: taken,
    }
}

/// Offset of the first byte that is no empty line; `None` if there is no such byte yet.
fn blank_lines(input: &[u8]) -> Result<Option<usize>, Error> {
    let mut at = 0;
    loop {
        match input[at..] {
            [] | [b'\r'] => return Ok(None),
            [b'\r', b'\n', ..] => at += 2,
            [b'\r', ..] => return Err(Error::BareCr),
            [b'\n', ..] => return Err(Error::BareLf),
            _ => return Ok(Some(at)),
        }
        if at > 2 * MAX_BLANK_LINES {
            return Err(Error::BlankLines);
        }
    }
}
