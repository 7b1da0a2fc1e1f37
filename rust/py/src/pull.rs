//! The result of a WSGI application that is an iterator: pulled as long as there is credit, and put aside,
//! without a thread, while the client is slow. Whichever thread takes the Frame with new credit goes on,
//! in the context in which the application was called.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyBytesMethods};

use crate::asgi::{content_length, send_head};
use crate::context::{InvocationId, set_current};
use crate::ffi;
use crate::link::Worker;
use crate::response::{Started, fail, send};
use crate::streams::{Listener, News, Outflow};
use crate::wsgi::{StartResponse, chunk, whole};

/// Bodies up to this are gathered, if their length was announced, and sent as one.
const SMALL: u64 = 64 << 10;

struct State {
    outflow: Outflow,
    /// A thread is at it.
    is_running: bool,
    /// Credit that came meanwhile.
    credit: u64,
    is_gone: bool,
}

/// See the module.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Pull {
    worker: Arc<Worker>,
    started: Started,
    id: InvocationId,
    context: Py<PyAny>,
    /// What the application returned: it may have to be closed.
    result: Py<PyAny>,
    iterator: Py<PyAny>,
    state: Mutex<State>,
}

/// Calls a WSGI application and sends what it returns. The application and all of its body run in one context
/// of their own, on whichever threads.
pub(crate) fn respond<'py>(
    worker: &Arc<Worker>,
    started: Started,
    id: InvocationId,
    start: &Bound<'py, StartResponse>,
    call: impl FnOnce() -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<()> {
    let py = start.py();
    let context = ffi::copy_context(py)?;
    let pull = ffi::within(&context, || {
        let result = call()?;
        let responded = try_respond(worker, started, id, start, &context, &result);
        match responded {
            // The pull closes it when it is through.
            Ok(Some(pull)) => Ok(Some(pull)),
            Ok(None) => close(&result).map(|()| None),
            Err(error) => {
                if let Err(second) = close(&result) {
                    second.write_unraisable(py, Some(&result));
                }
                Err(error)
            }
        }
    })?;
    if let Some(pull) = pull {
        pull.get().run(py);
    }
    Ok(())
}

/// Sends the response, or its head: then the rest is for the pull.
fn try_respond<'py>(
    worker: &Arc<Worker>,
    started: Started,
    id: InvocationId,
    start: &Bound<'py, StartResponse>,
    context: &Bound<'py, PyAny>,
    result: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, Pull>>> {
    let py = result.py();
    if let Some(chunks) = whole(result)? {
        let (status, fields, mut chunks_before) = take_head(py, start)?;
        chunks_before.extend(chunks);
        send_whole(worker, py, started, status, &fields, &chunks_before)?;
        return Ok(None);
    }
    let mut iterator = result.try_iter()?;
    let first = next_chunk(&mut iterator)?;
    let (status, fields, mut chunks) = take_head(py, start)?;
    let Some(first) = first else {
        send_whole(worker, py, started, status, &fields, &chunks)?;
        return Ok(None);
    };
    chunks.push(first);
    let length = content_length(&fields);
    if let Some(length) = length.filter(|length| *length <= SMALL) {
        let mut gathered: u64 = chunks
            .iter()
            .map(|chunk| chunk.as_bytes().len() as u64)
            .sum();
        while gathered < length {
            let Some(next) = next_chunk(&mut iterator)? else {
                break;
            };
            gathered += next.as_bytes().len() as u64;
            chunks.push(next);
        }
        // Any other is streamed: then the gateway holds it to its length, and cuts it off.
        if gathered == length {
            send_whole(worker, py, started, status, &fields, &chunks)?;
            return Ok(None);
        }
    }
    start.get().told().is_sent = true;
    send_head(worker, py, started, status, &fields, length)?;
    let mut outflow = Outflow::new(started.key);
    for chunk in chunks {
        outflow.push(chunk.unbind());
    }
    let pull = Pull {
        worker: worker.clone(),
        started,
        id,
        context: context.clone().unbind(),
        result: result.clone().unbind(),
        iterator: iterator.into_any().unbind(),
        state: Mutex::new(State {
            outflow,
            is_running: true,
            credit: 0,
            is_gone: false,
        }),
    };
    let pull = Bound::new(py, pull)?;
    worker
        .streams
        .insert(started.key, Listener::Pull(pull.clone().unbind()));
    Ok(Some(pull))
}

type Head<'py> = (u16, Vec<(Vec<u8>, Vec<u8>)>, Vec<Bound<'py, PyBytes>>);

fn take_head<'py>(py: Python<'py>, start: &Bound<'py, StartResponse>) -> PyResult<Head<'py>> {
    let mut told = start.get().told();
    let (status, fields) = told.head.clone().ok_or_else(|| {
        PyRuntimeError::new_err("the WSGI application gave a body without calling start_response")
    })?;
    let written = told.written.drain(..).map(|bytes| bytes.into_bound(py));
    Ok((status, fields, written.collect()))
}

fn send_whole(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    status: u16,
    fields: &[(Vec<u8>, Vec<u8>)],
    chunks: &[Bound<'_, PyBytes>],
) -> PyResult<()> {
    let pairs = fields.iter().map(|(name, value)| (&name[..], &value[..]));
    if let [only] = chunks {
        return send(worker, py, started, status, pairs, only.as_bytes());
    }
    let body: Vec<u8> = chunks
        .iter()
        .flat_map(PyBytesMethods::as_bytes)
        .copied()
        .collect();
    send(worker, py, started, status, pairs, &body)
}

/// The next chunk that is not empty.
fn next_chunk<'py>(
    iterator: &mut Bound<'py, pyo3::types::PyIterator>,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    for item in iterator {
        let item = chunk(item?)?;
        if !item.as_bytes().is_empty() {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

fn close(result: &Bound<'_, PyAny>) -> PyResult<()> {
    match result.getattr_opt(intern!(result.py(), "close"))? {
        Some(close) => close.call0().map(drop),
        None => Ok(()),
    }
}

impl Pull {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes News. True if this thread must go on with `run`.
    pub(crate) fn hear(&self, news: &News) -> bool {
        let mut state = self.lock();
        match news {
            News::Credit(bytes) => state.credit += bytes,
            News::Cancel => state.is_gone = true,
            News::Part(_) | News::End => return false,
        }
        !std::mem::replace(&mut state.is_running, true)
    }

    /// Goes on until credit or body is used up. `is_running` is set by the caller.
    pub(crate) fn run(&self, py: Python<'_>) {
        loop {
            // Taken out, so that no lock is held while user code runs or the Ring is full.
            let mut outflow = {
                let mut state = self.lock();
                let mut outflow =
                    std::mem::replace(&mut state.outflow, Outflow::new(self.started.key));
                outflow.take_credit(std::mem::take(&mut state.credit));
                outflow
            };
            let is_gone = self.lock().is_gone;
            let stepped = if is_gone {
                outflow.cut(&self.worker, py);
                Ok(true)
            } else {
                self.step(py, &mut outflow)
            };
            match stepped {
                Ok(false) => {
                    let mut state = self.lock();
                    state.outflow = outflow;
                    if state.credit == 0 && !state.is_gone {
                        state.is_running = false;
                        return;
                    }
                }
                Ok(true) => break self.end(py, Ok(())),
                Err(error) => break self.end(py, Err(error)),
            }
        }
    }

    /// Pulls and sends while there is credit. True when the body is complete.
    fn step(&self, py: Python<'_>, outflow: &mut Outflow) -> PyResult<bool> {
        loop {
            if outflow.pump(&self.worker, py) {
                return Ok(true);
            }
            self.worker.outbox.wake();
            if !outflow.has_credit() || self.lock().is_gone {
                return Ok(false);
            }
            let mut iterator = self.iterator.bind(py).try_iter()?;
            let before = crate::context::current();
            set_current(Some(self.id));
            let next = ffi::within(self.context.bind(py), || next_chunk(&mut iterator));
            set_current(before);
            match next? {
                Some(chunk) => outflow.push(chunk.unbind()),
                None => outflow.finish(),
            }
        }
    }

    fn end(&self, py: Python<'_>, result: PyResult<()>) {
        self.worker.streams.remove(self.started.key);
        if let Err(error) = result {
            fail(&self.worker, py, self.started, &error);
        }
        let before = crate::context::current();
        set_current(Some(self.id));
        let closed = ffi::within(self.context.bind(py), || close(self.result.bind(py)));
        set_current(before);
        if let Err(error) = closed {
            self.worker.log_exception(py, &error);
        }
        self.worker.outbox.wake();
    }
}
