//! One call of a WSGI application (PEP 3333): `environ`, `start_response`, and what becomes of the result
//! (spec http.md 5.6).

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyAssertionError, PyBaseException, PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::asgi_scope::add_azure;
use crate::body_file::BodyFile;
use crate::context::Context;
use crate::raw_request::{RawRequest, percent_decoded};
use crate::request::latin1;

pub(crate) type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// Makes the `environ`: the official host's keys. `errors` is where the application may complain.
pub(crate) fn environ<'py>(
    py: Python<'py>,
    request: &RawRequest,
    context: &Bound<'py, Context>,
) -> PyResult<Bound<'py, PyDict>> {
    let environ = PyDict::new(py);
    for (name, value) in request.fields() {
        add_header(&environ, name, value)?;
    }
    let body = BodyFile::new(request.take_body());
    let (path, query) = request.path_and_query();
    let path: String = percent_decoded(path)
        .iter()
        .map(|byte| char::from(*byte))
        .collect();
    environ.set_item(
        intern!(py, "REQUEST_METHOD"),
        request.method().to_ascii_uppercase(),
    )?;
    environ.set_item(intern!(py, "SCRIPT_NAME"), intern!(py, ""))?;
    environ.set_item(intern!(py, "PATH_INFO"), path)?;
    environ.set_item(intern!(py, "QUERY_STRING"), latin1(query))?;
    if let Some(content_type) = request.field("content-type") {
        environ.set_item(intern!(py, "CONTENT_TYPE"), content_type)?;
    }
    environ.set_item(intern!(py, "CONTENT_LENGTH"), body.length().to_string())?;
    let server = request.server();
    if let Some((name, _)) = &server {
        environ.set_item(intern!(py, "SERVER_NAME"), name)?;
    }
    let default = if request.head.is_secure { 443 } else { 80 };
    let port = forwarded_port(request).unwrap_or(server.map_or(default, |(_, port)| port));
    environ.set_item(intern!(py, "SERVER_PORT"), port.to_string())?;
    environ.set_item(intern!(py, "SERVER_PROTOCOL"), intern!(py, "HTTP/1.1"))?;
    environ.set_item(intern!(py, "wsgi.version"), (1, 0))?;
    environ.set_item(intern!(py, "wsgi.url_scheme"), request.scheme())?;
    environ.set_item(intern!(py, "wsgi.input"), Bound::new(py, body)?)?;
    // Its end is the body's end, however the body was framed.
    environ.set_item(intern!(py, "wsgi.input_terminated"), true)?;
    let errors = py.import("sys")?.getattr(intern!(py, "stderr"))?;
    environ.set_item(intern!(py, "wsgi.errors"), errors)?;
    // Functions run on a pool of threads, whatever the official adapter says.
    environ.set_item(intern!(py, "wsgi.multithread"), true)?;
    environ.set_item(intern!(py, "wsgi.multiprocess"), false)?;
    environ.set_item(intern!(py, "wsgi.run_once"), false)?;
    add_azure(&environ, context)?;
    Ok(environ)
}

/// `HTTP_X_Y`; lines of one name are joined with a comma, as in `HttpRequest.headers`.
fn add_header(environ: &Bound<'_, PyDict>, name: &[u8], value: &[u8]) -> PyResult<()> {
    let mut key = String::with_capacity(5 + name.len());
    key.push_str("HTTP_");
    key.extend(name.iter().map(|byte| match byte {
        b'-' => '_',
        byte => char::from(byte.to_ascii_uppercase()),
    }));
    let value: String = value.iter().map(|byte| char::from(*byte)).collect();
    match environ.get_item(&key)? {
        Some(before) => {
            let before: String = before.extract()?;
            environ.set_item(key, format!("{before},{value}"))
        }
        None => environ.set_item(key, value),
    }
}

/// The port a proxy in front was called by: the first hop that says one.
fn forwarded_port(request: &RawRequest) -> Option<u16> {
    let value = request.field("x-forwarded-port")?;
    value.split(',').find_map(|hop| {
        let hop = hop.trim();
        let digits = hop.bytes().take_while(u8::is_ascii_digit).count();
        hop[..digits].parse().ok()
    })
}

/// What `start_response` was told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) head: Option<(u16, Fields)>,
    /// What the application wrote by the callable that `start_response` returned.
    pub(crate) written: Vec<Py<PyBytes>>,
    /// Whether the head is on its way to the client.
    pub(crate) is_sent: bool,
}

/// `start_response`, and the `write` that it returns.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct StartResponse {
    told: Mutex<Told>,
}

impl StartResponse {
    pub(crate) fn new() -> Self {
        Self {
            told: Mutex::default(),
        }
    }

    pub(crate) fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn latin1_bytes(text: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let text: String = text.extract()?;
    text.chars()
        .map(|character| u8::try_from(u32::from(character)))
        .collect::<Result<_, _>>()
        .map_err(|_| {
            PyValueError::new_err(format!(
                "expected characters up to U+00FF in a WSGI header, found {text:?}"
            ))
        })
}

#[pymethods]
impl StartResponse {
    #[pyo3(signature = (status, response_headers, exc_info = None))]
    fn __call__<'py>(
        slf: &Bound<'py, Self>,
        status: &str,
        response_headers: &Bound<'py, PyAny>,
        exc_info: Option<&Bound<'py, PyTuple>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let digits = status.split(' ').next().unwrap_or_default();
        let code = digits.parse().map_err(|_| {
            PyValueError::new_err(format!(
                "expected a WSGI status such as '200 OK', found {status:?}"
            ))
        })?;
        let mut fields = Fields::new();
        for pair in response_headers.try_iter()? {
            let pair = pair?;
            fields.push((
                latin1_bytes(&pair.get_item(0)?)?,
                latin1_bytes(&pair.get_item(1)?)?,
            ));
        }
        let mut told = slf.get().told();
        if let Some(exc_info) = exc_info {
            if told.is_sent {
                let error = exc_info.get_item(1)?.cast_into::<PyBaseException>()?;
                return Err(PyErr::from_value(error.into_any()));
            }
        } else if told.head.is_some() {
            return Err(PyAssertionError::new_err(
                "start_response was called a second time without exc_info",
            ));
        }
        told.head = Some((code, fields));
        drop(told);
        slf.getattr(intern!(slf.py(), "write"))
    }

    /// PEP 3333's older way to give a body: sent before what the application returns.
    fn write(&self, data: Bound<'_, PyBytes>) {
        self.told().written.push(data.unbind());
    }
}

/// A chunk of the result; `None` counts as nothing, as with the official adapter.
pub(crate) fn chunk(item: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyBytes>> {
    let py = item.py();
    if item.is_none() {
        return Ok(PyBytes::new(py, b""));
    }
    match item.cast_into::<PyBytes>() {
        Ok(bytes) => Ok(bytes),
        Err(other) => Err(PyTypeError::new_err(format!(
            "expected a WSGI application to yield bytes, found {}",
            other.into_inner().get_type().name()?
        ))),
    }
}

/// All chunks of a result that is no stream: a list or tuple. None for anything else.
pub(crate) fn whole<'py>(result: &Bound<'py, PyAny>) -> PyResult<Option<Vec<Bound<'py, PyBytes>>>> {
    let is_whole =
        result.is_exact_instance_of::<PyList>() || result.is_exact_instance_of::<PyTuple>();
    if !is_whole {
        return Ok(None);
    }
    result
        .try_iter()?
        .map(|item| chunk(item?))
        .collect::<PyResult<_>>()
        .map(Some)
}
