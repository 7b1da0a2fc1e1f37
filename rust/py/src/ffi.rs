//! C-API calls without a safe form in `PyO3`, each once per async Invocation: entering and leaving a
//! `contextvars.Context`, copying the current one, and sending into a coroutine without the
//! `StopIteration` that `coroutine.send` would raise to return.
//!
//! Every returned reference is owned by the caller unless a comment says otherwise.

use std::ptr;

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;

/// What one step of a coroutine came to.
pub(crate) enum Step<'py> {
    /// It waits for this.
    Yielded(Bound<'py, PyAny>),
    /// It returned this.
    Returned(Bound<'py, PyAny>),
}

fn owned(py: Python<'_>, pointer: *mut ffi::PyObject) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: callers pass what a C-API function returned as a new reference, or null with an error set;
    // both are what this constructor expects.
    unsafe { Bound::from_owned_ptr_or_err(py, pointer) }
}

/// A copy of the current context.
pub(crate) fn copy_context(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: the thread is attached, as `py` proves.
    owned(py, unsafe { ffi::PyContext_CopyCurrent() })
}

/// Runs `act` inside `context`.
pub(crate) fn within<T>(
    context: &Bound<'_, PyAny>,
    act: impl FnOnce() -> PyResult<T>,
) -> PyResult<T> {
    // SAFETY: attached; the object is borrowed for the call. If it is no context, or is entered already,
    // the call sets an exception and returns non-zero.
    if unsafe { ffi::PyContext_Enter(context.as_ptr()) } != 0 {
        return Err(PyErr::fetch(context.py()));
    }
    let result = act();
    // SAFETY: this thread entered this context just above, and `act` left all it entered itself.
    if unsafe { ffi::PyContext_Exit(context.as_ptr()) } != 0 {
        return Err(PyErr::fetch(context.py()));
    }
    result
}

/// Sets a context variable in the current context.
pub(crate) fn set_variable(variable: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    // SAFETY: attached; both objects are borrowed for the call; the token comes back as a new reference
    // and is dropped.
    let token = unsafe { ffi::PyContextVar_Set(variable.as_ptr(), value.as_ptr()) };
    owned(variable.py(), token).map(drop)
}

/// The value of a context variable in the current context.
pub(crate) fn variable<'py>(variable: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let mut value = ptr::null_mut();
    // SAFETY: attached; `variable` is borrowed, a null default is allowed, and `value` receives a new
    // reference or null.
    if unsafe { ffi::PyContextVar_Get(variable.as_ptr(), ptr::null_mut(), &raw mut value) } != 0 {
        return Err(PyErr::fetch(variable.py()));
    }
    // SAFETY: a new reference, or null for "not set".
    Ok(unsafe { Bound::from_owned_ptr_or_opt(variable.py(), value) })
}

/// Resumes a coroutine with None.
pub(crate) fn send_none<'py>(coroutine: &Bound<'py, PyAny>) -> PyResult<Step<'py>> {
    let py = coroutine.py();
    let mut result = ptr::null_mut();
    // SAFETY: attached; both objects are borrowed for the call; `result` receives a new reference, or null
    // with an exception set.
    let sent = unsafe { ffi::PyIter_Send(coroutine.as_ptr(), ffi::Py_None(), &raw mut result) };
    let result = owned(py, result);
    match sent {
        ffi::PySendResult::PYGEN_NEXT => result.map(Step::Yielded),
        ffi::PySendResult::PYGEN_RETURN => result.map(Step::Returned),
        ffi::PySendResult::PYGEN_ERROR => match result {
            Ok(_) => Err(PyRuntimeError::new_err(
                "a coroutine failed without an exception",
            )),
            Err(error) => Err(error),
        },
    }
}
