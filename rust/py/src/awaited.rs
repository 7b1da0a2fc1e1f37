//! What `receive` and `send` of an ASGI call give: one small object each, that costs no turn of the loop when nobody
//! has to wait.
//!
//! A message is taken when it is awaited, not before: whoever gives up waiting (a timeout, a cancelled Task)
//! takes none with him. To the language they are coroutines, so that `create_task` and task groups take them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::{PyBaseException, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::asgi::AsgiCall;

type Future = Mutex<Option<Py<PyAny>>>;

fn lock(future: &Future) -> MutexGuard<'_, Option<Py<PyAny>>> {
    future.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands a future to the Task, as `Future.__await__` does.
fn yielded(future: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    future.setattr(intern!(future.py(), "_asyncio_future_blocking"), true)?;
    Ok(future)
}

/// The next message of a request.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Received {
    call: Py<AsgiCall>,
    /// What its Task waits for.
    future: Future,
}

impl Received {
    pub(crate) fn of(call: &Bound<'_, AsgiCall>) -> Self {
        Self {
            call: call.clone().unbind(),
            future: Mutex::new(None),
        }
    }

    fn give_up(&self) {
        if let Some(future) = lock(&self.future).take() {
            self.call.get().forget_receiver(&future);
        }
    }
}

#[pymethods]
impl Received {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let call = self.call.get();
        self.give_up();
        if let Some(message) = call.try_message(py)? {
            return Err(PyStopIteration::new_err((message.unbind(),)));
        }
        let future = call.next_news(py)?;
        *lock(&self.future) = Some(future.clone().unbind());
        yielded(future)
    }

    fn send<'py>(&self, py: Python<'py>, _value: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.__next__(py)
    }

    #[pyo3(signature = (error, *_traceback))]
    fn throw(
        &self,
        error: Bound<'_, PyBaseException>,
        _traceback: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        self.give_up();
        Err(PyErr::from_value(error.into_any()))
    }

    fn close(&self) {
        self.give_up();
    }
}

/// The end of a `send`: at once, or when there is credit for more.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Sent {
    future: Future,
}

impl Sent {
    pub(crate) fn when(future: Option<Py<PyAny>>) -> Self {
        Self {
            future: Mutex::new(future),
        }
    }
}

#[pymethods]
impl Sent {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let future = lock(&self.future).take();
        if let Some(future) = future
            && !future
                .call_method0(py, intern!(py, "done"))?
                .is_truthy(py)?
        {
            return yielded(future.into_bound(py));
        }
        Err(PyStopIteration::new_err(()))
    }

    fn send<'py>(&self, py: Python<'py>, _value: &Bound<'_, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.__next__(py)
    }

    #[pyo3(signature = (error, *_traceback))]
    fn throw(
        &self,
        error: Bound<'_, PyBaseException>,
        _traceback: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        drop(lock(&self.future).take());
        Err(PyErr::from_value(error.into_any()))
    }

    fn close(&self) {
        drop(lock(&self.future).take());
    }
}
