//! What comes back from the workers: Outcomes, log lines, tables, freed blocks, and death.

use ferrofunc_wire::{
    ArenaView, BlockRef, Body, Corrupt, FrameKind, LogLine, Note, OutcomeKind, OutcomeView, Part,
    id_text, now_ns,
};

use crate::console::Level;
use crate::exchange::Exchange;
use crate::host::Event;
use crate::output::{Lent, Returned};
use crate::pool::{Owed, State, Worker};
use crate::reactor::Reactor;

/// What a Function's caller gets when there is nothing to tell it.
const FAILURE: u16 = 500;

impl Reactor {
    /// Takes all Frames of all workers.
    pub(crate) fn collect(&mut self) {
        let mut has_collected = false;
        for id in 0..self.pool.workers.len() {
            let Some(mut worker) = self.pool.take(id) else {
                continue;
            };
            let collected = self.collect_from(&mut worker);
            let is_leaving = worker.state == State::Retired && worker.in_flight == 0;
            self.pool.put_back(worker);
            match collected {
                Ok(0) => {}
                Ok(_) => {
                    has_collected = true;
                    if is_leaving {
                        self.leave_retired();
                    }
                }
                Err(corrupt) => self.give_up(id, &corrupt.to_string()),
            }
        }
        if has_collected && !(self.parked.is_empty() && self.submissions.is_empty()) {
            self.unpark();
        }
    }

    fn collect_from(&mut self, worker: &mut Worker) -> Result<usize, Corrupt> {
        let mut count = 0;
        let (id, view) = (worker.id, worker.ends.bodies.clone());
        while let Some(frame) = worker.ends.outcomes.try_peek()? {
            count += 1;
            let end = frame.end();
            match frame.kind {
                FrameKind::Outcome => {
                    let outcome = OutcomeView::decode(frame.payload)?;
                    let lent = self.lent(id, &view, outcome.key, outcome.body)?;
                    if self.on_outcome(&outcome, lent) {
                        worker.in_flight = worker.in_flight.saturating_sub(1);
                    }
                }
                FrameKind::Part => {
                    let part = Part::decode(frame.payload)?;
                    let lent = self.lent(id, &view, part.key, part.body)?;
                    self.on_part(&part, lent);
                }
                FrameKind::End => {
                    self.on_outflow_end(Note::decode(frame.payload)?);
                    worker.in_flight = worker.in_flight.saturating_sub(1);
                }
                FrameKind::Credit => self.on_credit(Note::decode(frame.payload)?),
                FrameKind::Log => {
                    let is_retired = worker.state == State::Retired;
                    self.on_log(&LogLine::decode(frame.payload)?, is_retired);
                }
                FrameKind::Free => {
                    let offset = BlockRef::decode_free(frame.payload)?;
                    // A worker may only give back what it was lent.
                    if !worker.bodies.remove(&offset) {
                        return Err(Corrupt::Block);
                    }
                    self.bodies.reclaim_lent(offset)?;
                }
                FrameKind::Ready => {
                    let table = match Body::decode_alone(frame.payload)? {
                        Body::Empty | Body::Stream(_) => Vec::new(),
                        Body::Inline(bytes) => bytes.to_vec(),
                        Body::Block(block) => {
                            let bytes = view.bytes(block)?.to_vec();
                            worker.owed.push_back(Owed::Block(Returned {
                                worker: id,
                                is_async: false,
                                block,
                            }));
                            bytes
                        }
                    };
                    self.mailbox.tell(Event::Ready { worker: id, table });
                }
                FrameKind::Invoke | FrameKind::Stop | FrameKind::Cancel => {
                    return Err(Corrupt::Kind(frame.kind as u32));
                }
            }
            worker.ends.outcomes.release(end);
        }
        Ok(count)
    }

    /// A body that lies in the worker's arena.
    fn lent(
        &self,
        worker: usize,
        view: &ArenaView,
        key: u64,
        body: Body<'_>,
    ) -> Result<Option<Lent>, Corrupt> {
        let Body::Block(block) = body else {
            return Ok(None);
        };
        view.bytes(block)?;
        Ok(Some(Lent {
            worker,
            is_async: self.is_async(key),
            view: view.clone(),
            block,
        }))
    }

    /// By which Ring the Invocation with this key went.
    pub(crate) fn is_async(&self, key: u64) -> bool {
        let function = self.exchanges.get(key).map(|exchange| exchange.function);
        self.table
            .as_ref()
            .zip(function)
            .and_then(|(table, row)| table.functions.get(usize::from(row)))
            .is_some_and(|function| function.is_async)
    }

    /// True if the Invocation has ended with it.
    fn on_outcome(&mut self, outcome: &OutcomeView<'_>, lent: Option<Lent>) -> bool {
        if let (OutcomeKind::Response, Body::Stream(length)) = (outcome.kind, outcome.body) {
            self.begin_outflow(outcome, length);
            return false;
        }
        let Some(mut exchange) = self.exchanges.take(outcome.key) else {
            // It was answered already: timed out.
            if let Some(lent) = lent {
                self.freed.push(lent.into_returned());
            }
            return true;
        };
        self.let_go(&mut exchange, outcome.key);
        let took_ns = outcome.ended_ns.saturating_sub(outcome.started_ns);
        let functions = self.table.as_mut().map(|table| &mut table.functions);
        if let Some(function) =
            functions.and_then(|functions| functions.get_mut(usize::from(exchange.function)))
        {
            match outcome.kind {
                OutcomeKind::Response => {
                    self.report
                        .succeeded(function, exchange.id, took_ns, exchange.is_logged);
                }
                OutcomeKind::Failure => self.report.failed(
                    function,
                    exchange.id,
                    took_ns,
                    &outcome.text("message"),
                    &outcome.text("stack"),
                ),
            }
        }
        match outcome.kind {
            OutcomeKind::Response => {
                self.tell_host(&exchange, None);
                self.respond(&exchange, outcome, lent);
            }
            OutcomeKind::Failure => {
                let Some(exchange) = self.try_again(exchange) else {
                    return true;
                };
                self.tell_host(&exchange, Some(&outcome.text("message")));
                self.respond_failed(&exchange);
            }
        }
        true
    }

    /// A streamed response has ended.
    fn on_outflow_end(&mut self, end: Note) {
        let Some(mut exchange) = self.exchanges.take(end.key) else {
            return;
        };
        self.let_go(&mut exchange, end.key);
        let took_ns = self.now.saturating_sub(exchange.accepted_ns);
        let functions = self.table.as_mut().map(|table| &mut table.functions);
        if let Some(function) =
            functions.and_then(|functions| functions.get_mut(usize::from(exchange.function)))
        {
            self.report
                .succeeded(function, exchange.id, took_ns, exchange.is_logged);
        }
        let is_whole = end.number == 1;
        self.tell_host(&exchange, (!is_whole).then_some("The response broke off."));
        self.end_outflow(&exchange, is_whole);
    }

    /// An exchange has ended: its client has one stream less, and nobody wants the rest of its body.
    fn let_go(&mut self, exchange: &mut Exchange, key: u64) {
        self.look.outcomes += 1;
        if !exchange.is_stream && exchange.outflow.is_none() {
            return;
        }
        let (token, generation) = exchange.client;
        if let Some(Some(client)) = self.clients.get_mut(token)
            && client.generation == generation
        {
            client.streams = client.streams.saturating_sub(1);
            Self::disown_inflow(client, key);
            self.again.push_back(token);
        }
    }

    /// The caller of a Function that failed: an empty 500, or a body that breaks off.
    pub(crate) fn respond_failed(&mut self, exchange: &Exchange) {
        if exchange.outflow.is_some() {
            self.end_outflow(exchange, false);
        } else {
            self.respond_empty(exchange, FAILURE);
        }
    }

    /// `is_retired`: the worker may have loaded another table than the one in force.
    fn on_log(&mut self, line: &LogLine<'_>, is_retired: bool) {
        let level = Level::from_python(line.level);
        // A thread that the user made knows the id alone; the Invocation may still run.
        let row = match line.id {
            Some(id) if is_retired || line.function == u16::MAX => {
                self.exchanges.function_of_id(id).unwrap_or(u16::MAX)
            }
            _ => line.function,
        };
        let function = self
            .table
            .as_ref()
            .and_then(|table| table.functions.get(usize::from(row)));
        if function.is_some_and(|function| !function.shows_user(level)) {
            return;
        }
        let origin = match (function, line.id) {
            (Some(function), Some(id)) => {
                format!("[{} {} {}] ", level.name(), function.name, id_text(id))
            }
            (None, Some(id)) => format!("[{} {}] ", level.name(), id_text(id)),
            (_, None) => format!("[{}] ", level.name()),
        };
        self.report.console.log(level, &origin, line.text);
    }

    /// A worker's process is gone: what it had finished still counts, the rest is answered 500.
    pub(crate) fn on_death(&mut self, id: usize) {
        let Some(mut worker) = self.pool.take(id) else {
            return;
        };
        if let Err(corrupt) = self.collect_from(&mut worker) {
            self.report.remark(
                Level::Warning,
                &format!("The last words of worker {id} are unreadable: {corrupt}."),
            );
        }
        let in_flight = self
            .exchanges
            .keys_where(|exchange| exchange.worker == Some(id));
        for key in &in_flight {
            let Some(mut exchange) = self.exchanges.take(*key) else {
                continue;
            };
            self.let_go(&mut exchange, *key);
            let took_ns = now_ns().saturating_sub(exchange.accepted_ns);
            let functions = self.table.as_ref().map(|table| &table.functions);
            let message = "The worker process running this function has ended; see its exit status in this log.";
            if let Some(function) =
                functions.and_then(|functions| functions.get(usize::from(exchange.function)))
            {
                self.report
                    .failed(function, exchange.id, took_ns, message, "");
            }
            self.tell_host(&exchange, Some(message));
            self.respond_failed(&exchange);
        }
        for offset in worker.bodies.drain() {
            let reclaimed = self.bodies.reclaim_lent(offset);
            debug_assert!(reclaimed.is_ok(), "the worker's books name lent blocks");
        }
        self.freed.retain(|returned| returned.worker != id);
        let fd = worker.process.as_ref().map(std::os::fd::AsRawFd::as_raw_fd);
        self.forget(&worker, fd);
        self.mailbox.tell(Event::Gone {
            worker: id,
            in_flight: in_flight.len(),
        });
        self.note_loss();
        if self.parked.is_empty() && self.submissions.is_empty() {
            return;
        }
        self.unpark();
    }

    /// A Function ran too long (spec http.md 6). Its caller is answered; its worker is the host's affair.
    pub(crate) fn time_out(&mut self, key: u64) {
        let Some(mut exchange) = self.exchanges.take(key) else {
            return;
        };
        self.let_go(&mut exchange, key);
        let id = id_text(exchange.id);
        let limit = self.config.function_timeout.unwrap_or_default();
        let functions = self.table.as_ref().map(|table| &table.functions);
        let served = functions.and_then(|functions| functions.get(usize::from(exchange.function)));
        let function = served.map_or_else(String::new, |function| function.name.clone());
        if let Some(served) = served {
            let took_ns = self.now.saturating_sub(exchange.accepted_ns);
            self.report.timed_out(served, exchange.id, took_ns, limit);
        }
        self.tell_host(
            &exchange,
            Some("The function ran longer than functionTimeout allows."),
        );
        self.respond_failed(&exchange);
        if let Some(worker) = exchange.worker {
            // It is about to be killed: what comes now would be lost with it.
            if let Some(lost) = self.pool.get(worker) {
                lost.state = State::Retired;
            }
            self.note_loss();
            self.mailbox.tell(Event::TimedOut {
                worker,
                function,
                id,
            });
        }
    }

    /// A worker that cannot be trusted any more: no Invocation goes there, and the host must kill it.
    pub(crate) fn give_up(&mut self, id: usize, reason: &str) {
        if let Some(worker) = self.pool.get(id) {
            worker.state = State::Retired;
        }
        self.mailbox.tell(Event::Corrupt {
            worker: id,
            reason: reason.to_owned(),
        });
    }
}
