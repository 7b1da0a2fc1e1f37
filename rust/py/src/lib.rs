//! The `PyO3` skin, `ferrofunc._core`: what Python sees of the gateway and of a Ring. No policy lives here.
//!
//! The host's side is `gateway`; the worker's side is `link` (the Rings), `crew` (threads for sync
//! functions), `carrier` (tasks for async ones), `request`, `response` and `context` (what user code
//! touches). `ffi` is the only file with `unsafe`.

#![deny(unsafe_code)]

mod carrier;
mod context;
mod crew;
mod error;
#[expect(
    unsafe_code,
    reason = "four C-API calls that PyO3 has no safe form of; see the file's header"
)]
mod ffi;
mod fields;
mod gateway;
mod link;
mod outbox;
mod plan;
mod request;
mod response;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::carrier::Carrier;
    #[pymodule_export]
    use super::context::{Context, InvocationId};
    #[pymodule_export]
    use super::error::CoreError;
    #[pymodule_export]
    use super::fields::RequestHeaders;
    #[pymodule_export]
    use super::gateway::{Gateway, die_with_parent};
    #[pymodule_export]
    use super::link::Link;
    #[pymodule_export]
    use super::plan::Plan;
    #[pymodule_export]
    use super::request::HttpRequest;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
