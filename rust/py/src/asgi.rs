//! One call of an ASGI application: `receive` and `send` straight over the Rings.
//!
//! Neither is a coroutine function; what they give is in `awaited`. A response that is complete with its first
//! body message travels as one Outcome, as any other; one that goes on streams.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferrofunc_wire::{Body, FrameKind, Note, OutcomeKind, WINDOW, now_ns};
use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::awaited::{Received, Sent};
use crate::carrier::EventLoop;
use crate::context::Context;
use crate::link::Worker;
use crate::raw_request::RawRequest;
use crate::response::{Started, fail, send, send_outcome};
use crate::streams::{News, Outflow, Piece, send_note};

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// Bytes of a body message that are worth a wake-up of their own.
const LARGE: usize = 32 << 10;

/// How far the response has come.
enum Response {
    /// Nothing yet.
    Due,
    /// `http.response.start` was sent by the application, and is held until the first body message.
    Begun { status: u16, fields: Fields },
    /// Its head is sent, its body streams.
    Flowing(Outflow),
    /// Complete.
    Done,
}

/// What the request still brings, and who waits for it.
struct Request {
    pieces: VecDeque<Piece>,
    /// Whether all of the body has come.
    is_whole: bool,
    /// Whether the message with the end of the body was handed out.
    is_told: bool,
    /// Credit to give back.
    owed: u64,
    /// Futures of `receive`s that wait for news.
    receivers: Vec<Py<PyAny>>,
}

impl Request {
    /// Whether some of the body can be handed out.
    fn has_body(&self) -> bool {
        !self.is_told && (!self.pieces.is_empty() || self.is_whole)
    }
}

struct State {
    request: Request,
    response: Response,
    /// Futures of `send`s that wait for credit.
    senders: Vec<Py<PyAny>>,
    is_gone: bool,
    /// The application has returned or raised.
    is_over: bool,
    /// What to cancel when the client leaves.
    task: Option<Py<PyAny>>,
}

impl State {
    /// Whether nothing of the response is due: the client is through, or has left.
    fn is_disconnected(&self) -> bool {
        self.is_gone || matches!(self.response, Response::Done)
    }
}

/// One call of an ASGI application.
#[pyclass(frozen, weakref, module = "ferrofunc._core")]
pub(crate) struct AsgiCall {
    worker: Arc<Worker>,
    event_loop: Arc<EventLoop>,
    pub(crate) request: RawRequest,
    /// The Invocation's context, once it has begun.
    pub(crate) context: PyOnceLock<Py<Context>>,
    started: Started,
    state: Mutex<State>,
}

impl AsgiCall {
    pub(crate) fn new(
        worker: Arc<Worker>,
        event_loop: Arc<EventLoop>,
        request: RawRequest,
        started: Started,
    ) -> Self {
        let mut pieces = VecDeque::new();
        pieces.extend(request.take_body());
        let is_whole = !request.is_streamed();
        Self {
            worker,
            event_loop,
            request,
            context: PyOnceLock::new(),
            started,
            state: Mutex::new(State {
                request: Request {
                    pieces,
                    is_whole,
                    is_told: false,
                    owed: 0,
                    receivers: Vec::new(),
                },
                response: Response::Due,
                senders: Vec::new(),
                is_gone: false,
                is_over: false,
                task: None,
            }),
        }
    }

    /// Nothing comes for this call any more.
    fn forget(&self, py: Python<'_>) {
        self.worker.streams.remove(self.started.key);
        let ended = self
            .wake_receivers(py)
            .and_then(|()| self.event_loop.stop_if_leaving(py, &self.worker));
        if let Err(error) = ended {
            error.write_unraisable(py, None);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next message for `receive`, if there is one now.
    pub(crate) fn try_message<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let mut state = self.lock();
        let state = &mut *state;
        let request = &mut state.request;
        let message = PyDict::new(py);
        let kind = intern!(py, "type");
        if request.has_body() {
            let piece = request.pieces.pop_front();
            let is_last = request.is_whole && request.pieces.is_empty();
            request.is_told = is_last;
            let bytes = match &piece {
                Some(piece) => piece.to_bytes(py)?,
                None => PyBytes::new(py, b""),
            };
            message.set_item(kind, intern!(py, "http.request"))?;
            message.set_item(intern!(py, "body"), bytes)?;
            message.set_item(intern!(py, "more_body"), !is_last)?;
            if let Some(piece) = piece
                && self.request.is_streamed()
            {
                request.owed += piece.cost();
            }
            if request.owed >= WINDOW / 2 && !is_last {
                let number = std::mem::take(&mut request.owed);
                let key = self.started.key;
                send_note(&self.worker, py, FrameKind::Credit, Note { key, number });
                self.event_loop.flush_soon(py)?;
            }
            return Ok(Some(message));
        }
        if state.is_disconnected() {
            message.set_item(kind, intern!(py, "http.disconnect"))?;
            return Ok(Some(message));
        }
        Ok(None)
    }

    /// A future that is done when there may be a message.
    pub(crate) fn next_news<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let future = self.event_loop.future(py)?;
        self.lock().request.receivers.push(future.clone().unbind());
        Ok(future)
    }

    /// Nobody waits for this future of `next_news` any more.
    pub(crate) fn forget_receiver(&self, future: &Py<PyAny>) {
        self.lock()
            .request
            .receivers
            .retain(|known| !known.is(future));
    }

    /// Wakes those who wait for a message, if there is one. Each looks again by itself.
    fn wake_receivers(&self, py: Python<'_>) -> PyResult<()> {
        let mut state = self.lock();
        if !state.request.has_body() && !state.is_disconnected() {
            return Ok(());
        }
        let receivers = std::mem::take(&mut state.request.receivers);
        drop(state);
        receivers.iter().try_for_each(|future| resolve(py, future))
    }

    /// Takes News. Runs on the event loop's thread, not in the application's context.
    pub(crate) fn hear(slf: &Bound<'_, Self>, news: News) {
        let py = slf.py();
        let this = slf.get();
        let heard = match news {
            News::Part(piece) => {
                this.lock().request.pieces.push_back(piece);
                this.wake_receivers(py)
            }
            News::End => {
                this.lock().request.is_whole = true;
                this.wake_receivers(py)
            }
            News::Credit(bytes) => this.on_credit(py, bytes),
            News::Cancel => this.on_gone(py),
        };
        if let Err(error) = heard {
            error.write_unraisable(py, Some(slf));
        }
    }

    fn on_credit(&self, py: Python<'_>, bytes: u64) -> PyResult<()> {
        let mut state = self.lock();
        let Response::Flowing(outflow) = &mut state.response else {
            return Ok(());
        };
        outflow.take_credit(bytes);
        let is_ended = outflow.pump(&self.worker, py);
        let may_go_on = outflow.has_credit();
        if is_ended {
            state.response = Response::Done;
        }
        let senders = if is_ended || may_go_on {
            std::mem::take(&mut state.senders)
        } else {
            Vec::new()
        };
        let is_over = state.is_over;
        drop(state);
        if is_ended && is_over {
            self.forget(py);
        }
        for sender in senders {
            resolve(py, &sender)?;
        }
        self.wake_receivers(py)
    }

    fn on_gone(&self, py: Python<'_>) -> PyResult<()> {
        let mut state = self.lock();
        state.is_gone = true;
        // What waits for a reader will never find one.
        if let Response::Flowing(outflow) = &mut state.response
            && !outflow.has_credit()
        {
            outflow.cut(&self.worker, py);
            state.response = Response::Done;
        }
        let senders = std::mem::take(&mut state.senders);
        let task = state.task.take();
        let is_over = state.is_over && matches!(state.response, Response::Done);
        drop(state);
        if is_over {
            self.forget(py);
        }
        for sender in senders {
            resolve(py, &sender)?;
        }
        self.wake_receivers(py)?;
        if let Some(task) = task {
            task.call_method0(py, intern!(py, "cancel"))?;
        }
        Ok(())
    }

    fn on_start(&self, message: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = message.py();
        let status = required(message, intern!(py, "status"))?.extract()?;
        let mut fields = Fields::new();
        if let Some(headers) = message.get_item(intern!(py, "headers"))? {
            for pair in headers.try_iter()? {
                let pair = pair?;
                fields.push((bytes_of(&pair.get_item(0)?)?, bytes_of(&pair.get_item(1)?)?));
            }
        }
        let mut state = self.lock();
        if !matches!(state.response, Response::Due) {
            return Err(PyRuntimeError::new_err(
                "Unexpected ASGI message 'http.response.start': the response has begun already.",
            ));
        }
        state.response = Response::Begun { status, fields };
        Ok(())
    }

    /// True if the application may go on at once.
    fn on_body(&self, message: &Bound<'_, PyDict>) -> PyResult<bool> {
        let py = message.py();
        let body = match message.get_item(intern!(py, "body"))? {
            Some(body) => match body.cast_into::<PyBytes>() {
                Ok(body) => body,
                Err(other) => PyBytes::new(py, &bytes_of(&other.into_inner())?),
            },
            None => PyBytes::new(py, b""),
        };
        let has_more = match message.get_item(intern!(py, "more_body"))? {
            Some(more) => more.is_truthy()?,
            None => false,
        };
        let mut state = self.lock();
        let state = &mut *state;
        match &mut state.response {
            Response::Due => Err(PyRuntimeError::new_err(
                "Unexpected ASGI message 'http.response.body': expected 'http.response.start' first.",
            )),
            Response::Done => {
                if state.is_gone {
                    return Ok(true);
                }
                Err(PyRuntimeError::new_err(
                    "Unexpected ASGI message 'http.response.body': the response is complete.",
                ))
            }
            Response::Begun { status, fields } => {
                let (status, fields) = (*status, std::mem::take(fields));
                if !has_more && body.len()? <= WINDOW as usize {
                    state.response = Response::Done;
                    let pairs = fields.iter().map(|(name, value)| (&name[..], &value[..]));
                    send(
                        &self.worker,
                        py,
                        self.started,
                        status,
                        pairs,
                        body.as_bytes(),
                    )?;
                    return Ok(true);
                }
                let length = if has_more {
                    content_length(&fields)
                } else {
                    Some(body.len()? as u64)
                };
                send_head(&self.worker, py, self.started, status, &fields, length)?;
                state.response = Response::Flowing(Outflow::new(self.started.key));
                Ok(self.flow(py, state, body, has_more))
            }
            Response::Flowing(_) => Ok(self.flow(py, state, body, has_more)),
        }
    }

    fn flow(
        &self,
        py: Python<'_>,
        state: &mut State,
        body: Bound<'_, PyBytes>,
        has_more: bool,
    ) -> bool {
        let Response::Flowing(outflow) = &mut state.response else {
            return true;
        };
        if state.is_gone {
            if !has_more {
                outflow.cut(&self.worker, py);
                state.response = Response::Done;
            }
            return true;
        }
        let is_large = body.as_bytes().len() >= LARGE;
        outflow.push(body.unbind());
        if !has_more {
            outflow.finish();
        }
        let is_over = outflow.pump(&self.worker, py);
        if is_large {
            // The gateway sends while the application makes the next.
            self.worker.outbox.wake();
        }
        if is_over {
            state.response = Response::Done;
            return true;
        }
        // Of a last message the rest follows by itself.
        !has_more || outflow.has_credit()
    }

    /// The application has returned or raised.
    pub(crate) fn finish(&self, py: Python<'_>, result: PyResult<()>) {
        let mut state = self.lock();
        state.is_over = true;
        state.task = None;
        let mut late = None;
        let is_gone = state.is_gone;
        match (&mut state.response, result) {
            (Response::Done, Err(error)) if !is_gone => late = Some(error),
            (Response::Done, _) => {}
            (Response::Due | Response::Begun { .. }, result) => {
                state.response = Response::Done;
                drop(state);
                let error = match result {
                    // A Task that was cancelled for its client has no failure of its own to tell.
                    Err(error) if !is_gone || !self.event_loop.is_cancellation(&error, py) => error,
                    _ if is_gone => PyRuntimeError::new_err(
                        "the client left before the ASGI application had sent a response",
                    ),
                    _ => PyRuntimeError::new_err(
                        "the ASGI application returned without sending a response",
                    ),
                };
                fail(&self.worker, py, self.started, &error);
                self.forget(py);
                return;
            }
            (Response::Flowing(outflow), Ok(())) => {
                if outflow.is_last() {
                    // The rest goes out as credit comes; then the call is removed.
                    return;
                }
                outflow.cut(&self.worker, py);
                state.response = Response::Done;
            }
            (Response::Flowing(outflow), Err(error)) => {
                if is_gone {
                    outflow.cut(&self.worker, py);
                } else {
                    fail(&self.worker, py, self.started, &error);
                }
                state.response = Response::Done;
            }
        }
        drop(state);
        self.forget(py);
        if let Some(error) = late {
            // The client has its answer; all that is left is to say so.
            self.worker.log_exception(py, &error);
        }
    }
}

/// Sends the head of a response whose body follows in parts.
pub(crate) fn send_head(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    status: u16,
    fields: &Fields,
    length: Option<u64>,
) -> PyResult<()> {
    let outcome = ferrofunc_wire::Outcome {
        key: started.key,
        started_ns: started.at_ns,
        ended_ns: now_ns(),
        kind: OutcomeKind::Response,
        status,
        fields: fields.iter().map(|(name, value)| (&name[..], &value[..])),
        body: Body::Stream(length),
    };
    send_outcome(worker, py, &outcome)
}

/// What the application says of the length; the gateway holds it to that.
pub(crate) fn content_length(fields: &Fields) -> Option<u64> {
    let (_, value) = fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(b"content-length"))?;
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

fn required<'py>(
    message: &Bound<'py, PyDict>,
    name: &Bound<'py, PyString>,
) -> PyResult<Bound<'py, PyAny>> {
    message.get_item(name)?.ok_or_else(|| {
        PyRuntimeError::new_err(format!("expected '{name}' in the ASGI message, found none"))
    })
}

/// Bytes of any bytes-like object.
pub(crate) fn bytes_of(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    let bytes = value.py().get_type::<PyBytes>().call1((value,))?;
    Ok(bytes.cast::<PyBytes>()?.as_bytes().to_vec())
}

/// Ends the wait for a future, unless it was cancelled meanwhile.
fn resolve(py: Python<'_>, future: &Py<PyAny>) -> PyResult<()> {
    let future = future.bind(py);
    if !future.call_method0(intern!(py, "done"))?.is_truthy()? {
        future.call_method1(intern!(py, "set_result"), (py.None(),))?;
    }
    Ok(())
}

#[pymethods]
impl AsgiCall {
    fn receive(slf: &Bound<'_, Self>) -> Received {
        Received::of(slf)
    }

    fn send(&self, message: &Bound<'_, PyDict>) -> PyResult<Sent> {
        let py = message.py();
        let kind = required(message, intern!(py, "type"))?;
        let kind = kind.cast::<PyString>()?;
        let may_go_on = match kind.to_str()? {
            "http.response.start" => {
                self.on_start(message)?;
                true
            }
            "http.response.body" => {
                let may_go_on = self.on_body(message)?;
                self.event_loop.flush_soon(py)?;
                self.wake_receivers(py)?;
                may_go_on
            }
            other => {
                return Err(PyRuntimeError::new_err(format!(
                    "expected the ASGI message 'http.response.start' or 'http.response.body', found '{other}'"
                )));
            }
        };
        if may_go_on {
            return Ok(Sent::when(None));
        }
        let future = self.event_loop.future(py)?.unbind();
        self.lock().senders.push(future.clone_ref(py));
        Ok(Sent::when(Some(future)))
    }

    /// The Invocation's context.
    #[getter]
    fn context<'py>(&self, py: Python<'py>) -> Option<Bound<'py, Context>> {
        Some(self.context.get(py)?.bind(py).clone())
    }

    /// Route parameters of the Function's template.
    #[getter]
    fn route_params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.request.route_params(py)
    }

    /// Cancels `task` as soon as the client has left, as long as the call runs.
    fn cancel_when_gone(&self, task: Py<PyAny>) {
        self.lock().task = Some(task);
    }
}
