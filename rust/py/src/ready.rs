//! An awaitable that has its value already, or its error: what `receive` and `send` of an ASGI call give when nobody
//! has to wait. Costs one small object, no coroutine and no turn of the loop.

use std::sync::Mutex;
use std::sync::PoisonError;

use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;

/// See the module.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Ready {
    value: Mutex<Option<Py<PyAny>>>,
}

impl Ready {
    pub(crate) fn of(py: Python<'_>, value: Option<Py<PyAny>>) -> PyResult<Bound<'_, PyAny>> {
        let ready = Self {
            value: Mutex::new(value),
        };
        Ok(Bound::new(py, ready)?.into_any())
    }
}

#[pymethods]
impl Ready {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(&self) -> PyResult<()> {
        let value = self
            .value
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Err(match value {
            Some(value) => PyStopIteration::new_err((value,)),
            None => PyStopIteration::new_err(()),
        })
    }
}
