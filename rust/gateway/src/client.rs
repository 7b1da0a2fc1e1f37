//! One client connection: what was read, what is to be sent, and how far its current request has come.
//! Holds no decisions; `serve` and `reply` make them.

use ferrofunc_http::{Conn, Field, Framing, Head, Limits};

use crate::decorate::Wanted;
use crate::exchange::{Manner, Sink};
use crate::inflow::Inflow;
use crate::output::Output;
use crate::throttle::Ticket;
use crate::transport::Transport;

/// Requests of one connection that may be in flight at once; further ones stay in the socket.
const PIPELINE: u32 = 64;
/// Unsent response bytes beyond which no further request of the connection is read.
const BACKLOG: usize = 256 << 10;

/// A request head, kept beyond the bytes it was read from because its body or a worker is still to come.
pub(crate) struct Kept {
    pub(crate) bytes: Box<[u8]>,
    pub(crate) fields: Box<[Field]>,
    pub(crate) method: (u16, u16),
    pub(crate) target: (u16, u16),
    pub(crate) manner: Manner,
}

/// A request as `dispatch` takes it, kept or still in the read buffer.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) fields: &'a [Field],
    pub(crate) method: (u16, u16),
    pub(crate) target: (u16, u16),
    pub(crate) manner: Manner,
}

impl<'a> Request<'a> {
    pub(crate) fn of(head: &Head<'a>) -> Self {
        let method = head.method.of(head.bytes);
        Self {
            bytes: head.bytes,
            fields: head.fields,
            method: (head.method.start, head.method.len),
            target: (head.target.start, head.target.len),
            manner: Manner {
                version: head.version,
                keep_alive: head.keep_alive,
                head_only: method == b"HEAD",
                wanted: Wanted::default(),
            },
        }
    }

    fn part(&self, (start, length): (u16, u16)) -> &'a [u8] {
        &self.bytes[usize::from(start)..][..usize::from(length)]
    }

    pub(crate) fn method(&self) -> &'a [u8] {
        self.part(self.method)
    }

    /// The values of the fields of this name, in any case.
    pub(crate) fn values(&self, name: &[u8]) -> impl Iterator<Item = &'a [u8]> {
        let bytes = self.bytes;
        self.fields
            .iter()
            .filter(move |field| field.name.of(bytes).eq_ignore_ascii_case(name))
            .map(move |field| field.value.of(bytes))
    }

    /// Path and query of the target; an absolute-form target loses its scheme and authority.
    pub(crate) fn path_and_query(&self) -> (&'a [u8], &'a [u8]) {
        let target = self.part(self.target);
        let path = if target.starts_with(b"/") {
            target
        } else {
            let after_scheme = target
                .windows(3)
                .position(|at| at == b"://")
                .map_or(target, |at| &target[at + 3..]);
            after_scheme
                .iter()
                .position(|byte| matches!(byte, b'/' | b'?'))
                .map_or(&b"/"[..], |at| &after_scheme[at..])
        };
        match path.iter().position(|byte| *byte == b'?') {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (path, b""),
        }
    }

    pub(crate) fn keep(&self) -> Kept {
        Kept {
            bytes: self.bytes.into(),
            fields: self.fields.into(),
            method: self.method,
            target: self.target,
            manner: self.manner,
        }
    }
}

impl Kept {
    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            bytes: &self.bytes,
            fields: &self.fields,
            method: self.method,
            target: self.target,
            manner: self.manner,
        }
    }
}

/// A request whose body is being read.
pub(crate) struct Upload {
    pub(crate) kept: Kept,
    pub(crate) framing: Framing,
    pub(crate) sink: Sink,
}

/// Where the connection's current request stands.
pub(crate) enum Stage {
    /// Between requests, or inside a head.
    Head,
    /// Its body is coming.
    Body(Box<Upload>),
    /// It is whole and waits for a worker, since `since_ns`; with a ticket if limits count it.
    Parked {
        upload: Box<Upload>,
        since_ns: u64,
        ticket: Option<Ticket>,
    },
    /// Its Invocation runs already, and gets the body as it comes.
    Stream(Inflow),
}

/// A response that was ready, or began to stream, before its turn.
pub(crate) struct Early {
    pub(crate) turn: u32,
    pub(crate) output: Output,
    /// The exchange, as long as more of the body is to come.
    pub(crate) flow: Option<u64>,
    pub(crate) keep_alive: bool,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about a socket; a state machine of their product would say less"
)]
pub(crate) struct Client {
    pub(crate) token: usize,
    pub(crate) generation: u32,
    pub(crate) stream: Transport,
    pub(crate) http: Conn,
    /// Bytes read and not yet understood.
    pub(crate) input: Vec<u8>,
    pub(crate) stage: Stage,
    pub(crate) output: Output,
    /// Turn of the next request, and of the next response to be sent.
    pub(crate) asked: u32,
    pub(crate) answered: u32,
    pub(crate) early: Vec<Early>,
    /// The exchange whose response is being streamed into `output`.
    pub(crate) flow: Option<u64>,
    /// Exchanges of Functions that stream, not yet ended.
    pub(crate) streams: u32,
    /// The kernel may hold more bytes for us: no edge will tell again.
    pub(crate) is_readable: bool,
    /// The kernel holds the peer's end, perhaps behind bytes: no edge will tell again.
    pub(crate) is_ending: bool,
    /// The peer has sent all it will send.
    pub(crate) has_ended: bool,
    /// Nothing more is read; close when everything is sent.
    pub(crate) is_closing: bool,
    /// The peer may still be sending what was refused: closing at once could destroy our answer on its way.
    pub(crate) must_linger: bool,
    /// Everything is sent and our side is shut; waiting for the peer to hang up.
    pub(crate) is_lingering: bool,
    pub(crate) lingered: usize,
    /// Broken: drop at once.
    pub(crate) is_broken: bool,
    /// The turn before which `100 Continue` must not be sent; None if it is not owed.
    pub(crate) owes_continue: Option<u32>,
    pub(crate) in_dirty_list: bool,
    pub(crate) head_since_ns: Option<u64>,
    pub(crate) moved_ns: u64,
    pub(crate) armed_ns: u64,
}

impl Client {
    pub(crate) fn new(
        token: usize,
        generation: u32,
        stream: Transport,
        limits: Limits,
        now: u64,
    ) -> Self {
        Self {
            token,
            generation,
            stream,
            http: Conn::new(limits),
            input: Vec::new(),
            stage: Stage::Head,
            output: Output::default(),
            asked: 0,
            answered: 0,
            early: Vec::new(),
            flow: None,
            streams: 0,
            is_readable: false,
            is_ending: false,
            has_ended: false,
            is_closing: false,
            must_linger: false,
            is_lingering: false,
            lingered: 0,
            is_broken: false,
            owes_continue: None,
            in_dirty_list: false,
            head_since_ns: None,
            moved_ns: now,
            armed_ns: u64::MAX,
        }
    }

    /// Requests whose response is not yet in the output.
    pub(crate) fn in_flight(&self) -> u32 {
        self.asked.wrapping_sub(self.answered)
    }

    /// Whether the next request must stay in the socket for now.
    pub(crate) fn is_blocked(&self) -> bool {
        self.is_closing
            || self.http.is_closed()
            || match &self.stage {
                Stage::Parked { .. } => true,
                Stage::Stream(inflow) => inflow.is_blocked(),
                Stage::Head | Stage::Body(_) => false,
            }
            || self.in_flight() >= PIPELINE
            || (!self.output.is_empty() && self.output.backlog() > BACKLOG)
    }

    /// Whether the connection has served its purpose.
    pub(crate) fn is_over(&self) -> bool {
        let ends =
            self.is_closing || self.http.is_closed() || (self.has_ended && self.input.is_empty());
        let is_done = match &self.stage {
            Stage::Head => true,
            Stage::Stream(inflow) => inflow.is_unwanted() && self.is_closing,
            Stage::Body(_) | Stage::Parked { .. } => false,
        };
        ends && self.is_settled() && is_done
    }

    /// Whether everything asked has been answered and sent.
    pub(crate) fn is_settled(&self) -> bool {
        self.in_flight() == 0
            && self.output.is_empty()
            && !matches!(self.stage, Stage::Parked { .. })
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Requests for the tests of what looks at requests.

    use super::{Kept, Request};
    use ferrofunc_http::{Conn, Fields, Limits, Step};

    /// A request with this first line and these fields.
    pub(crate) fn request(line: &str, fields: &[(&str, &str)]) -> Kept {
        let mut text = format!("{line}\r\nHost: localhost\r\n");
        for (name, value) in fields {
            text.extend([name, ": ", value, "\r\n"]);
        }
        text.push_str("\r\n");
        let (mut conn, mut table) = (Conn::new(Limits::default()), Fields::new());
        match conn.next(text.as_bytes(), &mut table) {
            Ok(Step::Head { head, .. }) => Request::of(&head).keep(),
            other => panic!("expected a head, found {other:?}: {text}"),
        }
    }
}
