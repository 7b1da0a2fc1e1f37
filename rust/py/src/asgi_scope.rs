//! The `scope` of an ASGI call: the official host's keys, and those the ASGI specification asks for besides
//! (spec http.md 5.6).

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use crate::context::Context;
use crate::raw_request::{RawRequest, percent_decoded};

/// What the official adapters say; its applications may look at it.
const VERSION: &str = "2.1";
/// What is really spoken: `http.disconnect` tells that the client has left, `send` does not raise then.
const SPEC_VERSION: &str = "2.3";

/// Makes the `scope`. `state` is what the lifespan left behind, copied for each request.
pub(crate) fn scope<'py>(
    py: Python<'py>,
    request: &RawRequest,
    context: &Bound<'py, Context>,
    state: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let scope = PyDict::new(py);
    let (path, query) = request.path_and_query();
    let decoded = percent_decoded(path);
    scope.set_item(intern!(py, "type"), intern!(py, "http"))?;
    let versions = PyDict::new(py);
    versions.set_item(intern!(py, "version"), intern!(py, "3.0"))?;
    versions.set_item(intern!(py, "spec_version"), intern!(py, SPEC_VERSION))?;
    scope.set_item(intern!(py, "asgi"), versions)?;
    scope.set_item(intern!(py, "asgi.version"), intern!(py, VERSION))?;
    scope.set_item(intern!(py, "asgi.spec_version"), intern!(py, VERSION))?;
    scope.set_item(intern!(py, "http_version"), intern!(py, "1.1"))?;
    match &*request.method() {
        "GET" => scope.set_item(intern!(py, "method"), intern!(py, "GET"))?,
        "POST" => scope.set_item(intern!(py, "method"), intern!(py, "POST"))?,
        other => scope.set_item(intern!(py, "method"), other.to_ascii_uppercase())?,
    }
    scope.set_item(intern!(py, "scheme"), request.scheme())?;
    scope.set_item(intern!(py, "path"), String::from_utf8_lossy(&decoded))?;
    scope.set_item(intern!(py, "raw_path"), PyBytes::new(py, path))?;
    scope.set_item(intern!(py, "query_string"), PyBytes::new(py, query))?;
    scope.set_item(intern!(py, "root_path"), intern!(py, ""))?;
    let headers = PyList::empty(py);
    for (name, value) in request.fields() {
        let name = name.to_ascii_lowercase();
        headers.append((PyBytes::new(py, &name), PyBytes::new(py, value)))?;
    }
    scope.set_item(intern!(py, "headers"), headers)?;
    scope.set_item(intern!(py, "server"), request.server())?;
    scope.set_item(intern!(py, "client"), py.None())?;
    let state = match state {
        Some(state) => Some(state.copy()?),
        None => None,
    };
    scope.set_item(intern!(py, "state"), state)?;
    add_azure(&scope, context)?;
    Ok(scope)
}

/// The keys by which an application finds its Invocation; the same in a WSGI `environ`.
pub(crate) fn add_azure(to: &Bound<'_, PyDict>, context: &Bound<'_, Context>) -> PyResult<()> {
    let py = to.py();
    let names: [(&Bound<'_, PyString>, &Bound<'_, PyString>); 6] = [
        (
            intern!(py, "azure_functions.function_directory"),
            intern!(py, "function_directory"),
        ),
        (
            intern!(py, "azure_functions.function_name"),
            intern!(py, "function_name"),
        ),
        (
            intern!(py, "azure_functions.invocation_id"),
            intern!(py, "invocation_id"),
        ),
        (
            intern!(py, "azure_functions.thread_local_storage"),
            intern!(py, "thread_local_storage"),
        ),
        (
            intern!(py, "azure_functions.trace_context"),
            intern!(py, "trace_context"),
        ),
        (
            intern!(py, "azure_functions.retry_context"),
            intern!(py, "retry_context"),
        ),
    ];
    for (key, attribute) in names {
        to.set_item(key, context.getattr(attribute)?)?;
    }
    Ok(())
}
