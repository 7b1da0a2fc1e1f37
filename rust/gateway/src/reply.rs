//! Responses: written into the connection's output in the order of its requests, sent once a turn.

use std::os::fd::RawFd;

use ferrofunc_http::{BodyKind, Delivery, HeadWriter, Plan, Reply, refusal};
use ferrofunc_wire::{Body, OutcomeView};
use mio::unix::SourceFd;

use crate::client::{Client, Early, Stage};
use crate::console::Level;
use crate::decorate::{Decoration, Wanted};
use crate::exchange::{Exchange, Manner};
use crate::inflow::Inflow;
use crate::outflow::Outflow;
use crate::output::{Lent, Output};
use crate::pool::Worker;
use crate::reactor::Reactor;

/// Body of a 503 while no worker is ready (spec http.md 1).
const NOT_RUNNING: &[u8] = b"Function host is not running.";

/// A response before it is bytes.
struct Response<'a, F> {
    status: u16,
    fields: F,
    body: &'a [u8],
    lent: Option<Lent>,
    /// The exchange whose body is to follow in parts, and how long it is, if that is known.
    stream: Option<(u64, Option<u64>)>,
}

type NoFields = std::iter::Empty<(&'static [u8], &'static [u8])>;

fn without_fields(status: u16) -> Response<'static, NoFields> {
    Response {
        status,
        fields: std::iter::empty(),
        body: b"",
        lent: None,
        stream: None,
    }
}

/// Writes head and inline body. What cannot be sent as asked (a bad header, an impossible status) becomes
/// a 500 and the reason. Gives the lent body back if it is to follow.
fn write<'a, F>(
    out: &mut Vec<u8>,
    manner: Manner,
    date: &str,
    decoration: &Decoration,
    response: Response<'a, F>,
) -> (Plan, Option<Lent>, Option<Lent>, Option<String>)
where
    F: Iterator<Item = (&'a [u8], &'a [u8])>,
{
    let Response {
        status,
        fields,
        body,
        lent,
        stream,
    } = response;
    let length = lent
        .as_ref()
        .map_or(body.len() as u64, |lent| lent.block.length);
    let length = match stream {
        Some((_, length)) => length,
        None => Some(length),
    };
    let reply = Reply {
        status,
        head_only: manner.head_only,
        version: manner.version,
        keep_alive: manner.keep_alive,
        body: length.map_or(BodyKind::Chunked, BodyKind::Length),
        date,
    };
    let problem = match HeadWriter::new(out, reply) {
        Ok(mut head) => {
            let bad = fields.into_iter().find_map(|(name, value)| {
                let error = head.field(name, value).err()?;
                Some(format!(
                    "header '{}': {error}",
                    String::from_utf8_lossy(name)
                ))
            });
            if let Some(bad) = bad {
                head.abandon();
                bad
            } else {
                decoration.decorate(&mut head, manner.wanted);
                let plan = head.finish();
                if plan.delivery == Delivery::Nothing {
                    return (plan, None, lent, None);
                }
                out.extend_from_slice(body);
                return (plan, lent, None, None);
            }
        }
        Err(bad) => bad.to_string(),
    };
    let reply = Reply {
        status: 500,
        body: BodyKind::Length(0),
        ..reply
    };
    match HeadWriter::new(out, reply) {
        Ok(mut head) => {
            decoration.decorate(&mut head, manner.wanted);
            (head.finish(), None, lent, Some(problem))
        }
        Err(_) => (
            Plan {
                delivery: Delivery::Nothing,
                keep_alive: false,
            },
            None,
            lent,
            Some(problem),
        ),
    }
}

impl Reactor {
    /// An Outcome's response.
    pub(crate) fn respond(
        &mut self,
        exchange: &Exchange,
        outcome: &OutcomeView<'_>,
        lent: Option<Lent>,
    ) {
        let body = match outcome.body {
            Body::Inline(bytes) => bytes,
            Body::Empty | Body::Block(_) | Body::Stream(_) => b"",
        };
        self.fulfil(
            exchange,
            Response {
                status: outcome.status,
                fields: outcome.fields(),
                body,
                lent,
                stream: None,
            },
        );
    }

    /// The head of a response whose body follows in parts.
    pub(crate) fn begin_outflow(&mut self, outcome: &OutcomeView<'_>, length: Option<u64>) {
        let Some(exchange) = self.exchanges.get_mut(outcome.key) else {
            return;
        };
        // Until its head is written, and if nobody is there to read it.
        exchange.outflow = Some(Outflow::dropped());
        let (client, turn, manner) = (exchange.client, exchange.turn, exchange.manner);
        let is_stream = exchange.is_stream;
        let response = Response {
            status: outcome.status,
            fields: outcome.fields(),
            body: b"",
            lent: None,
            stream: Some((outcome.key, length)),
        };
        self.with_streaming(client, |reactor, client| {
            if !is_stream {
                client.streams += 1;
            }
            reactor.put(client, turn, manner, response);
        });
    }

    pub(crate) fn respond_empty(&mut self, exchange: &Exchange, status: u16) {
        self.fulfil(exchange, without_fields(status));
    }

    /// The host's answer to an `AdminRequest`.
    pub(crate) fn answer(
        &mut self,
        key: u64,
        status: u16,
        fields: &[(String, String)],
        body: &[u8],
    ) {
        if let Some(exchange) = self.exchanges.take(key) {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
            self.fulfil(
                &exchange,
                Response {
                    status,
                    fields,
                    body,
                    lent: None,
                    stream: None,
                },
            );
        }
    }

    fn fulfil<'a, F>(&mut self, exchange: &Exchange, response: Response<'a, F>)
    where
        F: Iterator<Item = (&'a [u8], &'a [u8])>,
    {
        let (token, _) = exchange.client;
        if !self.is_there(exchange.client) {
            if let Some(lent) = response.lent {
                self.freed.push(lent.into_returned());
            }
            return;
        }
        self.with_client(token, |reactor, client| {
            reactor.put(client, exchange.turn, exchange.manner, response);
            if !client.is_blocked() && (client.is_readable || !client.input.is_empty()) {
                reactor.again.push_back(client.token);
            }
        });
    }

    fn is_there(&self, (token, generation): (usize, u32)) -> bool {
        self.clients
            .get(token)
            .and_then(Option::as_ref)
            .is_some_and(|client| client.generation == generation)
    }

    /// Puts a response in its place among the connection's responses.
    fn put<'a, F>(
        &mut self,
        client: &mut Client,
        turn: u32,
        mut manner: Manner,
        response: Response<'a, F>,
    ) where
        F: Iterator<Item = (&'a [u8], &'a [u8])>,
    {
        manner.keep_alive &= self.stopping.is_none();
        let date = std::mem::take(&mut self.date);
        let is_its_turn = turn == client.answered;
        let mut early = Output::default();
        let out = if is_its_turn {
            &mut client.output
        } else {
            &mut early
        };
        let stream = response.stream.map(|(key, _)| key);
        let (plan, lent, unsent, problem) =
            write(out.bytes(), manner, &date, &self.gates.decoration, response);
        if let Some(lent) = lent {
            out.lend(lent);
        }
        self.date = date;
        let flow = self.set_outflow(stream, plan);
        if let Some(unsent) = unsent {
            self.freed.push(unsent.into_returned());
        }
        if let Some(problem) = problem {
            self.report.remark(
                Level::Error,
                &format!("A response could not be sent and became a 500: {problem}."),
            );
        }
        if !is_its_turn {
            client.early.push(Early {
                turn,
                output: early,
                flow,
                keep_alive: plan.keep_alive,
            });
        } else if flow.is_some() {
            client.flow = flow;
            client.moved_ns = self.now;
        } else {
            self.conclude(client, plan.keep_alive);
            self.put_early(client);
        }
    }

    /// Notes how the body of a streamed response follows its head. None for one that does not stream.
    fn set_outflow(&mut self, stream: Option<u64>, plan: Plan) -> Option<u64> {
        let key = stream?;
        let exchange = self.exchanges.get_mut(key)?;
        exchange.outflow = Some(Outflow::new(plan.delivery, plan.keep_alive));
        Some(key)
    }

    /// One response more is complete in the output.
    pub(crate) fn conclude(&mut self, client: &mut Client, keep_alive: bool) {
        client.answered = client.answered.wrapping_add(1);
        client.moved_ns = self.now;
        if !keep_alive {
            client.is_closing = true;
            // Later requests of this connection get no answer: the client was told that this one is last.
            client.asked = client.answered;
        }
        if client.owes_continue == Some(client.answered) {
            client.owes_continue = None;
            client
                .output
                .bytes()
                .extend_from_slice(ferrofunc_http::CONTINUE);
        }
    }

    /// Moves what was ready early into its place, now that its turn has come.
    pub(crate) fn put_early(&mut self, client: &mut Client) {
        while let Some(at) = client
            .early
            .iter()
            .position(|early| early.turn == client.answered)
        {
            let early = client.early.swap_remove(at);
            client.output.append(early.output);
            if early.flow.is_some() {
                client.flow = early.flow;
                client.moved_ns = self.now;
                return;
            }
            self.conclude(client, early.keep_alive);
        }
    }

    /// Answers a request that goes nowhere.
    pub(crate) fn answer_plain(&mut self, client: &mut Client, manner: Manner, status: u16) {
        let turn = client.asked;
        client.asked = turn.wrapping_add(1);
        self.put(client, turn, manner, without_fields(status));
    }

    pub(crate) fn answer_failed_load(&mut self, client: &mut Client, manner: Manner, index: u16) {
        let id = self.ids.take();
        if let Some(function) = self
            .table
            .as_ref()
            .and_then(|table| table.functions.get(usize::from(index)))
        {
            let reason = function.failure.clone().unwrap_or_default();
            self.report.failed(function, id, 0, &reason, "");
        }
        self.answer_plain(client, manner, 500);
    }

    pub(crate) fn refuse_unready(&mut self, client: &mut Client, mut manner: Manner) {
        manner.wanted = manner.wanted.outside();
        let fields = [(&b"Content-Type"[..], &b"text/plain; charset=utf-8"[..])];
        self.answer_here(client, manner, 503, fields.into_iter(), NOT_RUNNING);
    }

    /// Answers a request that gets no further.
    pub(crate) fn answer_here<'a, F>(
        &mut self,
        client: &mut Client,
        manner: Manner,
        status: u16,
        fields: F,
        body: &'a [u8],
    ) where
        F: Iterator<Item = (&'a [u8], &'a [u8])>,
    {
        let turn = client.asked;
        client.asked = turn.wrapping_add(1);
        let response = Response {
            status,
            fields,
            body,
            lent: None,
            stream: None,
        };
        self.put(client, turn, manner, response);
    }

    /// No address space is left for a body: the request is refused, the connection ends.
    pub(crate) fn refuse_for_memory(&mut self, client: &mut Client, manner: Manner) {
        let stage = std::mem::replace(&mut client.stage, crate::client::Stage::Head);
        self.discard_stage(stage);
        let manner = Manner {
            keep_alive: false,
            ..manner
        };
        self.answer_plain(client, manner, 503);
        client.must_linger = true;
    }

    /// Answers what is no valid request, after the responses still due, and ends the connection.
    pub(crate) fn refuse(&mut self, client: &mut Client, error: &ferrofunc_http::Error) {
        self.report.remark(
            Level::Debug,
            &format!("Refused a request with {}: {error}.", error.status()),
        );
        let stage = std::mem::replace(&mut client.stage, crate::client::Stage::Head);
        if let Stage::Stream(Inflow { key: Some(key), .. }) = stage {
            self.revoke(client, key);
            if client.is_broken {
                return;
            }
        } else {
            self.discard_stage(stage);
        }
        let mut bytes = Vec::new();
        refusal(error, &self.date, &mut bytes);
        self.put_last(client, bytes);
    }

    /// A request head that took too long.
    pub(crate) fn say_timeout(&mut self, client: &mut Client) {
        let manner = Manner {
            version: ferrofunc_http::Version::Http11,
            keep_alive: false,
            head_only: false,
            wanted: Wanted::default(),
        };
        let mut bytes = Vec::new();
        let decoration = &self.gates.decoration;
        let response = without_fields(408);
        let (_, _, _, problem) = write(&mut bytes, manner, &self.date, decoration, response);
        debug_assert!(problem.is_none(), "408 is a status");
        self.put_last(client, bytes);
    }

    /// Ends the connection with these bytes, after the responses still due.
    pub(crate) fn put_last(&mut self, client: &mut Client, bytes: Vec<u8>) {
        let turn = client.asked;
        client.asked = turn.wrapping_add(1);
        let mut output = Output::default();
        *output.bytes() = bytes;
        client.early.push(Early {
            turn,
            output,
            flow: None,
            keep_alive: false,
        });
        self.put_early(client);
        client.is_closing = true;
        client.must_linger = true;
    }

    pub(crate) fn send_dirty(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for token in dirty.drain(..) {
            self.with_client(token, |reactor, client| {
                client.in_dirty_list = false;
                reactor.send(client);
            });
        }
        debug_assert!(self.dirty.is_empty() || dirty.is_empty());
        if self.dirty.is_empty() {
            self.dirty = dirty;
        }
    }

    /// Sends what the kernel takes now; the rest waits for the next writable edge.
    pub(crate) fn send(&mut self, client: &mut Client) {
        let was_blocked = client.is_blocked();
        let before = client.output.backlog();
        match client.output.try_send(&mut client.stream, &mut self.freed) {
            Ok(_) => {
                if client.output.backlog() < before {
                    client.moved_ns = self.now;
                    self.give_credit(client);
                }
            }
            Err(_) => client.is_broken = true,
        }
        if was_blocked && !client.is_blocked() {
            self.again.push_back(client.token);
        }
    }

    /// Stops watching a worker that is gone.
    pub(crate) fn forget(&mut self, worker: &Worker, process: Option<RawFd>) {
        use std::os::fd::AsRawFd;
        let bell = worker.outcome_bell.as_raw_fd();
        for fd in [Some(bell), process].into_iter().flatten() {
            // A failure means that it was never watched, which `add` and `attach` have reported.
            let _was_watched = self.poll.registry().deregister(&mut SourceFd(&fd));
        }
    }
}
