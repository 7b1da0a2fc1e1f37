//! A whole request becomes an Invocation: its Function is named, a worker chosen, the Frame written.
//! What cannot go now is parked; what never can is answered here.

use ferrofunc_route::{Router, RouterBuilder};
use ferrofunc_wire::{Body, FieldSpan, FrameKind, Invoke};

use crate::client::{Client, Request, Stage, Upload};
use crate::config::{FunctionSpec, GatewayError};
use crate::exchange::{Exchange, Sink};
use crate::gate::first_step;
use crate::host::{AdminRequest, Event};
use crate::inflow::Inflow;
use crate::reactor::Reactor;
use crate::report::Served;
use crate::retry::{Again, first_attempt};
use crate::throttle::Ticket;
use crate::timers::Due;

/// The Functions in force, by row, and the way to them. Routes are tried in the order given.
pub(crate) struct Table {
    pub(crate) functions: Vec<Served>,
    router: Router<u16>,
}

impl Table {
    pub(crate) fn compile(specs: Vec<FunctionSpec>) -> Result<Self, GatewayError> {
        let mut routes = RouterBuilder::new();
        let rows = specs.iter().map(|spec| usize::from(spec.row) + 1).max();
        let mut functions = Vec::new();
        // Rows outside the allow-list are never started; they keep the numbers right.
        functions.resize_with(rows.unwrap_or(0), Served::unknown);
        for spec in specs {
            if let Some(template) = &spec.template {
                routes
                    .add(template, spec.methods.as_deref(), spec.row)
                    .map_err(|source| GatewayError::Route {
                        function: spec.name.clone(),
                        source: Box::new(source),
                    })?;
            }
            let row = usize::from(spec.row);
            functions[row] = Served::new(spec);
        }
        Ok(Self {
            functions,
            router: routes.build(),
        })
    }
}

/// Parked requests in a row that find no room before the others are left for later.
pub(crate) const STUBBORN: usize = 16;

/// Where a request goes.
enum Destination {
    Function(u16),
    Host,
    Nowhere,
    NotYet,
}

/// Whether a path belongs to the host itself (spec http.md 1.9).
fn is_reserved(path: &[u8]) -> bool {
    let first = first_step(path);
    first.eq_ignore_ascii_case(b"admin") || first.eq_ignore_ascii_case(b"runtime")
}

impl Reactor {
    fn find(&mut self, request: &Request<'_>) -> Destination {
        let (path, _) = request.path_and_query();
        if is_reserved(path) {
            return Destination::Host;
        }
        let Some(table) = &self.table else {
            return Destination::NotYet;
        };
        match table.router.find(request.method(), path, &mut self.params) {
            Some(index) => Destination::Function(*index),
            None if path == b"/" => Destination::Host,
            None => Destination::Nowhere,
        }
    }

    /// Sends a request on its way. `body` is what goes into the Frame if `sink` holds no bytes.
    pub(crate) fn dispatch(
        &mut self,
        client: &mut Client,
        request: &Request<'_>,
        sink: Sink,
        body: Body<'_>,
    ) {
        let request = &mut { *request };
        if self.gates.is_any && self.is_stopped_at_gates(client, request) {
            self.discard_sink(sink);
            return;
        }
        let unsent = match self.find(request) {
            Destination::Function(_) | Destination::Nowhere if self.gates.throttle.is_full() => {
                self.discard_sink(sink);
                self.refuse_surplus(client, request);
                None
            }
            Destination::Function(index) => self.invoke(client, request, index, sink, body),
            Destination::Host => {
                self.ask_host(client, request, sink, body);
                None
            }
            Destination::Nowhere => {
                self.discard_sink(sink);
                self.answer_plain(client, request.manner, 404);
                None
            }
            Destination::NotYet => Some(sink),
        };
        if let Some(sink) = unsent {
            self.park(client, request, sink, body);
        }
    }

    pub(crate) fn dispatch_upload(&mut self, client: &mut Client, upload: Upload) {
        let Upload { kept, sink, .. } = upload;
        self.dispatch(client, &kept.request(), sink, Body::Empty);
    }

    /// Keeps a whole request until a worker can take it. The client is not read meanwhile.
    fn park(&mut self, client: &mut Client, request: &Request<'_>, sink: Sink, body: Body<'_>) {
        let sink = match (sink, body) {
            (Sink::Bytes(held), Body::Inline(bytes)) if held.is_empty() => {
                Sink::Bytes(bytes.to_vec())
            }
            (sink, _) => sink,
        };
        let upload = Box::new(Upload {
            kept: request.keep(),
            framing: ferrofunc_http::Framing::Empty,
            sink,
        });
        client.stage = Stage::Parked {
            upload,
            since_ns: self.now,
            ticket: self.wait_ticket(),
        };
        self.parked.push_back(client.token);
    }

    /// Limits count a request that could run, not one that waits for the app.
    fn wait_ticket(&self) -> Option<Ticket> {
        if self.is_waiting_for_workers() {
            return None;
        }
        self.gates.throttle.wait()
    }

    /// Tries the parked requests again, oldest first. One that must stay does not stop those behind it at
    /// once: they may be bound for another Ring.
    pub(crate) fn unpark(&mut self) {
        self.recall(false);
    }

    /// Tries all of them again: something has changed for each.
    pub(crate) fn unpark_all(&mut self) {
        self.recall(true);
    }

    fn recall(&mut self, is_for_all: bool) {
        self.run_submissions();
        let stubborn = if is_for_all { usize::MAX } else { STUBBORN };
        let mut staying = Vec::new();
        for _ in 0..self.parked.len() {
            if !is_for_all && self.gates.throttle.is_busy() {
                break;
            }
            let Some(token) = self.parked.pop_front() else {
                break;
            };
            let waiting = self.parked.len();
            self.with_client(token, Self::try_parked);
            if self.parked.len() > waiting {
                staying.extend(self.parked.pop_back());
                if staying.len() >= stubborn {
                    break;
                }
            }
        }
        for token in staying.into_iter().rev() {
            self.parked.push_front(token);
        }
    }

    fn try_parked(&mut self, client: &mut Client) {
        match std::mem::replace(&mut client.stage, Stage::Head) {
            Stage::Parked {
                upload,
                since_ns,
                ticket,
            } => {
                drop(ticket);
                let is_to_come = matches!(upload.sink, Sink::Stream(_));
                self.gates.throttle.is_recalling = true;
                self.dispatch_upload(client, *upload);
                self.gates.throttle.is_recalling = false;
                if is_to_come && matches!(client.stage, Stage::Head) {
                    // Answered without its body, which is still to come.
                    client.stage = Stage::Stream(Inflow::unwanted());
                }
                match &mut client.stage {
                    // Still no room: its patience is counted from when it first had to wait.
                    Stage::Parked {
                        since_ns: again, ..
                    } => *again = since_ns,
                    Stage::Head | Stage::Body(_) | Stage::Stream(_) => {
                        self.again.push_back(client.token);
                    }
                }
            }
            stage => client.stage = stage,
        }
    }

    /// Whether requests wait because no worker serves (and not because Rings are full).
    pub(crate) fn is_waiting_for_workers(&self) -> bool {
        self.table.is_none() || !self.pool.is_serving()
    }

    /// Whether this request's Function takes its body as it comes.
    pub(crate) fn is_streamed(&mut self, request: &Request<'_>) -> bool {
        let Destination::Function(index) = self.find(request) else {
            return false;
        };
        self.table
            .as_ref()
            .and_then(|table| table.functions.get(usize::from(index)))
            .is_some_and(|function| function.is_stream)
    }

    /// A worker serves no more. If it was the last, those who wait are patient anew.
    pub(crate) fn note_loss(&mut self) {
        if !self.pool.is_serving() {
            self.unready_ns = self.now;
        }
    }

    /// Writes the Invoke Frame. Gives the body back if that cannot be done now.
    fn invoke(
        &mut self,
        client: &mut Client,
        request: &Request<'_>,
        index: u16,
        sink: Sink,
        body: Body<'_>,
    ) -> Option<Sink> {
        if let Some(status) = self.refusal(request, index) {
            self.discard_sink(sink);
            self.answer_plain(client, request.manner, status);
            return None;
        }
        let Some(function) = self
            .table
            .as_mut()
            .and_then(|table| table.functions.get_mut(usize::from(index)))
        else {
            return Some(sink);
        };
        if function.failure.is_some() {
            self.discard_sink(sink);
            self.answer_failed_load(client, request.manner, index);
            return None;
        }
        if self.gates.throttle.must_wait() {
            return Some(sink);
        }
        let Some(worker) = self.pool.choose(function.mean_ns) else {
            return Some(sink);
        };
        let (body, block) = match &sink {
            Sink::Bytes(held) if held.is_empty() => (body, None),
            Sink::Bytes(held) => (Body::Inline(held), None),
            Sink::Block { block, filled } => {
                let mut reference = block.reference();
                reference.length = *filled as u64;
                (Body::Block(reference), Some(reference.offset))
            }
            Sink::Stream(length) => (Body::Stream(*length), None),
        };
        let policy = function.retry;
        let kept = Self::body_to_keep(&self.bodies, policy, &sink, body);
        let id = self.ids.take();
        let invoke = Invoke {
            key: self.exchanges.next_key(),
            id,
            accepted_ns: self.now,
            queued_ns: self.now,
            function: index,
            attempt: first_attempt(policy),
            is_secure: client.stream.is_secure(),
            head: request.bytes,
            method: request.method,
            target: request.target,
            fields: request.fields.iter().map(|field| FieldSpan {
                name: (field.name.start, field.name.len),
                value: (field.value.start, field.value.len),
            }),
            params: self.params.iter(),
            body,
        };
        let ring = worker.ring(function.is_async);
        let length = invoke.encoded();
        if length > ring.max_payload() {
            self.discard_sink(sink);
            self.answer_plain(client, request.manner, 431);
            return None;
        }
        let Some(mut slot) = ring.try_reserve(FrameKind::Invoke, length) else {
            return Some(sink);
        };
        invoke.encode(slot.bytes());
        let again = Again::keep(policy, &function.name, slot.bytes(), &kept);
        slot.commit();
        worker.in_flight += 1;
        worker.bodies.extend(block);
        let worker = worker.id;
        let key = invoke.key;
        match sink {
            Sink::Block { block, .. } => {
                self.bodies.lend(block);
            }
            Sink::Stream(_) => client.stage = Stage::Stream(Inflow::to(key)),
            Sink::Bytes(_) => {}
        }
        let is_stream = function.is_stream;
        client.streams += u32::from(is_stream);
        let is_logged = self.report.executing(function, id);
        self.exchanges.insert(Exchange {
            generation: 0,
            client: (client.token, client.generation),
            turn: client.asked,
            manner: request.manner,
            worker: Some(worker),
            function: index,
            id,
            accepted_ns: self.now,
            is_logged,
            submission: None,
            is_stream,
            again,
            outflow: None,
            ticket: self.gates.throttle.run(),
        });
        client.asked = client.asked.wrapping_add(1);
        self.arm_after_invoke(is_logged);
        None
    }

    /// An Invocation has gone to a worker: what is due some time after that.
    pub(crate) fn arm_after_invoke(&mut self, is_logged: bool) {
        if is_logged && !self.report_armed {
            self.report_armed = true;
            self.timers.arm(self.now + 1_000_000_000, Due::Report);
        }
        self.arm_in_flight();
        self.arm_look();
    }

    fn arm_in_flight(&mut self) {
        if !self.in_flight_armed
            && let Some(limit) = self.config.function_timeout
        {
            self.in_flight_armed = true;
            self.timers
                .arm(self.now + limit.as_nanos() as u64, Due::InFlight);
        }
    }

    pub(crate) fn on_in_flight_due(&mut self) {
        self.in_flight_armed = false;
        let Some(limit) = self.config.function_timeout else {
            return;
        };
        let limit = limit.as_nanos() as u64;
        let now = self.now;
        let expired = self.exchanges.keys_where(|exchange| {
            exchange.worker.is_some() && exchange.accepted_ns + limit <= now
        });
        let has_expired = !expired.is_empty();
        for key in expired {
            self.time_out(key);
        }
        if has_expired {
            // Each has given up its place among those that run.
            self.unpark();
        }
        if let Some(oldest) = self.exchanges.oldest_ns() {
            self.in_flight_armed = true;
            self.timers.arm(oldest + limit, Due::InFlight);
        }
    }

    fn ask_host(&mut self, client: &mut Client, request: &Request<'_>, sink: Sink, body: Body<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let body = match (&sink, body) {
            (Sink::Bytes(held), Body::Inline(bytes)) if held.is_empty() => bytes.to_vec(),
            (Sink::Bytes(held), _) => held.clone(),
            (Sink::Block { block, filled }, _) => self.bodies.bytes(block)[..*filled].to_vec(),
            // The app changed between the request's head and its dispatch.
            (Sink::Stream(_), _) => Vec::new(),
        };
        self.discard_sink(sink);
        let (path, query) = request.path_and_query();
        let (level, system_key) = self.prove_to_host(request);
        let key = self.exchanges.insert(Exchange {
            generation: 0,
            client: (client.token, client.generation),
            turn: client.asked,
            manner: request.manner,
            worker: None,
            function: u16::MAX,
            id: [0; 16],
            accepted_ns: self.now,
            is_logged: false,
            submission: None,
            is_stream: false,
            again: None,
            outflow: None,
            ticket: None,
        });
        client.asked = client.asked.wrapping_add(1);
        self.mailbox.tell(Event::Admin(AdminRequest {
            key,
            method: text(request.method()),
            path: text(path),
            query: text(query),
            fields: request
                .fields
                .iter()
                .map(|field| {
                    (
                        text(field.name.of(request.bytes)),
                        text(field.value.of(request.bytes)),
                    )
                })
                .collect(),
            body,
            running: self.unfinished(),
            level,
            system_key,
            is_secure: client.stream.is_secure(),
        }));
    }

    pub(crate) fn discard_sink(&mut self, sink: Sink) {
        if let Sink::Block { block, .. } = sink {
            self.bodies.free(block);
        }
    }
}
