//! The storage and the constructor of `func.HttpResponse` (spec worker.md 8.2): what user code gave, as it
//! was given, until somebody looks.
//!
//! The class that apps see derives from this one and has the library's own methods and properties
//! (`worker/native_response.py`). They find their values under the library's private names, which
//! `http_response_attribute` serves. Only the common arguments are understood (`http_response_arguments`);
//! for all others the library's `__init__` does what it does. Must never raise an error of its own for an
//! argument: each one is the library's. Read by `http_response_read`.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList, PyString, PyTuple, PyType};

use crate::error::CoreError;
use crate::ffi::{self, Arguments};
use crate::http_response_arguments::{Given, Values};
use crate::http_response_attribute::Part;

/// Where the values of an instance are.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Place {
    /// Nowhere yet: `__init__` has not run.
    #[default]
    Nowhere = 0,
    /// In the fields.
    Fields,
    /// In the attribute dictionary, as in an instance of the library's own class. For good.
    Attributes,
}

// Without a `#[new]`: `object.__new__` makes the instances, as it makes the library's. So the signature, which
// the class that apps see has from here, must be spelt as the interpreter reads it.
#[doc = "HttpResponse(body=None, *, status_code=None, headers=None, mimetype=None, charset=None)
--

What HTTP responses are stored in."]
#[expect(clippy::doc_markdown, reason = "a signature")]
#[pyclass(dict, weakref, subclass, module = "ferrofunc._core")]
#[derive(Default)]
pub(crate) struct HttpResponse {
    pub(crate) place: Place,
    pub(crate) values: Values,
}

/// What is taken from the library.
struct Library {
    /// `__init__` of its class.
    initialise: Py<PyAny>,
    /// Makes its headers object of pairs.
    make_headers: Py<PyAny>,
}

static LIBRARY: PyOnceLock<Library> = PyOnceLock::new();

fn library(py: Python<'_>) -> PyResult<&'static Library> {
    LIBRARY.get(py).ok_or_else(|| {
        CoreError::new_err("expected a class made by worker/native_response.py, found none")
    })
}

/// Makes `class` the one that apps see. Once.
#[pyfunction]
pub(crate) fn adopt_response_class(
    class: &Bound<'_, PyType>,
    initialise: Py<PyAny>,
    make_headers: Py<PyAny>,
) -> PyResult<()> {
    let py = class.py();
    let library = Library {
        initialise,
        make_headers,
    };
    LIBRARY
        .set(py, library)
        .map_err(|_| CoreError::new_err("expected one response class, found a second"))?;
    ffi::quicken(class);
    Ok(())
}

/// The attribute dictionary of a response, with its values in it from now on.
#[pyfunction]
pub(crate) fn response_attributes<'py>(
    response: &Bound<'py, HttpResponse>,
) -> PyResult<Bound<'py, PyDict>> {
    HttpResponse::release(response)
}

/// Replaces the attribute dictionary of a response, and with it its values.
#[pyfunction]
pub(crate) fn set_response_attributes(
    response: &Bound<'_, HttpResponse>,
    attributes: &Bound<'_, PyAny>,
) -> PyResult<()> {
    ffi::set_attributes(response, attributes)?;
    HttpResponse::store(response, Place::Attributes, Values::default());
    Ok(())
}

/// Makes an instance of `class` by a call of it.
pub(crate) fn construct<'py>(
    class: &Bound<'py, PyType>,
    arguments: &Arguments<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = class.py();
    if ffi::constructs_as::<HttpResponse>(class)
        && let Some(given) = Given::from_call(py, arguments)
        && let Some(values) = given.values()
        && let Some(made) = ffi::allocate::<HttpResponse>(class)?
    {
        HttpResponse::store(&made, Place::Fields, values);
        return Ok(made.into_any());
    }
    let keywords = PyDict::new(py);
    for (name, value) in arguments.named() {
        keywords.set_item(name, value)?;
    }
    ffi::call_type(class, &PyTuple::new(py, arguments.positional())?, &keywords)
}

#[pymethods]
impl HttpResponse {
    #[pyo3(signature = (*positional, **keywords))]
    fn __init__<'py>(
        slf: &Bound<'py, Self>,
        positional: &Bound<'py, PyTuple>,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<()> {
        let py = slf.py();
        let place = slf.borrow().place;
        if place != Place::Attributes
            && let Some(given) = Given::from_arguments(py, positional, keywords)
            && let Some(values) = given.values()
        {
            Self::store(slf, Place::Fields, values);
            return Ok(());
        }
        let mut all = Vec::with_capacity(1 + positional.len());
        all.push(slf.clone().into_any());
        all.extend(positional.iter());
        let initialise = library(py)?.initialise.bind(py);
        initialise.call(PyTuple::new(py, all)?, keywords).map(drop)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let values = &self.values;
        visit.call(&values.status)?;
        visit.call(&values.mimetype)?;
        visit.call(&values.charset)?;
        visit.call(&values.pairs)?;
        visit.call(&values.headers)?;
        visit.call(&values.body)
    }

    fn __clear__(slf: &Bound<'_, Self>) {
        Self::store(slf, Place::Nowhere, Values::default());
    }
}

impl HttpResponse {
    /// Replaces the values. The old ones may run user code when they go, so they go last.
    fn store(slf: &Bound<'_, Self>, place: Place, values: Values) {
        let mut this = slf.borrow_mut();
        let old = std::mem::replace(&mut this.values, values);
        this.place = place;
        drop(this);
        drop(old);
    }

    /// The value of a part as the library's class would hold it; None if it is not in the fields.
    pub(crate) fn part<'py>(
        slf: &Bound<'py, Self>,
        part: Part,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        let this = slf.borrow();
        if this.place != Place::Fields {
            return Ok(None);
        }
        let values = &this.values;
        let held = match part {
            Part::Status => &values.status,
            Part::Mimetype => &values.mimetype,
            Part::Charset => &values.charset,
            Part::Headers => &values.headers,
            Part::Body => &values.body,
        };
        let held = held.as_ref().map(|value| value.bind(py).clone());
        match (part, held) {
            (Part::Body, Some(body)) => {
                let Ok(text) = body.cast_exact::<PyString>() else {
                    return Ok(Some(body));
                };
                drop(this);
                let bytes = PyBytes::new(py, text.to_str()?.as_bytes());
                slf.borrow_mut().values.body = Some(bytes.clone().into_any().unbind());
                Ok(Some(bytes.into_any()))
            }
            (_, Some(value)) => Ok(Some(value)),
            (Part::Status, None) => Ok(Some(PyInt::new(py, 200).into_any())),
            (Part::Mimetype, None) => Ok(Some(intern!(py, "text/plain").clone().into_any())),
            (Part::Charset, None) => Ok(Some(intern!(py, "utf-8").clone().into_any())),
            (Part::Body, None) => Ok(Some(PyBytes::new(py, b"").into_any())),
            (Part::Headers, None) => {
                let pairs = values.pairs.as_ref().map(|pairs| pairs.bind(py).clone());
                drop(this);
                Self::make_headers(slf, pairs)
            }
        }
    }

    /// Puts a headers object in the place of the pairs, unless somebody does so while it is made.
    fn make_headers<'py>(
        slf: &Bound<'py, Self>,
        pairs: Option<Bound<'py, PyList>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = slf.py();
        let pairs = pairs.unwrap_or_else(|| PyList::empty(py));
        let made = library(py)?.make_headers.bind(py).call1((pairs,))?;
        let mut this = slf.borrow_mut();
        if this.place != Place::Fields || this.values.headers.is_some() {
            drop(this);
            return Self::part(slf, Part::Headers);
        }
        this.values.headers = Some(made.clone().unbind());
        let pairs = this.values.pairs.take();
        drop(this);
        drop(pairs);
        Ok(Some(made))
    }

    /// Moves the values into the attribute dictionary, where they stay.
    pub(crate) fn release<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let attributes = ffi::attributes(slf)?;
        if slf.borrow().place == Place::Attributes {
            return Ok(attributes);
        }
        for part in Part::ALL {
            if let Some(value) = Self::part(slf, part)? {
                attributes.set_item(part.name(slf.py()), value)?;
            }
        }
        Self::store(slf, Place::Attributes, Values::default());
        Ok(attributes)
    }
}
