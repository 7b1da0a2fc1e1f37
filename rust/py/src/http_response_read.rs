//! What a response object says (spec http.md 5.2 and 5.5): status, header fields, body.
//!
//! A native one is read through its fields, and so is one of a subclass that leaves the interface alone; any
//! other of the class that apps see through the library's private names, without properties; all others
//! through the public interface. Nothing of the user's object is changed. Called by `response`.

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyList, PyString, PyTuple, PyType};

use crate::ffi;
use crate::http_response::{HttpResponse, Place};
use crate::http_response_attribute::Part;
use crate::http_response_text::Text;
use crate::link::Support;
use crate::streams::Chunk;

/// The parts of a response. What is None has its default.
pub(crate) struct Parts<'py> {
    status: Option<Bound<'py, PyAny>>,
    mimetype: Option<Bound<'py, PyAny>>,
    charset: Option<Bound<'py, PyAny>>,
    headers: Option<Headers<'py>>,
    body: Content<'py>,
}

enum Headers<'py> {
    Pairs(Bound<'py, PyList>),
    Object(Bound<'py, PyAny>),
}

enum Content<'py> {
    Nothing,
    /// Known to have a UTF-8 form.
    Text(Bound<'py, PyString>),
    Bytes(Bound<'py, PyBytes>),
}

/// A header field.
pub(crate) struct Field<'py> {
    pub(crate) name: Text<'py>,
    pub(crate) value: Text<'py>,
}

impl<'py> Field<'py> {
    /// Of a pair; the value is not yet as it is sent.
    pub(crate) fn of(pair: &Bound<'py, PyAny>) -> PyResult<Self> {
        let (name, value) = match pair.cast::<PyTuple>() {
            Ok(pair) => (pair.get_item(0)?, pair.get_item(1)?),
            Err(_) => (pair.get_item(0)?, pair.get_item(1)?),
        };
        Ok(Self {
            name: Text::of(&name)?,
            value: Text::of(&value)?,
        })
    }

    pub(crate) fn is(&self, name: &[u8]) -> bool {
        self.name.bytes().eq_ignore_ascii_case(name)
    }

    pub(crate) fn into_wire(self) -> PyResult<Self> {
        let Self { name, value } = self;
        let value = value.into_wire()?;
        Ok(Self { name, value })
    }
}

impl<'py> Parts<'py> {
    /// None if `result` is no response.
    pub(crate) fn read(support: &Support, result: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        let py = result.py();
        let class = result.get_type();
        let own = support.response_class.bind(py);
        if let Ok(response) = result.cast::<HttpResponse>()
            && is_plain(response, &class, own)?
        {
            return Self::of_native(response).map(Some);
        }
        let is_own = class.is(own);
        if !is_own && !result.is_instance(support.response_interface.bind(py))? {
            return Ok(None);
        }
        let part = |part: Part, public: &Bound<'py, PyString>| {
            result.getattr(if is_own { part.name(py) } else { public })
        };
        Self::of(
            part(Part::Status, intern!(py, "status_code"))?,
            part(Part::Mimetype, intern!(py, "mimetype"))?,
            part(Part::Charset, intern!(py, "charset"))?,
            part(Part::Headers, intern!(py, "headers"))?,
            // The one name of the interface that an instance can take for itself.
            &result.call_method0(intern!(py, "get_body"))?,
        )
        .map(Some)
    }

    fn of(
        status: Bound<'py, PyAny>,
        mimetype: Bound<'py, PyAny>,
        charset: Bound<'py, PyAny>,
        headers: Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
    ) -> PyResult<Self> {
        Ok(Self {
            status: Some(status),
            mimetype: Some(mimetype),
            charset: Some(charset),
            headers: Some(Headers::Object(headers)),
            // A response of the user's own class may have none.
            body: if body.is_none() {
                Content::Nothing
            } else {
                Content::Bytes(body.cast::<PyBytes>()?.clone())
            },
        })
    }

    fn of_native(response: &Bound<'py, HttpResponse>) -> PyResult<Self> {
        let py = response.py();
        let this = response.borrow();
        let values = &this.values;
        let bound = |value: &Option<Py<PyAny>>| value.as_ref().map(|value| value.bind(py).clone());
        let headers = match (&values.headers, &values.pairs) {
            (Some(made), _) => Some(Headers::Object(made.bind(py).clone())),
            (None, Some(pairs)) => Some(Headers::Pairs(pairs.bind(py).clone())),
            (None, None) => None,
        };
        let body = match &values.body {
            None => Content::Nothing,
            Some(body) => match body.bind(py).cast::<PyString>() {
                Ok(text) => Content::Text(text.clone()),
                Err(_) => Content::Bytes(body.bind(py).cast::<PyBytes>()?.clone()),
            },
        };
        Ok(Self {
            status: bound(&values.status),
            mimetype: bound(&values.mimetype),
            charset: bound(&values.charset),
            headers,
            body,
        })
    }

    /// Sent as text and read again by the official host: text that is no number is 200.
    pub(crate) fn status(&self) -> PyResult<u16> {
        let Some(status) = &self.status else {
            return Ok(200);
        };
        if let Ok(number) = status.cast_exact::<PyInt>()
            && let Ok(number) = number.extract::<u16>()
        {
            return Ok(number);
        }
        let text = status.str()?;
        let Ok(number) = text.to_str()?.trim().parse::<i32>() else {
            return Ok(200);
        };
        u16::try_from(number).map_err(|_| {
            PyValueError::new_err(format!(
                "expected a status code from 100 to 999, found {number}"
            ))
        })
    }

    /// The body as an object that holds it, if it is longer than `limit`.
    pub(crate) fn large_body(&self, limit: usize) -> Option<Chunk> {
        if self.body().len() <= limit {
            return None;
        }
        match &self.body {
            Content::Nothing => None,
            Content::Text(text) => Some(Chunk::Text(text.clone().unbind())),
            Content::Bytes(bytes) => Some(Chunk::Bytes(bytes.clone().unbind())),
        }
    }

    pub(crate) fn body(&self) -> &[u8] {
        match &self.body {
            Content::Nothing => b"",
            Content::Text(text) => text.to_str().map(str::as_bytes).unwrap_or_default(),
            Content::Bytes(bytes) => bytes.as_bytes(),
        }
    }

    /// The user's fields: the last of several with one name wins, except for cookies (spec http.md 5.5).
    /// Values are not yet as they are sent.
    pub(crate) fn fields(&self) -> PyResult<Vec<Field<'py>>> {
        let mut fields: Vec<Field<'py>> = Vec::new();
        let mut add = |pair: &Bound<'py, PyAny>| -> PyResult<()> {
            let field = Field::of(pair)?;
            let name = field.name.bytes();
            let known = if field.is(b"set-cookie") {
                None
            } else {
                fields.iter_mut().find(|known| known.is(name))
            };
            match known {
                Some(known) => known.value = field.value,
                None => fields.push(field),
            }
            Ok(())
        };
        let object = match &self.headers {
            None => return Ok(fields),
            Some(Headers::Pairs(pairs)) => {
                pairs.iter().try_for_each(|pair| add(&pair))?;
                return Ok(fields);
            }
            Some(Headers::Object(object)) => object,
        };
        let py = object.py();
        if let Some(list) = object.getattr_opt(intern!(py, "_list"))?
            && let Ok(list) = list.cast::<PyList>()
        {
            list.iter().try_for_each(|pair| add(&pair))?;
        } else {
            for pair in object.call_method0(intern!(py, "items"))?.try_iter()? {
                add(&pair?)?;
            }
        }
        Ok(fields)
    }

    /// The content type of a response whose headers name none.
    pub(crate) fn content_type(&self) -> PyResult<Text<'py>> {
        let is_utf8 = match &self.charset {
            None => true,
            Some(charset) => charset
                .cast::<PyString>()
                .is_ok_and(|charset| charset.to_str().is_ok_and(|charset| charset == "utf-8")),
        };
        let Some(mimetype) = &self.mimetype else {
            return match &self.charset {
                Some(charset) if !is_utf8 => {
                    Text::made(&format!("text/plain; charset={}", charset.str()?))
                }
                _ => Ok(Text::Fixed(PLAIN)),
            };
        };
        let Ok(text) = mimetype.cast::<PyString>() else {
            // The library's converter asks the same, and fails in its words where there is no such method.
            let starts = mimetype.call_method1(intern!(mimetype.py(), "startswith"), ("text/",))?;
            return if starts.is_truthy()? {
                Text::made(&format!(
                    "{}; charset={}",
                    mimetype.str()?,
                    self.charset_text()?
                ))
            } else {
                Text::of(mimetype)?.into_wire()
            };
        };
        let name = text.to_str()?;
        let Some(kind) = name.strip_prefix("text/") else {
            return Text::of(mimetype)?.into_wire();
        };
        match usual(kind) {
            Some(fixed) if is_utf8 => Ok(Text::Fixed(fixed)),
            _ => Text::made(&format!("{name}; charset={}", self.charset_text()?)),
        }
    }

    fn charset_text(&self) -> PyResult<String> {
        match &self.charset {
            None => Ok("utf-8".to_owned()),
            Some(charset) => charset.str()?.extract(),
        }
    }
}

/// Also what a `str` result is (spec http.md 5.3).
pub(crate) const PLAIN: &str = "text/plain; charset=utf-8";

/// The whole content type for what comes after `text/`.
fn usual(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "plain" => PLAIN,
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "javascript" => "text/javascript; charset=utf-8",
        "xml" => "text/xml; charset=utf-8",
        _ => return None,
    })
}

/// Whether the public interface of `response` would answer what is in its fields.
fn is_plain(
    response: &Bound<'_, HttpResponse>,
    class: &Bound<'_, PyType>,
    own: &Bound<'_, PyAny>,
) -> PyResult<bool> {
    let py = response.py();
    if response.borrow().place != Place::Fields {
        return Ok(false);
    }
    if let Some(attributes) = ffi::known_attributes(response)
        && attributes.contains(intern!(py, "get_body"))?
    {
        return Ok(false);
    }
    if class.is(own) {
        return Ok(true);
    }
    let names = [
        intern!(py, "__getattribute__"),
        intern!(py, "get_body"),
        intern!(py, "headers"),
        intern!(py, "status_code"),
        intern!(py, "mimetype"),
        intern!(py, "charset"),
    ];
    for name in names {
        if !class.getattr(name)?.is(&own.getattr(name)?) {
            return Ok(false);
        }
    }
    Ok(true)
}
