//! `func.HttpRequest`, as Functions get it (spec worker.md 8.1): the Frame's bytes, copied once, and every
//! attribute decoded when somebody touches it.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use ferrofunc_http::parse_query;
use ferrofunc_wire::{Body, InvokeHead};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyMappingProxy, PyString};

use crate::fields::RequestHeaders;
use crate::link::Support;
use crate::outbox::Lease;

/// Header bytes as text: each byte one character, as on the wire.
pub(crate) fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// An HTTP request.
#[pyclass(frozen, dict, weakref, subclass, module = "azure.functions.http")]
pub(crate) struct HttpRequest {
    pub(crate) payload: Box<[u8]>,
    pub(crate) head: InvokeHead,
    pub(crate) support: Py<Support>,
    /// The body's block in the gateway's arena, until it has been copied.
    pub(crate) lease: Mutex<Option<Arc<Lease>>>,
    pub(crate) body: PyOnceLock<Py<PyBytes>>,
    pub(crate) params: PyOnceLock<Py<PyMappingProxy>>,
    pub(crate) route_params: PyOnceLock<Py<PyMappingProxy>>,
    pub(crate) form: PyOnceLock<(Py<PyAny>, Py<PyAny>)>,
}

impl HttpRequest {
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        (0..self.head.fields).map(|index| self.head.field(&self.payload, index))
    }

    pub(crate) fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields()
            .find(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| latin1(value))
    }

    fn target(&self) -> &[u8] {
        self.head.target(&self.payload)
    }

    fn read_body(&self, py: Python<'_>) -> PyResult<Py<PyBytes>> {
        let lease = self
            .lease
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(lease) = lease {
            return Ok(PyBytes::new(py, lease.bytes()?).unbind());
        }
        Ok(match self.head.body(&self.payload) {
            Body::Inline(bytes) => PyBytes::new(py, bytes).unbind(),
            Body::Empty | Body::Block(_) | Body::Stream(_) => PyBytes::new(py, b"").unbind(),
        })
    }

    fn parsed_form(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, Py<PyAny>)> {
        let py = slf.py();
        let this = slf.get();
        let parsed = this.form.get_or_try_init(py, || {
            let content_type = this.field("content-type").unwrap_or_default().into_owned();
            this.support
                .get()
                .parse_form
                .bind(py)
                .call1((this.get_body(py)?, content_type))?
                .extract::<(Py<PyAny>, Py<PyAny>)>()
        })?;
        Ok((parsed.0.clone_ref(py), parsed.1.clone_ref(py)))
    }
}

#[pymethods]
impl HttpRequest {
    #[getter]
    fn method<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        let method = self.head.method(&self.payload);
        match method {
            b"GET" => pyo3::intern!(py, "GET").clone(),
            b"POST" => pyo3::intern!(py, "POST").clone(),
            _ => PyString::new(py, &latin1(method).to_uppercase()),
        }
    }

    #[getter]
    fn url(&self) -> String {
        let target = latin1(self.target());
        if !target.starts_with('/') {
            return target.into_owned();
        }
        let scheme = if self.head.is_secure { "https" } else { "http" };
        let host = self.field("host").unwrap_or_default();
        format!("{scheme}://{host}{target}")
    }

    #[getter]
    fn headers<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, RequestHeaders>> {
        let py = slf.py();
        // Not kept in the request: the two would keep each other alive for ever.
        Bound::new(
            py,
            RequestHeaders {
                request: slf.clone().unbind(),
            },
        )
    }

    #[getter]
    fn params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let params = self.params.get_or_try_init(py, || {
            let target = self.target();
            let dict = PyDict::new(py);
            if let Some(at) = memchr::memchr(b'?', target) {
                for (name, value) in parse_query(&target[at + 1..]) {
                    dict.set_item(name, value)?;
                }
            }
            PyResult::Ok(PyMappingProxy::new(py, dict.as_mapping()).unbind())
        })?;
        Ok(params.bind(py).clone())
    }

    #[getter]
    fn route_params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let params = self.route_params.get_or_try_init(py, || {
            let dict = PyDict::new(py);
            for (name, value) in self.head.route_params(&self.payload) {
                dict.set_item(name, value)?;
            }
            PyResult::Ok(PyMappingProxy::new(py, dict.as_mapping()).unbind())
        })?;
        Ok(params.bind(py).clone())
    }

    #[getter]
    fn form(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(Self::parsed_form(slf)?.0)
    }

    #[getter]
    fn files(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(Self::parsed_form(slf)?.1)
    }

    fn get_body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let body = self.body.get_or_try_init(py, || self.read_body(py))?;
        Ok(body.bind(py).clone())
    }

    fn get_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let body = self.get_body(py)?;
        let text = body.call_method1(pyo3::intern!(py, "decode"), ("utf-8",));
        let parsed = text.and_then(|text| self.support.get().parse_json.bind(py).call1((text,)));
        parsed.map_err(|cause| {
            if !cause.is_instance_of::<PyValueError>(py) {
                return cause;
            }
            let error = PyValueError::new_err("HTTP request does not contain valid JSON data");
            error.set_cause(py, Some(cause));
            error
        })
    }
}
