//! How to call one Function: decided when the app is indexed, so that nothing is looked up per call.

use std::sync::atomic::{AtomicU64, Ordering};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::context::Context;
use crate::request::HttpRequest;

/// What goes into one argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Argument {
    Request,
    Context,
}

/// How a Function is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// With a request, for a result.
    Function,
    /// As an ASGI application.
    Asgi,
    /// As a WSGI application.
    Wsgi,
}

/// A Function, ready to run.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Plan {
    pub(crate) call: Py<PyAny>,
    pub(crate) name: Py<PyString>,
    pub(crate) directory: Py<PyString>,
    pub(crate) style: Style,
    /// What each ASGI `scope` gets a copy of.
    pub(crate) state: Option<Py<PyDict>>,
    positional: Vec<Argument>,
    keywords: Vec<(Py<PyString>, Argument)>,
    /// Moving mean of its run time in nanoseconds: whether the gateway must be woken at once.
    mean_ns: AtomicU64,
}

#[pymethods]
impl Plan {
    /// `positional` and `keywords` say what each argument is: `request` or `context`.
    #[new]
    fn new(
        call: Py<PyAny>,
        name: Py<PyString>,
        directory: Py<PyString>,
        positional: Vec<String>,
        keywords: Vec<(Py<PyString>, String)>,
    ) -> PyResult<Self> {
        let argument = |text: &str| match text {
            "request" => Ok(Argument::Request),
            "context" => Ok(Argument::Context),
            other => Err(PyValueError::new_err(format!(
                "an argument is 'request' or 'context', not {other:?}"
            ))),
        };
        Ok(Self {
            call,
            name,
            directory,
            style: Style::Function,
            state: None,
            positional: positional
                .into_iter()
                .map(|text| argument(&text))
                .collect::<PyResult<_>>()?,
            keywords: keywords
                .into_iter()
                .map(|(name, text)| Ok((name, argument(&text)?)))
                .collect::<PyResult<_>>()?,
            mean_ns: AtomicU64::new(u64::MAX),
        })
    }

    /// An ASGI application in the place of a Function. `call` must return a coroutine; `state` is what its
    /// lifespan leaves for the `scope` of each request.
    #[staticmethod]
    #[pyo3(signature = (call, name, directory, state = None))]
    fn asgi(
        call: Py<PyAny>,
        name: Py<PyString>,
        directory: Py<PyString>,
        state: Option<Py<PyDict>>,
    ) -> Self {
        Self {
            state,
            ..Self::application(Style::Asgi, call, name, directory)
        }
    }

    /// A WSGI application in the place of a Function.
    #[staticmethod]
    fn wsgi(call: Py<PyAny>, name: Py<PyString>, directory: Py<PyString>) -> Self {
        Self::application(Style::Wsgi, call, name, directory)
    }
}

impl Plan {
    fn application(
        style: Style,
        call: Py<PyAny>,
        name: Py<PyString>,
        directory: Py<PyString>,
    ) -> Self {
        Self {
            call,
            name,
            directory,
            style,
            state: None,
            positional: Vec::new(),
            keywords: Vec::new(),
            mean_ns: AtomicU64::new(u64::MAX),
        }
    }

    /// Calls the Function. For an async one the result is a coroutine.
    pub(crate) fn start<'py>(
        &self,
        py: Python<'py>,
        request: Bound<'py, HttpRequest>,
        context: impl FnOnce() -> PyResult<Bound<'py, Context>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let call = self.call.bind(py);
        if let ([Argument::Request], []) = (&self.positional[..], &self.keywords[..]) {
            return call.call1((request,));
        }
        let needs_context = self.positional.contains(&Argument::Context)
            || self
                .keywords
                .iter()
                .any(|(_, what)| *what == Argument::Context);
        let context = if needs_context {
            Some(context()?)
        } else {
            None
        };
        let value = |what: Argument| match (what, &context) {
            (Argument::Context, Some(context)) => context.clone().into_any(),
            _ => request.clone().into_any(),
        };
        if self.keywords.is_empty() {
            match self.positional[..] {
                [] => return call.call0(),
                [one] => return call.call1((value(one),)),
                [one, two] => return call.call1((value(one), value(two))),
                _ => {}
            }
        }
        let positional = self.positional.iter().map(|what| value(*what));
        let positional = pyo3::types::PyTuple::new(py, positional.collect::<Vec<_>>())?;
        let keywords = PyDict::new(py);
        for (name, what) in &self.keywords {
            keywords.set_item(name, value(*what))?;
        }
        call.call(positional, Some(&keywords))
    }

    /// Whether it has always been quick (below `limit` nanoseconds on average).
    pub(crate) fn is_quick(&self, limit: u64) -> bool {
        self.mean_ns.load(Ordering::Relaxed) < limit
    }

    pub(crate) fn note_duration(&self, took_ns: u64) {
        let mean = self.mean_ns.load(Ordering::Relaxed);
        let mean = if mean == u64::MAX {
            took_ns
        } else {
            mean - mean / 8 + took_ns / 8
        };
        self.mean_ns.store(mean, Ordering::Relaxed);
    }
}
