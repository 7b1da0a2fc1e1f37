//! The arguments of `func.HttpResponse` that the core understands: those of the usual types, which need
//! neither a conversion nor an error. Any other is for the library to look at. Called by `http_response`.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyInt, PyList, PyString, PyTuple, PyType};

use crate::ffi::Arguments;

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

/// The arguments of one construction, but for those that are absent or None.
#[derive(Default)]
pub(crate) struct Given<'py> {
    body: Option<Bound<'py, PyAny>>,
    status: Option<Bound<'py, PyAny>>,
    headers: Option<Bound<'py, PyAny>>,
    mimetype: Option<Bound<'py, PyAny>>,
    charset: Option<Bound<'py, PyAny>>,
}

impl<'py> Given<'py> {
    /// None for arguments that the library would refuse.
    pub(crate) fn from_call(py: Python<'py>, arguments: &Arguments<'_, 'py>) -> Option<Self> {
        let positional = arguments.positional();
        let mut given = Self::default();
        match positional {
            [] => {}
            [body] => given.body = (!body.is_none()).then(|| (**body).clone()),
            _ => return None,
        }
        for (name, value) in arguments.named() {
            given.take(py, &name, (*value).clone(), positional.len())?;
        }
        Some(given)
    }

    /// None for arguments that the library would refuse.
    pub(crate) fn from_arguments(
        py: Python<'py>,
        positional: &Bound<'py, PyTuple>,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> Option<Self> {
        let mut given = Self::default();
        match positional.len() {
            0 => {}
            1 => given.body = positional.get_item(0).ok().filter(|body| !body.is_none()),
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
        if !value.is_none() {
            *place = Some(value);
        }
        Some(())
    }

    /// What to keep of them. None if the library has to look at one: any type but the usual ones.
    pub(crate) fn values(self) -> Option<Values> {
        let mut values = Values::default();
        if let Some(value) = self.status {
            values.status = Some(status(value)?);
        }
        if let Some(value) = self.mimetype {
            values.mimetype = Some(value.cast_into_exact::<PyString>().ok()?.into());
        }
        if let Some(value) = &self.charset {
            values.charset = Some(value.cast_exact::<PyString>().ok()?.clone().into());
        }
        if let Some(value) = self.headers {
            values.pairs = pairs(&value)?;
        }
        if let Some(value) = self.body {
            values.body = Some(body(value, self.charset.as_ref())?);
        }
        Some(values)
    }
}

fn status(value: Bound<'_, PyAny>) -> Option<Py<PyAny>> {
    static HTTP_STATUS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if value.is_exact_instance_of::<PyInt>() {
        return Some(value.unbind());
    }
    let py = value.py();
    let class = HTTP_STATUS.import(py, "http", "HTTPStatus").ok()?;
    if !value.get_type().is(class) {
        return None;
    }
    // What its property `value` reads.
    let number = value.getattr(intern!(py, "_value_"));
    number.ok().map(Bound::unbind)
}

/// Pairs of texts that can stand in a header; Some(None) if there are none. From a dictionary, or from what the
/// library's middlewares give.
#[expect(clippy::option_option, reason = "not understood, nothing, something")]
fn pairs(value: &Bound<'_, PyAny>) -> Option<Option<Py<PyList>>> {
    static STANDARD: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let pairs = if let Ok(dictionary) = value.cast_exact::<PyDict>() {
        if dictionary.is_empty() {
            return Some(None);
        }
        dictionary.items()
    } else {
        let py = value.py();
        let standard = STANDARD.import(py, "wsgiref.headers", "Headers").ok()?;
        if !value.get_type().is(standard) {
            return None;
        }
        let list = value.getattr(intern!(py, "_headers")).ok()?;
        let list = list.cast_exact::<PyList>().ok()?;
        list.get_slice(0, list.len())
    };
    pairs
        .iter()
        .all(|pair| is_sound(&pair))
        .then(|| Some(pairs.unbind()))
}

fn is_sound(pair: &Bound<'_, PyAny>) -> bool {
    let Ok(pair) = pair.cast_exact::<PyTuple>() else {
        return false;
    };
    let (Ok(name), Ok(value)) = (pair.get_borrowed_item(0), pair.get_borrowed_item(1)) else {
        return false;
    };
    pair.len() == 2
        && name.is_exact_instance_of::<PyString>()
        && value
            .cast_exact::<PyString>()
            .is_ok_and(|value| value.to_str().is_ok_and(is_one_line))
}

fn is_one_line(text: &str) -> bool {
    memchr::memchr2(b'\r', b'\n', text.as_bytes()).is_none()
}

fn body(value: Bound<'_, PyAny>, charset: Option<&Bound<'_, PyAny>>) -> Option<Py<PyAny>> {
    if value.is_exact_instance_of::<PyBytes>() {
        return Some(value.unbind());
    }
    let text = value.cast_into_exact::<PyString>().ok()?;
    if let Some(charset) = charset.and_then(|charset| charset.cast::<PyString>().ok())
        && charset.to_str().ok()? != "utf-8"
    {
        let encoded = text.call_method1(intern!(text.py(), "encode"), (charset,));
        let encoded = encoded.ok()?.cast_into_exact::<PyBytes>();
        return encoded.ok().map(Into::into);
    }
    // Half a surrogate pair has no UTF-8 form.
    text.to_str().is_ok().then(|| text.into())
}
