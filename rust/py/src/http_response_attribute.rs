//! The library's private names for the values of a response, as descriptors of the class that apps see.
//!
//! The library's methods and properties, and user code that reaches for private names, read and write
//! through them. A write moves the values of that response into its attribute dictionary, where an instance
//! of the library's class has them. Called by the interpreter.

use pyo3::exceptions::{PyAttributeError, PyKeyError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::ffi;
use crate::http_response::HttpResponse;

/// A value of a response.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Status,
    Mimetype,
    Charset,
    Headers,
    Body,
}

impl Part {
    /// In the order in which the library's `__init__` sets them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Status,
        Self::Mimetype,
        Self::Charset,
        Self::Headers,
        Self::Body,
    ];

    /// Its name in an attribute dictionary.
    pub(crate) fn name(self, py: Python<'_>) -> &Bound<'_, PyString> {
        match self {
            Self::Status => intern!(py, "_HttpResponse__status_code"),
            Self::Mimetype => intern!(py, "_HttpResponse__mimetype"),
            Self::Charset => intern!(py, "_HttpResponse__charset"),
            Self::Headers => intern!(py, "_HttpResponse__headers"),
            Self::Body => intern!(py, "_HttpResponse__body"),
        }
    }
}

/// The descriptor of one value.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct ResponseAttribute {
    part: Part,
}

/// The descriptors of all values, by their names.
#[pyfunction]
pub(crate) fn response_descriptors(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let descriptors = PyDict::new(py);
    for part in Part::ALL {
        descriptors.set_item(part.name(py), Bound::new(py, ResponseAttribute { part })?)?;
    }
    Ok(descriptors)
}

#[pymethods]
impl ResponseAttribute {
    fn __get__<'py>(
        &self,
        response: &Bound<'py, PyAny>,
        class: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let name = self.part.name(response.py());
        if response.is_none() {
            let class = class.map(Bound::to_string).unwrap_or_default();
            return Err(PyAttributeError::new_err(format!(
                "{class} has no attribute '{name}'"
            )));
        }
        let response = response.cast::<HttpResponse>()?;
        if let Some(value) = HttpResponse::part(response, self.part)? {
            return Ok(value);
        }
        let known = ffi::known_attributes(response)
            .map(|attributes| attributes.get_item(name))
            .transpose()?;
        known.flatten().ok_or_else(|| missing(response, name))
    }

    fn __set__(&self, response: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let response = response.cast::<HttpResponse>()?;
        HttpResponse::release(response)?.set_item(self.part.name(response.py()), value)
    }

    fn __delete__(&self, response: &Bound<'_, PyAny>) -> PyResult<()> {
        let response = response.cast::<HttpResponse>()?;
        let (py, name) = (response.py(), self.part.name(response.py()));
        let deleted = HttpResponse::release(response)?.del_item(name);
        deleted.map_err(|error| {
            if !error.is_instance_of::<PyKeyError>(py) {
                error
            } else if py.version_info() < (3, 11) {
                PyAttributeError::new_err(name.clone().unbind())
            } else {
                missing(response, name)
            }
        })
    }
}

/// The interpreter's own words for an attribute that an instance does not have.
fn missing(response: &Bound<'_, HttpResponse>, name: &Bound<'_, PyString>) -> PyErr {
    let class = response.get_type();
    let class = class.name().map(|class| class.to_string());
    PyAttributeError::new_err(format!(
        "'{}' object has no attribute '{name}'",
        class.as_deref().unwrap_or("HttpResponse")
    ))
}
