//! The storage and the constructor of `func.HttpResponse` (spec worker.md 8.2): what user code gave, as it
//! was given, until somebody looks.
//!
//! The class that apps see derives from this one and has the library's own methods and properties
//! (`worker/native_response.py`). They find their values under the library's private names, which
//! `http_response_attribute` serves. Here are only the common arguments understood; for all others the
//! library's `__init__` does what it does. Must never raise an error of its own for an argument: each one is
//! the library's. Read by `http_response_read`.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList, PyString, PyTuple, PyType};

use crate::error::CoreError;
use crate::ffi::{self, Arguments};
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

/// The values; what is not there has its default.
#[derive(Default)]
pub(crate) struct Values {
    pub(crate) status: Option<Py<PyAny>>,
    pub(crate) mimetype: Option<Py<PyAny>>,
    pub(crate) charset: Option<Py<PyAny>>,
    /// Pairs of texts, as long as nobody has asked for `headers`.
    pub(crate) pairs: Option<Py<PyList>>,
    pub(crate) headers: Option<Py<PyAny>>,
    /// `bytes`, or a `str` that is known to have a UTF-8 form and becomes `bytes` when it is asked for.
    pub(crate) body: Option<Py<PyAny>>,
}

// Without a `#[new]`: `object.__new__` makes the instances, as it makes the library's. So the signature, which the
// class that apps see has from here, must be spelt as the interpreter reads it.
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
    http_status: Py<PyAny>,
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
    let http_status = py.import("http")?.getattr("HTTPStatus")?.unbind();
    let library = Library {
        initialise,
        make_headers,
        http_status,
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
        && let Some(values) = given.values(py)
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
            && let Some(values) = given.values(py)
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
                let pairs = match &values.pairs {
                    Some(pairs) => pairs.bind(py).clone(),
                    None => PyList::empty(py),
                };
                drop(this);
                let made = library(py)?.make_headers.bind(py).call1((pairs,))?;
                let mut this = slf.borrow_mut();
                let pairs = this.values.pairs.take();
                this.values.headers = Some(made.clone().unbind());
                drop(this);
                drop(pairs);
                Ok(Some(made))
            }
        }
    }

    /// Moves the values into the attribute dictionary, where they stay.
    pub(crate) fn release<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let attributes = ffi::attributes(slf)?;
        for part in Part::ALL {
            if let Some(value) = Self::part(slf, part)? {
                attributes.set_item(part.name(slf.py()), value)?;
            }
        }
        Self::store(slf, Place::Attributes, Values::default());
        Ok(attributes)
    }
}

/// The arguments of one construction. An absent one is None.
#[derive(Default)]
struct Given<'py> {
    body: Option<Bound<'py, PyAny>>,
    status: Option<Bound<'py, PyAny>>,
    headers: Option<Bound<'py, PyAny>>,
    mimetype: Option<Bound<'py, PyAny>>,
    charset: Option<Bound<'py, PyAny>>,
}

impl<'py> Given<'py> {
    /// None for arguments that the library would refuse.
    fn from_call(py: Python<'py>, arguments: &Arguments<'_, 'py>) -> Option<Self> {
        let positional = arguments.positional();
        let mut given = Self::default();
        match positional {
            [] => {}
            [body] => given.body = Some((**body).clone()),
            _ => return None,
        }
        for (name, value) in arguments.named() {
            given.take(py, &name, (*value).clone(), positional.len())?;
        }
        Some(given)
    }

    /// None for arguments that the library would refuse.
    fn from_arguments(
        py: Python<'py>,
        positional: &Bound<'py, PyTuple>,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> Option<Self> {
        let mut given = Self::default();
        match positional.len() {
            0 => {}
            1 => given.body = positional.get_item(0).ok(),
            _ => return None,
        }
        for (name, value) in keywords.into_iter().flatten() {
            given.take(py, &name, value, positional.len())?;
        }
        Some(given)
    }

    fn take(
        &mut self,
        py: Python<'py>,
        name: &Bound<'py, PyAny>,
        value: Bound<'py, PyAny>,
        positional: usize,
    ) -> Option<()> {
        // Names in code are interned; the library compares those that are not.
        let place = if name.is(intern!(py, "status_code")) {
            &mut self.status
        } else if name.is(intern!(py, "mimetype")) {
            &mut self.mimetype
        } else if name.is(intern!(py, "headers")) {
            &mut self.headers
        } else if name.is(intern!(py, "charset")) {
            &mut self.charset
        } else if positional == 0 && name.is(intern!(py, "body")) {
            &mut self.body
        } else {
            return None;
        };
        *place = Some(value);
        Some(())
    }

    /// What to keep of them. None for what the library has to look at: any type but the usual ones.
    fn values(self, py: Python<'py>) -> Option<Values> {
        let is_none = |value: &Bound<'py, PyAny>| value.is_none();
        let text = |value: Option<Bound<'py, PyAny>>| match value {
            Some(value) if is_none(&value) => Some(None),
            Some(value) if value.is_exact_instance_of::<PyString>() => Some(Some(value.unbind())),
            Some(_) => None,
            None => Some(None),
        };
        let status = match self.status {
            Some(value) if !is_none(&value) => Some(status(py, value)?),
            _ => None,
        };
        let mimetype = text(self.mimetype)?;
        let charset = text(self.charset)?;
        let pairs = match self.headers {
            Some(value) if !is_none(&value) => pairs(&value)?,
            _ => None,
        };
        let body = match self.body {
            Some(value) if !is_none(&value) => Some(body(py, value, charset.as_ref())?),
            _ => None,
        };
        Some(Values {
            status,
            mimetype,
            charset,
            pairs,
            headers: None,
            body,
        })
    }
}

fn status(py: Python<'_>, value: Bound<'_, PyAny>) -> Option<Py<PyAny>> {
    if value.is_exact_instance_of::<PyInt>() {
        return Some(value.unbind());
    }
    let is_status = value.get_type().is(LIBRARY.get(py)?.http_status.bind(py));
    // What its property `value` reads.
    let number = is_status.then(|| value.getattr(intern!(py, "_value_")).ok());
    number.flatten().map(Bound::unbind)
}

/// A dictionary of texts that can stand in a header; Some(None) if it is empty.
#[expect(clippy::option_option, reason = "not understood, nothing, something")]
fn pairs(value: &Bound<'_, PyAny>) -> Option<Option<Py<PyList>>> {
    let dictionary = value.cast_exact::<PyDict>().ok()?;
    if dictionary.is_empty() {
        return Some(None);
    }
    let is_sound = dictionary.iter().all(|(name, value)| {
        name.is_exact_instance_of::<PyString>()
            && value
                .cast_exact::<PyString>()
                .is_ok_and(|value| value.to_str().is_ok_and(is_one_line))
    });
    is_sound.then(|| Some(dictionary.items().unbind()))
}

fn is_one_line(text: &str) -> bool {
    memchr::memchr2(b'\r', b'\n', text.as_bytes()).is_none()
}

fn body(py: Python<'_>, value: Bound<'_, PyAny>, charset: Option<&Py<PyAny>>) -> Option<Py<PyAny>> {
    if value.is_exact_instance_of::<PyBytes>() {
        return Some(value.unbind());
    }
    let text = value.cast_into_exact::<PyString>().ok()?;
    let is_utf8 = charset.is_none_or(|charset| {
        let charset = charset.bind(py).cast::<PyString>();
        charset.is_ok_and(|charset| charset.to_str().is_ok_and(|name| name == "utf-8"))
    });
    // Half a surrogate pair has no UTF-8 form.
    (is_utf8 && text.to_str().is_ok()).then(|| text.into_any().unbind())
}
