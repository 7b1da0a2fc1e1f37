//! Plays bytes to a `Conn` as a socket would and writes down what it said. Used by the tests and,
//! by path, by the fuzz targets. The same bytes must give the same transcript however they are cut.

use ferrofunc_http::{Conn, Error, Fields, Framing, Head, Limits, Step, Version};

/// One thing the connection said, owned. Pieces of one body are joined: how a body is cut depends
/// on how it arrives, and may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Request(Request),
    Body(Vec<u8>),
    End,
    Refused(Error),
}

/// A `Head`, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    pub(crate) version: Version,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) expect_continue: bool,
    pub(crate) fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// The head as received.
    pub(crate) bytes: Vec<u8>,
}

impl Request {
    fn of(head: &Head<'_>) -> Self {
        let bytes = head.bytes;
        assert_clean(head);
        Self {
            method: head.method.of(bytes).to_vec(),
            target: head.target.of(bytes).to_vec(),
            path: head.path().to_vec(),
            query: head.query.of(bytes).to_vec(),
            version: head.version,
            framing: head.framing,
            keep_alive: head.keep_alive,
            expect_continue: head.expect_continue,
            fields: head
                .fields
                .iter()
                .map(|field| {
                    (
                        field.name.of(bytes).to_vec(),
                        field.value.of(bytes).to_vec(),
                    )
                })
                .collect(),
            bytes: bytes.to_vec(),
        }
    }
}

/// Whatever was accepted: lines end with CRLF and nowhere else is there a CR, an LF or another
/// control; each line is the request line or one field; each field is `name:` and its value.
fn assert_clean(head: &Head<'_>) {
    let text = head.bytes.escape_ascii();
    let lines: Vec<&[u8]> = head.bytes.split(|&byte| byte == b'\n').collect();
    let (&[], &[b'\r'], lines) = (match &lines[..] {
        [lines @ .., blank, rest] => (*rest, *blank, lines),
        _ => panic!("expected a blank line at the end: {text}"),
    }) else {
        panic!("expected a blank line at the end: {text}");
    };
    assert_eq!(lines.len(), 1 + head.fields.len(), "{text}");
    for (at, line) in lines.iter().enumerate() {
        let line = line
            .strip_suffix(b"\r")
            .unwrap_or_else(|| panic!("bare LF: {text}"));
        let is_clean = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
        assert!(!line.is_empty() && line.iter().all(is_clean), "{text}");
        if let Some(field) = at.checked_sub(1).map(|at| head.fields[at]) {
            let name = field.name.of(head.bytes);
            let rest = line
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix(b":"));
            let value = rest
                .unwrap_or_else(|| panic!("no name: {text}"))
                .trim_ascii();
            assert_eq!(value, field.value.of(head.bytes), "{text}");
        }
    }
}

/// All that was said, and how many bytes were left unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transcript {
    pub(crate) events: Vec<Event>,
    pub(crate) unread: usize,
}

/// Shows the pieces one after the other, taking every step after each.
pub(crate) fn replay<'p>(limits: Limits, pieces: impl IntoIterator<Item = &'p [u8]>) -> Transcript {
    let mut conn = Conn::new(limits);
    let mut fields = Fields::new();
    let mut received = Vec::new();
    let mut at = 0;
    let mut events = Vec::new();
    for piece in pieces {
        received.extend_from_slice(piece);
        loop {
            match conn.next(&received[at..], &mut fields) {
                Ok(Step::NeedMore) => break,
                Ok(Step::Head { head, used }) => {
                    events.push(Event::Request(Request::of(&head)));
                    at += used;
                }
                Ok(Step::Data { bytes, used }) => {
                    assert!(!bytes.is_empty(), "an empty piece of body");
                    if let Some(Event::Body(body)) = events.last_mut() {
                        body.extend_from_slice(bytes);
                    } else {
                        events.push(Event::Body(bytes.to_vec()));
                    }
                    at += used;
                }
                Ok(Step::End { used }) => {
                    events.push(Event::End);
                    at += used;
                }
                Err(error) => {
                    events.push(Event::Refused(error));
                    assert!(conn.is_closed(), "open after {error:?}");
                }
            }
        }
    }
    Transcript {
        events,
        unread: received.len() - at,
    }
}

/// The bytes in one piece.
pub(crate) fn whole(limits: Limits, bytes: &[u8]) -> Transcript {
    replay(limits, [bytes])
}

/// The bytes one at a time.
#[allow(dead_code, reason = "not every test file compares by bytes")]
pub(crate) fn byte_by_byte(limits: Limits, bytes: &[u8]) -> Transcript {
    // A refusal uses no bytes, so how many are unread depends on how many were still to come.
    let mut transcript = replay(limits, bytes.chunks(1));
    if matches!(transcript.events.last(), Some(Event::Refused(_))) {
        transcript.unread = whole(limits, bytes).unread;
    }
    transcript
}

/// The bytes cut into pieces of these lengths, the rest last.
#[allow(dead_code, reason = "only for random cuts")]
pub(crate) fn cut<'b>(mut bytes: &'b [u8], lengths: &[u8]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    for &length in lengths {
        let (piece, rest) = bytes.split_at(bytes.len().min(usize::from(length)));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}
