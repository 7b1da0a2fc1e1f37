//! Request headers as Functions see them: a read-only mapping with lower-case names (spec worker.md 8.1).
//! Names and values become Python strings when they are touched, not before.

use std::borrow::Cow;

use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyString};

use crate::request::{HttpRequest, latin1};

/// A case-insensitive, read-only mapping of header names to values.
#[pyclass(frozen, weakref, module = "ferrofunc._core")]
pub(crate) struct RequestHeaders {
    pub(crate) request: Py<HttpRequest>,
}

impl RequestHeaders {
    /// Lines of one name are joined with a comma and no space (spec http.md 4).
    fn find(&self, name: &str) -> Option<Cow<'_, str>> {
        let request = self.request.get();
        let mut found: Option<Cow<'_, str>> = None;
        for (field, value) in request.fields() {
            if field.eq_ignore_ascii_case(name.as_bytes()) {
                let value = latin1(value);
                match &mut found {
                    Some(joined) => {
                        let joined = joined.to_mut();
                        joined.push(',');
                        joined.push_str(&value);
                    }
                    None => found = Some(value),
                }
            }
        }
        found
    }

    /// Each name once, lower-case, in order of appearance.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (field, _) in self.request.get().fields() {
            let name = latin1(field).to_ascii_lowercase();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn pairs(&self) -> Vec<(String, String)> {
        self.names()
            .into_iter()
            .map(|name| {
                let value = self.find(&name).unwrap_or_default().into_owned();
                (name, value)
            })
            .collect()
    }
}

#[pymethods]
impl RequestHeaders {
    fn __getitem__(&self, name: &str) -> PyResult<Cow<'_, str>> {
        self.find(name)
            .ok_or_else(|| PyKeyError::new_err(name.to_ascii_lowercase()))
    }

    fn __contains__(&self, name: &str) -> bool {
        let request = self.request.get();
        request
            .fields()
            .any(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
    }

    fn __len__(&self) -> usize {
        self.names().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.names())?.try_iter()
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let own = pyo3::types::PyDict::from_sequence(PyList::new(py, self.pairs())?.as_any())?;
        let other = py.import("builtins")?.getattr("dict")?.call1((other,));
        match other {
            Ok(other) => own.eq(other),
            Err(_) => Ok(false),
        }
    }

    #[pyo3(signature = (name, default = None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        name: &str,
        default: Option<Bound<'py, PyAny>>,
    ) -> Option<Bound<'py, PyAny>> {
        match self.find(name) {
            Some(value) => Some(PyString::new(py, &value).into_any()),
            None => default,
        }
    }

    fn keys<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "KeysView")
    }

    fn values<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "ValuesView")
    }

    fn items<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "ItemsView")
    }
}

/// The standard library's views work on any mapping.
fn view<'py>(headers: &Bound<'py, RequestHeaders>, class: &str) -> PyResult<Bound<'py, PyAny>> {
    headers
        .py()
        .import("collections.abc")?
        .getattr(class)?
        .call1((headers,))
}
