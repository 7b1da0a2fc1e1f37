//! What a Function returned, as an Outcome (spec worker.md 5.3 and 8.2, http.md 5.1 and 5.2).
//!
//! The library's own response is read through its instance attributes, without its properties; subclasses
//! and other implementations through the public interface. Nothing of the user's object is changed.

use std::borrow::Cow;

use ferrofunc_wire::{Body, FrameKind, Outcome, OutcomeKind, now_ns};
use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::link::Worker;
use crate::outbox::INLINE_BODY;

/// The Invocation an Outcome belongs to, and when it was started.
#[derive(Clone, Copy)]
pub(crate) struct Started {
    pub(crate) key: u64,
    pub(crate) at_ns: u64,
}

/// Header fields of a response as text.
type Fields = Vec<(String, String)>;

/// A `str` result (spec http.md 5.3).
const TEXT: &str = "text/plain; charset=utf-8";

struct Parts<'py> {
    status: Bound<'py, PyAny>,
    mimetype: Bound<'py, PyAny>,
    charset: Bound<'py, PyAny>,
    headers: Bound<'py, PyAny>,
    body: Bound<'py, PyAny>,
}

impl<'py> Parts<'py> {
    fn read(worker: &Worker, result: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        let py = result.py();
        let support = worker.support.get();
        if result.get_type().is(support.response_class.bind(py)) {
            return Ok(Some(Self {
                status: result.getattr(intern!(py, "_HttpResponse__status_code"))?,
                mimetype: result.getattr(intern!(py, "_HttpResponse__mimetype"))?,
                charset: result.getattr(intern!(py, "_HttpResponse__charset"))?,
                headers: result.getattr(intern!(py, "_HttpResponse__headers"))?,
                body: result.getattr(intern!(py, "_HttpResponse__body"))?,
            }));
        }
        if !result.is_instance(support.response_interface.bind(py))? {
            return Ok(None);
        }
        Ok(Some(Self {
            status: result.getattr(intern!(py, "status_code"))?,
            mimetype: result.getattr(intern!(py, "mimetype"))?,
            charset: result.getattr(intern!(py, "charset"))?,
            headers: result.getattr(intern!(py, "headers"))?,
            body: result.call_method0(intern!(py, "get_body"))?,
        }))
    }

    /// Sent as text and read again by the official host: text that is no number is 200.
    fn status(&self) -> PyResult<u16> {
        if let Ok(status) = self.status.extract::<u16>() {
            return Ok(status);
        }
        let text = self.status.str()?;
        let Ok(number) = text.to_str()?.trim().parse::<i32>() else {
            return Ok(200);
        };
        u16::try_from(number).map_err(|_| {
            PyValueError::new_err(format!(
                "expected a status code from 100 to 999, found {number}"
            ))
        })
    }

    /// The user's fields: the last of several with one name wins, except for cookies (spec http.md 5.5).
    fn fields(&self) -> PyResult<Fields> {
        let py = self.headers.py();
        let mut fields: Fields = Vec::new();
        let mut add = |name: String, value: String| {
            let is_cookie = name.eq_ignore_ascii_case("set-cookie");
            match fields
                .iter_mut()
                .find(|(known, _)| !is_cookie && known.eq_ignore_ascii_case(&name))
            {
                Some(known) => known.1 = value,
                None => fields.push((name, value)),
            }
        };
        let list = match self.headers.getattr_opt(intern!(py, "_list"))? {
            Some(list) => list.cast_into::<PyList>().ok(),
            None => None,
        };
        if let Some(list) = list {
            for pair in list.iter() {
                let pair = pair.cast::<PyTuple>()?;
                add(text(&pair.get_item(0)?)?, text(&pair.get_item(1)?)?);
            }
        } else {
            for pair in self
                .headers
                .call_method0(intern!(py, "items"))?
                .try_iter()?
            {
                let pair = pair?;
                add(text(&pair.get_item(0)?)?, text(&pair.get_item(1)?)?);
            }
        }
        Ok(fields)
    }

    fn content_type(&self) -> PyResult<Cow<'static, str>> {
        // What nearly every response has, without a copy of either text.
        let is = |value: &Bound<'_, PyAny>, text: &str| {
            value
                .cast::<PyString>()
                .is_ok_and(|value| value.to_str().is_ok_and(|value| value == text))
        };
        if is(&self.mimetype, "text/plain") && is(&self.charset, "utf-8") {
            return Ok(Cow::Borrowed(TEXT));
        }
        let mimetype = text(&self.mimetype)?;
        if mimetype.starts_with("text/") {
            let charset = text(&self.charset)?;
            return Ok(Cow::Owned(format!("{mimetype}; charset={charset}")));
        }
        Ok(Cow::Owned(mimetype))
    }
}

fn text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    value.str()?.extract()
}

/// Bytes of a header value: characters up to U+00FF are bytes of their own, as on the wire.
fn wire_bytes(value: String) -> PyResult<Vec<u8>> {
    if value.is_ascii() {
        return Ok(value.into_bytes());
    }
    value
        .chars()
        .map(|character| u8::try_from(u32::from(character)).ok())
        .collect::<Option<_>>()
        .ok_or_else(|| {
            PyValueError::new_err(format!(
                "expected a header value of characters up to U+00FF, found {value:?}; encode it"
            ))
        })
}

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
    let Some(parts) = Parts::read(worker, result)? else {
        return Err(PyTypeError::new_err(format!(
            "unable to encode outgoing TypedData: unsupported type \"{}\" for Python type \"{}\"",
            worker.support.get().response_converter.bind(py).str()?,
            result.get_type().name()?
        )));
    };
    let status = parts.status()?;
    // A response of the user's own class may have none.
    let body = if parts.body.is_none() {
        b""
    } else {
        parts.body.cast::<PyBytes>()?.as_bytes()
    };
    let fields = parts.fields()?;
    if fields.is_empty() {
        let content_type = parts.content_type()?;
        let content_type = [(&b"Content-Type"[..], content_type.as_bytes())];
        return send(worker, py, started, status, content_type.into_iter(), body);
    }
    let (cookies, mut fields): (Fields, Fields) = fields
        .into_iter()
        .partition(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    if !fields
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        let content_type = parts.content_type()?.into_owned();
        fields.push(("Content-Type".to_owned(), content_type));
    }
    if !cookies.is_empty() {
        let values: Vec<String> = cookies.into_iter().map(|(_, value)| value).collect();
        let reissue = worker.support.get().reissue_cookies.bind(py);
        let values: Vec<String> = reissue.call1((values,))?.extract()?;
        fields.extend(
            values
                .into_iter()
                .map(|value| ("Set-Cookie".to_owned(), value)),
        );
    }
    send_fields(worker, py, started, status, fields, body)
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
        let response: Option<(u16, Fields, Bound<'_, PyString>)> = read.extract()?;
        if let Some((status, fields, body)) = response {
            return send_fields(
                worker,
                py,
                started,
                status,
                fields,
                body.to_str()?.as_bytes(),
            );
        }
    }
    let content_type = [(&b"Content-Type"[..], TEXT.as_bytes())];
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

fn send_fields(
    worker: &Worker,
    py: Python<'_>,
    started: Started,
    status: u16,
    fields: Fields,
    body: &[u8],
) -> PyResult<()> {
    let fields: Vec<(String, Vec<u8>)> = fields
        .into_iter()
        .map(|(name, value)| Ok((name, wire_bytes(value)?)))
        .collect::<PyResult<_>>()?;
    let fields = fields
        .iter()
        .map(|(name, value)| (name.as_bytes(), &value[..]));
    send(worker, py, started, status, fields, body)
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
