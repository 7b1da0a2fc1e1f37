//! The worker's door to its Region: takes Invocations, runs them, sends what comes of them.

use std::borrow::Cow;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ferrofunc_wire::{
    ArenaView, Bell, Body, Consumer, FrameKind, InvokeHead, LogLine, Note, Part, Region,
    bodies_open, now_ns,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::asgi::AsgiCall;
use crate::carrier::{EventLoop, Tasks};
use crate::context::{Context, InvocationId, current, set_current};
use crate::crew::{Crew, Duty, Number};
use crate::error::Failed;
use crate::outbox::Outbox;
use crate::plan::{Plan, Style};
use crate::pull;
use crate::raw_request::RawRequest;
use crate::request::HttpRequest;
use crate::response::{Started, clip, fail, finish};
use crate::streams::{Listener, News, Piece, Streams};
use crate::wsgi::{self, StartResponse};

/// Functions slower than this (mean, nanoseconds) have the gateway woken around them.
const QUICK_NS: u64 = 100_000;
/// Longest piece of a log message in one Frame.
const LOG_PIECE: usize = 32 << 10;
/// Stack of the thread that listens for help, in bytes: it may run the Python that starts a thread.
const HELPER_STACK: usize = 512 << 10;
/// No Function: for lines that belong to none.
pub(crate) const NO_FUNCTION: u16 = u16::MAX;

/// Python objects the core calls, given once by the worker.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Support {
    pub(crate) thread_local: Py<PyAny>,
    pub(crate) invocation_variable: Py<PyAny>,
    pub(crate) make_trace_context: Py<PyAny>,
    pub(crate) make_retry_context: Py<PyAny>,
    pub(crate) parse_form: Py<PyAny>,
    pub(crate) parse_json: Py<PyAny>,
    pub(crate) describe_failure: Py<PyAny>,
    pub(crate) read_text: Py<PyAny>,
    pub(crate) reissue_cookies: Py<PyAny>,
    pub(crate) response_class: Py<PyAny>,
    pub(crate) response_interface: Py<PyAny>,
    pub(crate) response_converter: Py<PyAny>,
}

impl Support {
    fn read(from: &Bound<'_, PyAny>) -> PyResult<Self> {
        let get = |name: &str| from.getattr(name).map(Bound::unbind);
        Ok(Self {
            thread_local: get("thread_local")?,
            invocation_variable: get("invocation_variable")?,
            make_trace_context: get("make_trace_context")?,
            make_retry_context: get("make_retry_context")?,
            parse_form: get("parse_form")?,
            parse_json: get("parse_json")?,
            describe_failure: get("describe_failure")?,
            read_text: get("read_text")?,
            reissue_cookies: get("reissue_cookies")?,
            response_class: get("response_class")?,
            response_interface: get("response_interface")?,
            response_converter: get("response_converter")?,
        })
    }
}

/// What the parts of a worker share.
pub(crate) struct Worker {
    pub(crate) support: Py<Support>,
    pub(crate) outbox: Outbox,
    pub(crate) plans: OnceLock<Vec<Py<Plan>>>,
    pub(crate) streams: Streams,
    /// The gateway has said to leave: the loop ends with the last call.
    pub(crate) is_leaving: AtomicBool,
    request_bodies: ArenaView,
}

/// A Frame from the gateway, as this side keeps it.
pub(crate) enum Taken {
    Invoke {
        payload: Box<[u8]>,
        head: InvokeHead,
    },
    News {
        key: u64,
        news: News,
    },
    Stop,
}

/// What an Invocation is called with.
pub(crate) enum Input<'py> {
    Request(Bound<'py, HttpRequest>),
    Call(Bound<'py, AsgiCall>),
    /// A request for a WSGI application, and how that answers.
    Wsgi(RawRequest, Bound<'py, StartResponse>),
}

/// An Invocation about to run.
pub(crate) struct Invocation<'py> {
    pub(crate) plan: Bound<'py, Plan>,
    pub(crate) input: Input<'py>,
    pub(crate) started: Started,
    pub(crate) id: InvocationId,
}

impl Worker {
    /// Takes the next Frame off a Ring; freed blocks are dealt with on the way.
    pub(crate) fn take(&self, ring: &Mutex<Consumer>) -> PyResult<Option<Taken>> {
        let mut ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some(frame) = ring.try_peek().map_err(Failed::from)? else {
                return Ok(None);
            };
            let end = frame.end();
            let taken = match frame.kind {
                FrameKind::Invoke => {
                    let payload: Box<[u8]> = frame.payload.into();
                    let head = InvokeHead::decode(&payload).map_err(Failed::from)?;
                    Some(Taken::Invoke { payload, head })
                }
                FrameKind::Stop => Some(Taken::Stop),
                FrameKind::Part => {
                    let part = Part::decode(frame.payload).map_err(Failed::from)?;
                    let piece = match part.body {
                        Body::Inline(bytes) => Piece::Inline(bytes.into()),
                        Body::Block(block) => {
                            Piece::Leased(self.outbox.lease(&self.request_bodies, block))
                        }
                        Body::Empty | Body::Stream(_) => Piece::Inline(Box::default()),
                    };
                    let (key, news) = (part.key, News::Part(piece));
                    Some(Taken::News { key, news })
                }
                FrameKind::End | FrameKind::Credit | FrameKind::Cancel => {
                    let Note { key, number } = Note::decode(frame.payload).map_err(Failed::from)?;
                    let news = match frame.kind {
                        FrameKind::End => News::End,
                        FrameKind::Credit => News::Credit(number),
                        _ => News::Cancel,
                    };
                    Some(Taken::News { key, news })
                }
                FrameKind::Free => {
                    self.outbox.reclaim(frame.payload).map_err(Failed::from)?;
                    None
                }
                kind => {
                    return Err(Failed::from(ferrofunc_wire::Corrupt::Kind(kind as u32)).into());
                }
            };
            ring.release(end);
            if taken.is_some() {
                return Ok(taken);
            }
        }
    }

    /// Makes the objects user code will see.
    /// None if that failed; the caller has been answered then.
    pub(crate) fn prepare<'py>(
        self: &Arc<Self>,
        py: Python<'py>,
        payload: Box<[u8]>,
        head: InvokeHead,
        event_loop: Option<&Arc<EventLoop>>,
    ) -> Option<Invocation<'py>> {
        let started = Started {
            key: head.key,
            at_ns: now_ns(),
        };
        Self::try_prepare(self, py, payload, head, started, event_loop)
            .inspect_err(|error| fail(self, py, started, error))
            .ok()
    }

    fn try_prepare<'py>(
        self: &Arc<Self>,
        py: Python<'py>,
        payload: Box<[u8]>,
        head: InvokeHead,
        started: Started,
        event_loop: Option<&Arc<EventLoop>>,
    ) -> PyResult<Invocation<'py>> {
        let plans = self.plans.get().map(Vec::as_slice).unwrap_or_default();
        let plan = plans.get(usize::from(head.function)).ok_or_else(|| {
            crate::error::CoreError::new_err(format!(
                "the gateway asked for function {}, this worker has {}",
                head.function,
                plans.len()
            ))
        })?;
        let lease = match head.body(&payload) {
            Body::Block(block) => Some(self.outbox.lease(&self.request_bodies, block)),
            Body::Empty | Body::Inline(_) | Body::Stream(_) => None,
        };
        let lease = Mutex::new(lease);
        let plan = plan.bind(py).clone();
        let input = match (plan.get().style, event_loop) {
            (Style::Asgi, Some(event_loop)) => {
                let (worker, event_loop) = (self.clone(), event_loop.clone());
                let request = RawRequest::new(payload, head, lease);
                let call = AsgiCall::new(worker, event_loop, request, started);
                let call = Bound::new(py, call)?;
                self.streams
                    .insert(head.key, Listener::Call(call.clone().unbind()));
                Input::Call(call)
            }
            (Style::Wsgi, _) => Input::Wsgi(
                RawRequest::new(payload, head, lease),
                Bound::new(py, StartResponse::new())?,
            ),
            _ => Input::Request(Bound::new(
                py,
                HttpRequest {
                    payload,
                    head,
                    support: self.support.clone_ref(py),
                    lease,
                    body: PyOnceLock::new(),
                    params: PyOnceLock::new(),
                    route_params: PyOnceLock::new(),
                    form: PyOnceLock::new(),
                },
            )?),
        };
        Ok(Invocation {
            plan,
            input,
            started,
            id: InvocationId {
                id: head.id,
                function: head.function,
            },
        })
    }

    /// Says what went wrong after a response was complete: nobody else would learn of it.
    pub(crate) fn log_exception(&self, py: Python<'_>, error: &PyErr) {
        let (message, stack) = crate::response::describe(self, py, error);
        let text = format!("An application failed after its response: {message}\n{stack}");
        let known = current_id(self, py);
        self.say(
            py,
            40,
            "ferrofunc",
            &text,
            known.map(|known| known.id),
            known.map_or(NO_FUNCTION, |known| known.function),
        );
    }

    /// Sends a line to the console, in pieces that fit.
    pub(crate) fn say(
        &self,
        py: Python<'_>,
        level: u8,
        category: &str,
        text: &str,
        id: Option<[u8; 16]>,
        function: u16,
    ) {
        let mut rest = text;
        loop {
            let piece = clip(rest, LOG_PIECE);
            rest = &rest[piece.len()..];
            let line = LogLine {
                level,
                id,
                function,
                category: clip(category, 1024),
                text: piece,
            };
            self.outbox
                .send(py, FrameKind::Log, line.encoded(), |payload| {
                    line.encode(payload);
                });
            if rest.is_empty() {
                return;
            }
        }
    }
}

impl<'py> Invocation<'py> {
    /// Calls the Function.
    pub(crate) fn start(&self, worker: &Worker) -> PyResult<Bound<'py, PyAny>> {
        let py = self.plan.py();
        let plan = self.plan.get();
        match &self.input {
            Input::Request(request) => plan.start(py, request.clone(), || {
                let request = request.get();
                self.context(worker, |name| request.field(name).map(Cow::into_owned))
            }),
            Input::Call(call) => {
                let request = &call.get().request;
                let context =
                    self.context(worker, |name| request.field(name).map(Cow::into_owned))?;
                let known = call.get().context.set(py, context.clone().unbind());
                debug_assert!(known.is_ok(), "a call begins once");
                let state = plan.state.as_ref().map(|state| state.bind(py));
                let scope = crate::asgi_scope::scope(py, request, &context, state)?;
                let receive = call.getattr(pyo3::intern!(py, "receive"))?;
                let send = call.getattr(pyo3::intern!(py, "send"))?;
                plan.call.bind(py).call1((scope, receive, send))
            }
            Input::Wsgi(request, start) => {
                let context =
                    self.context(worker, |name| request.field(name).map(Cow::into_owned))?;
                let environ = wsgi::environ(py, request, &context)?;
                plan.call.bind(py).call1((environ, start))
            }
        }
    }

    /// Calls a sync Function and sends what comes of it.
    fn run(&self, worker: &Arc<Worker>) {
        let Input::Wsgi(_, start) = &self.input else {
            self.conclude(worker, self.start(worker));
            return;
        };
        let call = || self.start(worker);
        if let Err(error) = pull::respond(worker, self.started, self.id, start, call) {
            fail(worker, self.plan.py(), self.started, &error);
        }
    }

    fn context(
        &self,
        worker: &Worker,
        header: impl Fn(&str) -> Option<String>,
    ) -> PyResult<Bound<'py, Context>> {
        let py = self.plan.py();
        let plan = self.plan.get();
        Bound::new(
            py,
            Context {
                invocation: self.id,
                name: plan.name.clone_ref(py),
                directory: plan.directory.clone_ref(py),
                trace: (header("traceparent"), header("tracestate")),
                support: worker.support.clone_ref(py),
                trace_context: PyOnceLock::new(),
                retry_context: PyOnceLock::new(),
            },
        )
    }

    /// Sends what came of it. For an async Function `result` is what its coroutine returned.
    pub(crate) fn conclude(&self, worker: &Arc<Worker>, result: PyResult<Bound<'py, PyAny>>) {
        let py = self.plan.py();
        match &self.input {
            Input::Request(_) => finish(worker, py, self.started, result),
            Input::Call(call) => call.get().finish(py, result.map(drop)),
            Input::Wsgi(..) => debug_assert!(false, "a WSGI application is run, not awaited"),
        }
    }
}

/// A worker's end of its Region.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Link {
    worker: Arc<Worker>,
    sync_ring: Mutex<Consumer>,
    async_ring: Mutex<Consumer>,
    sync_bell: Bell,
    async_bell: Bell,
    help_bell: Bell,
    crew: Crew,
    tasks: PyOnceLock<Tasks>,
}

/// An inherited descriptor, as this process's own copy.
fn inherited(number: i32) -> PyResult<OwnedFd> {
    ferrofunc_wire::inherited(number).map_err(|error| Failed::from(error).into())
}

#[pymethods]
impl Link {
    /// `descriptors` are those of the seat, in its order; the caller closes them afterwards. `support`
    /// carries the Python objects the core calls. At most `threads` threads run sync Functions;
    /// `spawn` starts a thread that calls `serve`.
    #[new]
    fn new(
        descriptors: [i32; 6],
        support: &Bound<'_, PyAny>,
        threads: usize,
        spawn: Py<PyAny>,
    ) -> PyResult<Self> {
        let [
            region,
            bodies,
            sync_bell,
            async_bell,
            outcome_bell,
            help_bell,
        ] = descriptors;
        let region = Region::open(inherited(region)?).map_err(Failed::from)?;
        let bodies = inherited(bodies)?;
        let ends = region.into_worker();
        let worker = Worker {
            support: Py::new(support.py(), Support::read(support)?)?,
            outbox: Outbox::new(
                ends.outcomes,
                ends.bodies,
                Bell::from_fd(inherited(outcome_bell)?),
            ),
            plans: OnceLock::new(),
            streams: Streams::default(),
            is_leaving: AtomicBool::new(false),
            request_bodies: bodies_open(&bodies).map_err(Failed::from)?,
        };
        Ok(Self {
            worker: Arc::new(worker),
            sync_ring: Mutex::new(ends.sync),
            async_ring: Mutex::new(ends.asynchronous),
            sync_bell: Bell::from_fd(inherited(sync_bell)?),
            async_bell: Bell::from_fd(inherited(async_bell)?),
            help_bell: Bell::from_fd(inherited(help_bell)?),
            crew: Crew::new(threads, spawn),
            tasks: PyOnceLock::new(),
        })
    }

    /// Sets the Functions, in the order of the table. Once.
    fn bind(&self, plans: Vec<Py<Plan>>) {
        let set = self.worker.plans.set(plans);
        debug_assert!(set.is_ok(), "plans are set once");
    }

    /// Tells the host that the app is loaded, with its Function table as JSON.
    fn ready(&self, py: Python<'_>, table: &[u8]) -> PyResult<()> {
        let body = self.worker.outbox.body(table).ok_or_else(|| {
            crate::error::CoreError::new_err("no shared memory for the function table")
        })?;
        self.worker
            .outbox
            .send(py, FrameKind::Ready, body.encoded_alone(), |payload| {
                body.encode_alone(payload);
            });
        self.worker.outbox.wake();
        Ok(())
    }

    /// Sends a line to the console. `explicit` is an invocation id set by the user for this thread.
    #[pyo3(signature = (level, category, text, explicit = None))]
    fn log(&self, py: Python<'_>, level: u8, category: &str, text: &str, explicit: Option<&str>) {
        let known = self.current_id(py);
        let (id, function) = match (known, explicit.and_then(parse_id)) {
            (Some(known), None) => (Some(known.id), known.function),
            (Some(known), Some(id)) if id == known.id => (Some(id), known.function),
            (_, Some(id)) => (Some(id), NO_FUNCTION),
            (None, None) => (None, NO_FUNCTION),
        };
        self.worker.say(py, level, category, text, id, function);
        // A line said while a Function runs travels with its Outcome, unless that takes long; what is
        // said outside of one must not wait for anything.
        if known.is_none() {
            self.worker.outbox.wake();
        } else {
            self.worker.outbox.wake_if_many();
        }
    }

    /// The id of the Invocation that runs here, as text.
    fn current_invocation_id(&self, py: Python<'_>) -> Option<String> {
        self.current_id(py)
            .map(|known| ferrofunc_wire::id_text(known.id))
    }

    /// Starts the first thread for sync Functions, and the one that listens for calls for help.
    fn start_threads(slf: &Bound<'_, Self>) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.clone().unbind());
        std::thread::Builder::new()
            .name("ferrofunc-help".into())
            .stack_size(HELPER_STACK)
            .spawn(move || this.get().wait_for_help())
            .map_err(Failed::from)?;
        slf.get().crew.start(py)
    }

    /// The life of a thread for sync Functions. Returns when the worker stops.
    fn serve(&self, py: Python<'_>) -> PyResult<()> {
        let own = self.crew.enlist();
        while self.crew.rest(py, own) == Duty::Watch {
            self.watch(py, own);
            while let Some(taken) = self.worker.take(&self.sync_ring)? {
                match taken {
                    Taken::Invoke { payload, head } => self.run(py, own, payload, head),
                    Taken::News { key, news } => self.pass(py, own, key, news),
                    Taken::Stop => {
                        self.worker.outbox.wake();
                        self.crew.stop();
                        return Ok(());
                    }
                }
            }
            self.worker.outbox.wake();
        }
        Ok(())
    }

    /// Waits until the gateway tells this worker to leave.
    fn wait_stopped(&self, py: Python<'_>) {
        py.detach(|| self.crew.wait_stopped());
    }

    /// Runs async Functions as tasks of this event loop. `drain` must be called whenever
    /// `async_descriptor` is readable.
    fn start_tasks(slf: &Bound<'_, Self>, event_loop: &Bound<'_, PyAny>) -> PyResult<()> {
        let this = slf.get();
        let tasks = Tasks::new(event_loop, this.worker.clone())?;
        let set = this.tasks.set(slf.py(), tasks);
        debug_assert!(set.is_ok(), "the loop is set once");
        this.drain(slf.py())
    }

    /// The descriptor to watch for reading.
    fn async_descriptor(&self) -> i32 {
        self.async_bell.as_raw_fd()
    }

    /// Takes what waits for async Functions and runs each to its first suspension.
    fn drain(&self, py: Python<'_>) -> PyResult<()> {
        let Some(tasks) = self.tasks.get(py) else {
            return Ok(());
        };
        let _was_ringing = self.async_bell.hush();
        let is_empty = tasks.drain(py, &self.async_ring)?;
        self.worker.outbox.wake();
        let ring = self
            .async_ring
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !is_empty || !ring.declare_asleep() {
            // More came, or this batch was long enough: other callbacks of the loop first, then again.
            self.async_bell.ring();
        }
        Ok(())
    }
}

impl Link {
    /// Sleeps until the Ring has something.
    fn watch(&self, py: Python<'_>, own: Number) {
        let ring = || {
            self.sync_ring
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if !self.crew.may_sleep(own) {
            return;
        }
        if ring().declare_asleep() {
            py.detach(|| {
                self.sync_bell.wait();
                ring().declare_awake();
            });
        }
        self.crew.wake_up();
    }

    /// The life of the thread that listens for help. It touches Python only to start another thread.
    fn wait_for_help(&self) {
        while !self.crew.is_stopping() {
            self.help_bell.wait();
            match Python::attach(|py| self.crew.help(py)) {
                Ok(true) => {}
                Ok(false) => self.sync_bell.ring(),
                Err(error) => {
                    let text = format!("Cannot start a thread for sync functions: {error}");
                    Python::attach(|py| self.log(py, 30, "ferrofunc", &text, None));
                }
            }
        }
    }

    fn run(&self, py: Python<'_>, own: Number, payload: Box<[u8]>, head: InvokeHead) {
        let worker = &self.worker;
        let Some(invocation) = worker.prepare(py, payload, head, None) else {
            worker.outbox.wake();
            return;
        };
        let plan = invocation.plan.get();
        let is_quick = plan.is_quick(QUICK_NS);
        if !is_quick {
            // Neither earlier Outcomes nor later Invocations may wait for a Function that may take long.
            self.hand_over(py, own);
        }
        set_current(Some(invocation.id));
        invocation.run(worker);
        set_current(None);
        plan.note_duration(now_ns() - invocation.started.at_ns);
        if is_quick {
            worker.outbox.wake_if_many();
        } else {
            worker.outbox.wake();
        }
    }

    /// Lets the gateway see what there is, and another thread watch the Ring.
    fn hand_over(&self, py: Python<'_>, own: Number) {
        self.worker.outbox.wake();
        if let Err(error) = self.crew.hand_over(py, own) {
            // The system gives no more threads: this one goes on alone, which is slower and correct.
            let text = format!("Cannot start a thread for sync functions: {error}");
            self.log(py, 30, "ferrofunc", &text, None);
        }
    }

    /// Gives News to the Invocation it is for. A body that is pulled from user code goes on here.
    fn pass(&self, py: Python<'_>, own: Number, key: u64, news: News) {
        let worker = &self.worker;
        if let Some((pull, news)) = worker.streams.deliver(worker, py, key, news)
            && pull.get().hear(&news)
        {
            self.hand_over(py, own);
            pull.get().run(py);
        }
    }

    fn current_id(&self, py: Python<'_>) -> Option<InvocationId> {
        current_id(&self.worker, py)
    }
}

/// What runs here, on this thread or in this context.
fn current_id(worker: &Worker, py: Python<'_>) -> Option<InvocationId> {
    if let Some(known) = current() {
        return Some(known);
    }
    let variable = worker.support.get().invocation_variable.bind(py);
    let value = crate::ffi::variable(variable).ok().flatten()?;
    value.cast::<InvocationId>().ok().map(|id| *id.get())
}

/// An id as 36 (or 32) characters.
fn parse_id(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| *byte != b'-')
        .map(|byte| char::from(byte).to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let pairs: [u8; 32] = digits.try_into().ok()?;
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(pairs.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(id)
}
