//! What a Function may know of its own run: `context`, and the id its log lines carry.

use std::cell::Cell;

use ferrofunc_wire::{Attempt, id_text};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

use crate::link::Support;

/// The id of an Invocation and the index of its Function: the value of the worker's context variable.
#[pyclass(frozen, module = "ferrofunc._core")]
#[derive(Clone, Copy)]
pub(crate) struct InvocationId {
    pub(crate) id: [u8; 16],
    pub(crate) function: u16,
}

#[pymethods]
impl InvocationId {
    fn __str__(&self) -> String {
        id_text(self.id)
    }
}

thread_local! {
    /// What runs on this thread, while it serves a sync Function.
    static CURRENT: Cell<Option<InvocationId>> = const { Cell::new(None) };
}

pub(crate) fn set_current(invocation: Option<InvocationId>) {
    CURRENT.set(invocation);
}

pub(crate) fn current() -> Option<InvocationId> {
    CURRENT.get()
}

#[expect(
    clippy::struct_field_names,
    reason = "the names user code knows them by"
)]
/// The invocation context (spec worker.md 6.3). Takes arbitrary attributes, as extensions need.
#[pyclass(dict, weakref, module = "ferrofunc._core")]
pub(crate) struct Context {
    pub(crate) invocation: InvocationId,
    pub(crate) name: Py<PyString>,
    pub(crate) directory: Py<PyString>,
    /// `traceparent` and `tracestate` of the request.
    pub(crate) trace: (Option<String>, Option<String>),
    pub(crate) attempt: Attempt,
    pub(crate) support: Py<Support>,
    pub(crate) trace_context: PyOnceLock<Py<PyAny>>,
    pub(crate) retry_context: PyOnceLock<Py<PyAny>>,
}

#[pymethods]
impl Context {
    #[getter]
    fn invocation_id(&self) -> String {
        id_text(self.invocation.id)
    }

    #[getter]
    fn function_name<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        self.name.bind(py).clone()
    }

    #[getter]
    fn function_directory<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        self.directory.bind(py).clone()
    }

    #[getter]
    fn thread_local_storage<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.support.get().thread_local.bind(py).clone()
    }

    #[getter]
    fn trace_context<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let made = self.trace_context.get_or_try_init(py, || {
            let (parent, state) = &self.trace;
            self.support
                .get()
                .make_trace_context
                .call1(py, (parent, state, id_text(self.invocation.id)))
        })?;
        Ok(made.bind(py).clone())
    }

    #[getter]
    fn retry_context<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let made = self.retry_context.get_or_try_init(py, || {
            let Attempt { count, most } = self.attempt;
            self.support
                .get()
                .make_retry_context
                .call1(py, (count, most))
        })?;
        Ok(made.bind(py).clone())
    }
}
