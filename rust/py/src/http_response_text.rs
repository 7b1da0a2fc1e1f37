//! The texts of header fields as bytes of the wire. A Python string that is ASCII already holds them, and is
//! not copied. Called by `http_response_read` and `response`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// A name or a value of a header field.
pub(crate) enum Text<'py> {
    Fixed(&'static str),
    /// Has a UTF-8 form, which is sent.
    Given(Bound<'py, PyString>),
    Made(Vec<u8>),
}

impl<'py> Text<'py> {
    /// The value itself if it is a text, else what `str` makes of it.
    pub(crate) fn of(value: &Bound<'py, PyAny>) -> PyResult<Self> {
        let text = match value.cast_exact::<PyString>() {
            Ok(text) => text.clone(),
            Err(_) => value.str()?,
        };
        text.to_str()?;
        Ok(Self::Given(text))
    }

    /// As a value is sent: characters up to U+00FF are bytes of their own.
    pub(crate) fn into_wire(self) -> PyResult<Self> {
        match &self {
            Self::Given(text) if !text.to_str()?.is_ascii() => Self::made(text.to_str()?),
            _ => Ok(self),
        }
    }

    /// A text of ours with others in it, as a value is sent.
    pub(crate) fn made(text: &str) -> PyResult<Self> {
        if text.is_ascii() {
            return Ok(Self::Made(text.as_bytes().into()));
        }
        let bytes = text
            .chars()
            .map(|character| u8::try_from(u32::from(character)).ok())
            .collect::<Option<_>>();
        bytes.map(Self::Made).ok_or_else(|| {
            PyValueError::new_err(format!(
                "expected a header value of characters up to U+00FF, found {text:?}; encode it"
            ))
        })
    }

    /// The string that was given.
    pub(crate) fn given(self) -> Option<Bound<'py, PyString>> {
        match self {
            Self::Given(text) => Some(text),
            Self::Fixed(_) | Self::Made(_) => None,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Fixed(text) => text.as_bytes(),
            Self::Given(text) => text.to_str().map(str::as_bytes).unwrap_or_default(),
            Self::Made(bytes) => bytes,
        }
    }
}
