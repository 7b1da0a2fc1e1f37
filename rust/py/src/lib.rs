//! The `PyO3` skin, `ferrofunc._core`: what Python sees of the gateway and of a Ring. No policy lives here.
//!
//! The host's side is `gateway` and `certificate`; the worker's side is `link` (the Rings), `crew` (threads
//! for sync functions), `carrier` (tasks for async ones), `request`, `http_response` and `context` (what user
//! code touches), `response` (what it returned), `asgi` and `wsgi` (applications of web frameworks),
//! `streams` (bodies in parts). `ffi` is the only file with `unsafe`.

#![deny(unsafe_code)]

mod asgi;
mod asgi_scope;
mod awaited;
mod body_file;
mod carrier;
mod certificate;
mod context;
mod crew;
mod error;
#[expect(
    unsafe_code,
    reason = "C-API calls that PyO3 has no safe form of; see the file's header"
)]
mod ffi;
mod fields;
mod gateway;
mod http_response;
mod http_response_arguments;
mod http_response_attribute;
mod http_response_read;
mod http_response_text;
mod link;
mod outbox;
mod plan;
mod pull;
mod raw_request;
mod request;
mod response;
mod rules;
mod streams;
mod wsgi;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::asgi::AsgiCall;
    #[pymodule_export]
    use super::body_file::BodyFile;
    #[pymodule_export]
    use super::carrier::Carrier;
    #[pymodule_export]
    use super::certificate::Certificate;
    #[pymodule_export]
    use super::context::{Context, InvocationId};
    #[pymodule_export]
    use super::error::CoreError;
    #[pymodule_export]
    use super::fields::RequestHeaders;
    #[pymodule_export]
    use super::gateway::{Gateway, die_with_parent};
    #[pymodule_export]
    use super::http_response::{
        HttpResponse, adopt_response_class, response_attributes, set_response_attributes,
    };
    #[pymodule_export]
    use super::http_response_attribute::{ResponseAttribute, response_descriptors};
    #[pymodule_export]
    use super::link::Link;
    #[pymodule_export]
    use super::plan::Plan;
    #[pymodule_export]
    use super::request::HttpRequest;
    #[pymodule_export]
    use super::wsgi::StartResponse;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::ffi::make_as_object::<HttpResponse>(module.py());
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
