//! A response that streams from a worker to its client: parts are written as they come, and the worker gets
//! credit for what the kernel has taken. Called by `collect`; the way in is `inflow`.
//!
//! A client that is gone takes everything: the Function may run to its end, what it sends is dropped.

use std::num::NonZeroUsize;

use ferrofunc_http::{Delivery, chunk, chunk_end, last_chunk};
use ferrofunc_wire::{Body, FrameKind, Note, Part, WINDOW};

use crate::client::Client;
use crate::console::Level;
use crate::exchange::Exchange;
use crate::output::{Lent, Output};
use crate::pool::Owed;
use crate::reactor::Reactor;

/// How far a streamed response has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outflow {
    /// How the body follows its head; `Exactly` counts down.
    delivery: Delivery,
    keep_alive: bool,
    /// Credit used by what has come, and credit given back.
    used: u64,
    given: u64,
}

impl Outflow {
    pub(crate) fn new(delivery: Delivery, keep_alive: bool) -> Self {
        Self {
            delivery,
            keep_alive,
            used: 0,
            given: 0,
        }
    }

    /// A body that is dropped as it comes.
    pub(crate) fn dropped() -> Self {
        Self::new(Delivery::Nothing, false)
    }
}

impl Reactor {
    /// Some bytes of a response.
    pub(crate) fn on_part(&mut self, part: &Part<'_>, lent: Option<Lent>) {
        let length = match (&part.body, &lent) {
            (Body::Inline(bytes), _) => bytes.len(),
            (_, Some(lent)) => lent.block.length as usize,
            _ => 0,
        };
        let mut lent = lent;
        if let Some(exchange) = self.exchanges.get_mut(part.key)
            && let Some(outflow) = &mut exchange.outflow
        {
            outflow.used += Part::cost(length);
            let (delivery, turn, client) = (outflow.delivery, exchange.turn, exchange.client);
            let is_too_long = matches!(delivery, Delivery::Exactly(rest) if rest < length as u64);
            if let Delivery::Exactly(rest) = &mut outflow.delivery {
                *rest = rest.saturating_sub(length as u64);
            }
            if is_too_long {
                outflow.delivery = Delivery::Nothing;
                self.report.remark(Level::Error,
                    "A streamed response is longer than its Content-Length said; the connection is cut off.",
                );
                self.with_streaming(client, Self::break_off);
            } else if delivery != Delivery::Nothing {
                let body = part.body;
                lent = self
                    .with_streaming(client, |_, client| {
                        let Some(output) = output_of(client, turn) else {
                            return lent;
                        };
                        write_part(output, delivery, length, body, lent);
                        None
                    })
                    .unwrap_or_default();
            }
            self.give_credit_for_dropped(part.key);
        }
        if let Some(lent) = lent {
            self.freed.push(lent.into_returned());
        }
    }

    /// Runs `act` on a client that is still the one meant.
    pub(crate) fn with_streaming<T>(
        &mut self,
        (token, generation): (usize, u32),
        act: impl FnOnce(&mut Self, &mut Client) -> T,
    ) -> Option<T> {
        let mut result = None;
        self.with_client(token, |reactor, client| {
            if client.generation == generation {
                result = Some(act(reactor, client));
            }
        });
        result
    }

    /// The end of a streamed response: complete, or cut off by its Function.
    pub(crate) fn end_outflow(&mut self, exchange: &Exchange, is_whole: bool) {
        let Some(outflow) = exchange.outflow else {
            return;
        };
        let turn = exchange.turn;
        self.with_streaming(exchange.client, |reactor, client| {
            let is_short = matches!(outflow.delivery, Delivery::Exactly(rest) if rest > 0);
            if !is_whole || is_short {
                reactor.break_off(client);
                return;
            }
            if client.flow.is_some() && turn == client.answered {
                if outflow.delivery == Delivery::Chunks {
                    last_chunk(client.output.bytes());
                }
                client.flow = None;
                reactor.conclude(client, outflow.keep_alive);
                reactor.put_early(client);
            } else if let Some(early) = client.early.iter_mut().find(|early| early.turn == turn) {
                if outflow.delivery == Delivery::Chunks {
                    last_chunk(early.output.bytes());
                }
                early.flow = None;
            }
            if !client.is_blocked() && (client.is_readable || !client.input.is_empty()) {
                reactor.again.push_back(client.token);
            }
        });
    }

    /// Ends a connection in the middle of a response: the client gets what there is, and must see that it is
    /// not complete.
    fn break_off(&mut self, client: &mut Client) {
        self.send(client);
        client.is_broken = true;
    }

    /// Gives the worker credit for what the kernel has taken of the response being streamed.
    pub(crate) fn give_credit(&mut self, client: &Client) {
        let Some(key) = client.flow else {
            return;
        };
        let backlog = client.output.backlog() as u64;
        let Some(exchange) = self.exchanges.get_mut(key) else {
            return;
        };
        let (Some(outflow), Some(worker)) = (&mut exchange.outflow, exchange.worker) else {
            return;
        };
        let settled = outflow.used.saturating_sub(backlog);
        if settled.saturating_sub(outflow.given) >= WINDOW / 2 {
            let number = settled - outflow.given;
            outflow.given = settled;
            self.note(worker, FrameKind::Credit, Note { key, number });
        }
    }

    /// What is dropped is got rid of at once.
    fn give_credit_for_dropped(&mut self, key: u64) {
        let Some(exchange) = self.exchanges.get_mut(key) else {
            return;
        };
        let (Some(outflow), Some(worker)) = (&mut exchange.outflow, exchange.worker) else {
            return;
        };
        let number = outflow.used - outflow.given;
        if outflow.delivery == Delivery::Nothing && number >= WINDOW / 2 {
            outflow.given = outflow.used;
            self.note(worker, FrameKind::Credit, Note { key, number });
        }
    }

    fn note(&mut self, worker: usize, kind: FrameKind, note: Note) {
        let is_async = self.is_async(note.key);
        self.notes.push((
            worker,
            Owed::Note {
                kind,
                note,
                is_async,
            },
        ));
    }

    /// Tells the workers of a client's streaming Functions that it has left.
    pub(crate) fn cancel_streams(&mut self, client: &mut Client) {
        if client.streams == 0 {
            return;
        }
        client.streams = 0;
        self.cancel_where(client, |exchange| {
            exchange.is_stream || exchange.outflow.is_some()
        });
    }

    /// The client will send nothing more. Who listens to it takes that for leaving; what is only written
    /// goes on, because the client may still read.
    pub(crate) fn cancel_listening(&mut self, client: &Client) {
        if client.streams > 0 {
            self.cancel_where(client, |exchange| exchange.is_stream);
        }
    }

    fn cancel_where(&mut self, client: &Client, is_meant: impl Fn(&Exchange) -> bool) {
        let whose = (client.token, client.generation);
        let keys = self
            .exchanges
            .keys_where(|exchange| exchange.client == whose && is_meant(exchange));
        for key in keys {
            if let Some(worker) = self.exchanges.get(key).and_then(|exchange| exchange.worker) {
                self.note(worker, FrameKind::Cancel, Note { key, number: 0 });
            }
        }
    }

    /// A connection is gone: what its streamed responses still bring is dropped, so that their Functions
    /// are not held up for ever.
    pub(crate) fn drop_outflows(&mut self, client: &mut Client) {
        let had_streams = client.streams > 0 || client.flow.is_some() || !client.early.is_empty();
        self.cancel_streams(client);
        if !had_streams {
            return;
        }
        let whose = (client.token, client.generation);
        for key in self
            .exchanges
            .keys_where(|exchange| exchange.client == whose)
        {
            if let Some(exchange) = self.exchanges.get_mut(key)
                && let Some(outflow) = &mut exchange.outflow
            {
                outflow.delivery = Delivery::Nothing;
                self.give_credit_for_dropped(key);
            }
        }
    }
}

/// Where a response of this turn is written.
pub(crate) fn output_of(client: &mut Client, turn: u32) -> Option<&mut Output> {
    if turn == client.answered {
        return Some(&mut client.output);
    }
    let early = client.early.iter_mut().find(|early| early.turn == turn)?;
    Some(&mut early.output)
}

fn write_part(
    output: &mut Output,
    delivery: Delivery,
    length: usize,
    body: Body<'_>,
    lent: Option<Lent>,
) {
    let size = NonZeroUsize::new(length).filter(|_| delivery == Delivery::Chunks);
    if let Some(size) = size {
        chunk(output.bytes(), size);
    }
    match (body, lent) {
        (_, Some(lent)) => output.lend(lent),
        (Body::Inline(bytes), None) => output.bytes().extend_from_slice(bytes),
        _ => {}
    }
    if size.is_some() {
        chunk_end(output.bytes());
    }
}
