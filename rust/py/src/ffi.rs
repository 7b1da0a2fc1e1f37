//! C-API calls without a safe form in `PyO3`. Once per async Invocation: entering and leaving a
//! `contextvars.Context`, copying the current one, and sending into a coroutine without the
//! `StopIteration` that `coroutine.send` would raise to return. Once per response: making an instance
//! without what `type.__call__` and `object.__new__` do beside that, and looking at its attributes.
//!
//! Every returned reference is owned by the caller unless a comment says otherwise.

use std::{ptr, slice};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};
use pyo3::{Borrowed, PyClass, ffi};

use crate::http_response::{self, HttpResponse};

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

/// A class whose instances may begin as zeros.
///
/// # Safety
/// The class's own value must be valid when all its bytes are zero.
pub(crate) unsafe trait Zeroed: PyClass {}

// SAFETY: it is options of object pointers, for which zero is None, and an enum whose first variant is zero.
unsafe impl Zeroed for HttpResponse {}

/// Has `object.__new__` make the instances of `T` and of its subclasses, as it makes those of Python classes.
pub(crate) fn make_as_object<T: Zeroed>(py: Python<'_>) {
    let class = T::type_object_raw(py);
    // SAFETY: attached; the class is complete and nobody uses it yet. `object.__new__` gives zeros, perhaps with
    // an attribute dictionary, which are a valid value of `T` and of what PyO3 keeps beside it: a
    // dictionary or none, no weak references, not borrowed.
    unsafe {
        (*class).tp_flags &= !ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION;
        (*class).tp_new = ffi::PyBaseObject_Type.tp_new;
        ffi::PyType_Modified(class);
    }
}

/// An instance of `class` as `object.__new__` would make it, but always without an attribute dictionary, which
/// hardly any needs. None for a class that `object.__new__` has to look at.
pub(crate) fn allocate<'py, T: Zeroed>(
    class: &Bound<'py, PyType>,
) -> PyResult<Option<Bound<'py, T>>> {
    let py = class.py();
    let (pointer, own) = (class.as_type_ptr(), T::type_object_raw(py));
    // SAFETY: attached; both are complete classes, and that of the instance derives from `T`. The slot gives a
    // new reference to zeros, or null with an error set; see `make_as_object`.
    unsafe {
        if ffi::PyType_IsSubtype(pointer, own) == 0
            || (*pointer).tp_flags & ffi::Py_TPFLAGS_IS_ABSTRACT != 0
        {
            return Ok(None);
        }
        let Some(allocate) = (*pointer).tp_alloc else {
            return Ok(None);
        };
        Ok(Some(owned(py, allocate(pointer, 0))?.cast_into_unchecked()))
    }
}

/// The attribute dictionary of an instance, if it has one already.
pub(crate) fn known_attributes<'py, T: Zeroed>(
    instance: &Bound<'py, T>,
) -> Option<Bound<'py, PyDict>> {
    let pointer = instance.as_ptr();
    // SAFETY: a positive offset is where the class keeps a reference to the dictionary, or null. Nothing but
    // a dictionary can be put there.
    unsafe {
        let offset = (*ffi::Py_TYPE(pointer)).tp_dictoffset;
        if offset <= 0 {
            return None;
        }
        let slot = pointer.byte_offset(offset).cast::<*mut ffi::PyObject>();
        Bound::from_borrowed_ptr_or_opt(instance.py(), *slot)
            .map(|dictionary| dictionary.cast_into_unchecked())
    }
}

/// The attribute dictionary of an instance, made if it has none.
pub(crate) fn attributes<'py, T: Zeroed>(instance: &Bound<'py, T>) -> PyResult<Bound<'py, PyDict>> {
    // SAFETY: attached; borrowed for the call; a new reference, or null with an error set.
    let dictionary = unsafe { ffi::PyObject_GenericGetDict(instance.as_ptr(), ptr::null_mut()) };
    Ok(owned(instance.py(), dictionary)?.cast_into()?)
}

/// Replaces the attribute dictionary of an instance.
pub(crate) fn set_attributes<T: Zeroed>(
    instance: &Bound<'_, T>,
    dictionary: &Bound<'_, PyAny>,
) -> PyResult<()> {
    // SAFETY: attached; both are borrowed for the call, which refuses what is no dictionary.
    let set = unsafe {
        ffi::PyObject_GenericSetDict(instance.as_ptr(), dictionary.as_ptr(), ptr::null_mut())
    };
    if set == 0 {
        Ok(())
    } else {
        Err(PyErr::fetch(instance.py()))
    }
}

/// The arguments of a call by the vectorcall protocol.
pub(crate) struct Arguments<'a, 'py> {
    /// Positional ones first, then those of `names`.
    values: &'a [Borrowed<'a, 'py, PyAny>],
    positional: usize,
    names: Option<&'a Bound<'py, PyTuple>>,
}

impl<'a, 'py> Arguments<'a, 'py> {
    pub(crate) fn positional(&self) -> &'a [Borrowed<'a, 'py, PyAny>] {
        &self.values[..self.positional]
    }

    pub(crate) fn named(
        &self,
    ) -> impl Iterator<Item = (Borrowed<'a, 'py, PyAny>, Borrowed<'a, 'py, PyAny>)> {
        let values = self.values[self.positional..].iter().copied();
        let names = self
            .names
            .into_iter()
            .flat_map(|names| names.iter_borrowed());
        names.zip(values)
    }
}

/// Has calls of `class`, not of its subclasses, answered by `http_response::construct`.
pub(crate) fn quicken(class: &Bound<'_, PyType>) {
    let pointer = class.as_type_ptr();
    // SAFETY: attached; `class` is a complete class that its caller keeps alive. The flag says that instances
    // of its metaclass keep a vectorcall function at the offset that every metaclass has from `type`; it is
    // null in all other classes, which means "not this way". From Python 3.12 on it is inherited.
    unsafe {
        (*pointer).tp_vectorcall = Some(call_response);
        (*ffi::Py_TYPE(pointer.cast())).tp_flags |= ffi::Py_TPFLAGS_HAVE_VECTORCALL;
    }
}

/// Whether `class` makes its instances as `T` does: nobody has replaced `__new__` or `__init__`.
pub(crate) fn constructs_as<T: Zeroed>(class: &Bound<'_, PyType>) -> bool {
    let (class, own) = (class.as_type_ptr(), T::type_object_raw(class.py()));
    // SAFETY: both are complete classes; slots are compared, not called.
    unsafe {
        (*class).tp_new.map(|new| new as usize) == (*own).tp_new.map(|new| new as usize)
            && (*class).tp_init.map(|init| init as usize)
                == (*own).tp_init.map(|init| init as usize)
    }
}

/// Calls `class` as `type` does: `__new__`, then `__init__`.
pub(crate) fn call_type<'py>(
    class: &Bound<'py, PyType>,
    positional: &Bound<'py, PyTuple>,
    keywords: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: attached; all are borrowed for the call; a new reference, or null with an error set.
    let made = unsafe {
        ffi::PyType_Type
            .tp_call
            .map(|call| call(class.as_ptr(), positional.as_ptr(), keywords.as_ptr()))
    };
    owned(class.py(), made.unwrap_or(ptr::null_mut()))
}

/// The vectorcall function of `quicken`.
///
/// # Safety
/// For the interpreter alone, which calls it as the protocol says.
unsafe extern "C" fn call_response(
    class: *mut ffi::PyObject,
    values: *const *mut ffi::PyObject,
    count: usize,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls this on an attached thread, with the class that has it in its slot, as
    // many values as `count` and `names` say, and a tuple of names or null. All outlive the call. A
    // `Borrowed` is a pointer to an object and nothing else.
    let made = unsafe {
        let py = Python::assume_attached();
        let class = Borrowed::from_ptr(py, class).cast_unchecked::<PyType>();
        let names =
            Borrowed::from_ptr_or_opt(py, names).map(|names| names.cast_unchecked::<PyTuple>());
        let positional = ffi::PyVectorcall_NARGS(count).cast_unsigned();
        let keywords = names.map_or(0, |names| names.len());
        let values = match positional + keywords {
            0 => &[],
            length => slice::from_raw_parts(values.cast(), length),
        };
        let arguments = Arguments {
            values,
            positional,
            names: names.as_deref(),
        };
        http_response::construct(&class, &arguments).map_err(|error| error.restore(py))
    };
    made.map_or(ptr::null_mut(), Bound::into_ptr)
}
