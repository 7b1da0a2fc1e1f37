//! What a Function returned, as an Outcome (spec worker.md 5.3 and 8.2, http.md 5.1 and 5.2).
//!
//! What a response object says is read by `http_response_read`; a text may be read as JSON first. Called where
//! Functions are run, `link` and `carrier`.

use std::sync::{Arc, Mutex, PoisonError};

use ferrofunc_wire::{Body, FrameKind, Outcome, OutcomeKind, WINDOW, now_ns};
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyList, PyString};

use crate::http_response_read::{Field, PLAIN, Parts};
use crate::http_response_text::Text;
use crate::link::Worker;
use crate::outbox::INLINE_BODY;
use crate::streams::{Chunk, Listener, Outflow};

/// The Invocation an Outcome belongs to, and when it was started.
#[derive(Clone, Copy)]
pub(crate) struct Started {
    pub(crate) key: u64,
    pub(crate) at_ns: u64,
}

/// What `read_text` makes of a text: status, header fields, body.
type Read<'py> = (u16, Bound<'py, PyList>, Bound<'py, PyString>);

/// Sends the Outcome of a Function that returned or raised.
pub(crate) fn finish(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    result: PyResult<Bound<'_, PyAny>>,
) {
    let sent = result.and_then(|value| respond(worker, py, started, &value));
    if let Err(error) = sent {
        fail(worker, py, started, &error);
    }
}

fn respond(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    result: &Bound<'_, PyAny>,
) -> PyResult<()> {
    if let Ok(body) = result.cast::<PyString>() {
        return respond_text(worker, py, started, body);
    }
    let support = worker.support.get();
    let Some(parts) = Parts::read(support, result)? else {
        return Err(PyTypeError::new_err(format!(
            "unable to encode outgoing TypedData: unsupported type \"{}\" for Python type \"{}\"",
            support.response_converter.bind(py).str()?,
            result.get_type().name()?
        )));
    };
    let status = parts.status()?;
    let fields = parts.fields()?;
    if fields.is_empty() {
        let content_type = parts.content_type()?;
        let content_type = [(&b"Content-Type"[..], content_type.bytes())].into_iter();
        if let Some(chunk) = parts.large_body(WINDOW as usize) {
            return send_large(
                worker,
                py,
                started,
                status,
                content_type,
                chunk,
                parts.body(),
            );
        }
        return send(worker, py, started, status, content_type, parts.body());
    }
    let fields = complete(worker, py, &parts, fields)?;
    let fields = into_wire(fields)?;
    let fields = pairs(&fields);
    if let Some(chunk) = parts.large_body(WINDOW as usize) {
        return send_large(worker, py, started, status, fields, chunk, parts.body());
    }
    send(worker, py, started, status, fields, parts.body())
}

/// Sends a large body in parts: each is copied while it is in a cache, and no response takes more shared
/// memory than its window.
fn send_large<'a>(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    status: u16,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
    chunk: Chunk,
    body: &'a [u8],
) -> PyResult<()> {
    let head = Outcome {
        key: started.key,
        started_ns: started.at_ns,
        ended_ns: now_ns(),
        kind: OutcomeKind::Response,
        status,
        fields,
        body: Body::Stream(Some(body.len() as u64)),
    };
    send_outcome(worker, py, &head)?;
    let outflow = Arc::new(Mutex::new(Outflow::of(started.key, chunk)));
    // Known before the first part is sent: credit for it may come while the Ring is full.
    worker
        .streams
        .insert(started.key, Listener::Body(outflow.clone()));
    let mut outflow = outflow
        .lock_py_attached(py)
        .unwrap_or_else(PoisonError::into_inner);
    let is_over = outflow.pump(worker, py);
    drop(outflow);
    if is_over {
        worker.streams.remove(started.key);
    }
    Ok(())
}

/// Adds the content type if there is none, and writes cookies as the official host does.
fn complete<'py>(
    worker: &Worker,
    py: Python<'py>,
    parts: &Parts<'py>,
    mut fields: Vec<Field<'py>>,
) -> PyResult<Vec<Field<'py>>> {
    if !fields.iter().any(|field| field.is(b"content-type")) {
        fields.push(Field {
            name: Text::Fixed("Content-Type"),
            value: parts.content_type()?,
        });
    }
    if !fields.iter().any(|field| field.is(b"set-cookie")) {
        return Ok(fields);
    }
    let (cookies, mut fields): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .partition(|field| field.is(b"set-cookie"));
    let cookies: Vec<_> = cookies
        .into_iter()
        .filter_map(|field| field.value.given())
        .collect();
    let reissue = &worker.support.get().reissue_cookies;
    for cookie in reissue.bind(py).call1((cookies,))?.try_iter()? {
        fields.push(Field {
            name: Text::Fixed("Set-Cookie"),
            value: Text::of(&cookie?)?,
        });
    }
    Ok(fields)
}

/// A `str` result: read as JSON where it can be, as the official host does (spec http.md 5.3).
fn respond_text(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    result: &Bound<'_, PyString>,
) -> PyResult<()> {
    let text = result.to_str()?;
    if may_be_json(text) {
        let read = worker.support.get().read_text.bind(py).call1((result,))?;
        if let Some((status, found, body)) = read.extract::<Option<Read<'_>>>()? {
            let fields = found.iter().map(|pair| Field::of(&pair));
            let fields = fields.collect::<PyResult<_>>()?;
            let body = body.to_str()?.as_bytes();
            let fields = into_wire(fields)?;
            return send(worker, py, started, status, pairs(&fields), body);
        }
    }
    let content_type = [(&b"Content-Type"[..], PLAIN.as_bytes())];
    send(
        worker,
        py,
        started,
        200,
        content_type.into_iter(),
        text.as_bytes(),
    )
}

/// Whether reading `text` as JSON can change it. Must stay cheap: most texts are no JSON.
fn may_be_json(text: &str) -> bool {
    let text = text.trim_start();
    match text.as_bytes().first() {
        None | Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9') => true,
        Some(_) => matches!(text.trim_end(), "true" | "false" | "null"),
    }
}

fn into_wire(fields: Vec<Field<'_>>) -> PyResult<Vec<Field<'_>>> {
    fields.into_iter().map(Field::into_wire).collect()
}

fn pairs<'a>(fields: &'a [Field<'_>]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone {
    fields
        .iter()
        .map(|field| (field.name.bytes(), field.value.bytes()))
}

pub(crate) fn send<'a>(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    status: u16,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
    body: &'a [u8],
) -> PyResult<()> {
    let outbox = &worker.outbox;
    let outcome = Outcome {
        key: started.key,
        started_ns: started.at_ns,
        ended_ns: now_ns(),
        kind: OutcomeKind::Response,
        status,
        fields,
        body: Body::Empty,
    };
    // Before the body takes shared memory: nobody would give it back.
    check_head(worker, &outcome)?;
    let body = outbox.body(body).ok_or_else(|| {
        PyMemoryError::new_err(
            "no shared memory is left for this response; clients read too slowly",
        )
    })?;
    let outcome = Outcome { body, ..outcome };
    outbox.send(py, FrameKind::Outcome, outcome.encoded(), |payload| {
        outcome.encode(payload);
    });
    Ok(())
}

/// Sends an Outcome whose body needs no memory: the head of a stream.
pub(crate) fn send_outcome<'a, H>(
    worker: &Worker,
    py: Python<'_>,
    outcome: &Outcome<'a, H>,
) -> PyResult<()>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
{
    check_head(worker, outcome)?;
    worker
        .outbox
        .send(py, FrameKind::Outcome, outcome.encoded(), |payload| {
            outcome.encode(payload);
        });
    Ok(())
}

/// Whether the head of a response fits a Frame.
fn check_head<'a, H>(worker: &Worker, outcome: &Outcome<'a, H>) -> PyResult<()>
where
    H: Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
{
    let head = outcome.encoded();
    let limit = worker.outbox.max_payload() - INLINE_BODY;
    if head > limit {
        return Err(PyValueError::new_err(format!(
            "expected response headers of less than {limit} bytes, found {head}"
        )));
    }
    Ok(())
}

/// Sends the Outcome of a Function that raised, or whose result cannot be sent.
pub(crate) fn fail(worker: &Worker, py: Python<'_>, started: Started, error: &PyErr) {
    let (message, stack) = describe(worker, py, error);
    let half = worker.outbox.max_payload() / 2 - 256;
    let fields = [
        (&b"message"[..], clip(&message, half).as_bytes()),
        (&b"stack"[..], clip(&stack, half).as_bytes()),
    ];
    let outcome = Outcome {
        key: started.key,
        started_ns: started.at_ns,
        ended_ns: now_ns(),
        kind: OutcomeKind::Failure,
        status: 500,
        fields: fields.into_iter(),
        body: Body::Empty,
    };
    let length = outcome.encoded();
    worker
        .outbox
        .send(py, FrameKind::Outcome, length, |payload| {
            outcome.encode(payload);
        });
}

pub(crate) fn describe(worker: &Worker, py: Python<'_>, error: &PyErr) -> (String, String) {
    let described = worker
        .support
        .get()
        .describe_failure
        .bind(py)
        // Not `error.value`: before Python 3.12 only `into_value` joins the exception and its traceback.
        .call1((error.clone_ref(py).into_value(py),))
        .and_then(|pair| pair.extract());
    described.unwrap_or_else(|second| {
        (
            "Unhandled exception in function. Could not serialize original exception message."
                .to_owned(),
            second.to_string(),
        )
    })
}

/// The start of `text`, cut at a character.
pub(crate) fn clip(text: &str, limit: usize) -> &str {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
