//! Every Rust error as one Python class, in one place.

use ferrofunc_gateway::GatewayError;
use ferrofunc_tls::CertificateError;
use ferrofunc_wire::{Corrupt, RegionError};
use pyo3::exceptions::{PyException, PyOSError};
use pyo3::prelude::*;

pyo3::create_exception!(
    ferrofunc._core,
    CoreError,
    PyException,
    "The compiled core cannot do what it was asked; the message says why."
);

/// Carries an error of the crates below to Python.
pub(crate) struct Failed(PyErr);

impl From<Failed> for PyErr {
    fn from(failed: Failed) -> Self {
        failed.0
    }
}

impl From<GatewayError> for Failed {
    fn from(error: GatewayError) -> Self {
        Self(match &error {
            // The port is the user's to change: Python tells it apart by the errno.
            GatewayError::Listen { source, .. } => {
                PyOSError::new_err((source.raw_os_error().unwrap_or_default(), error.to_string()))
            }
            _ => CoreError::new_err(error.to_string()),
        })
    }
}

impl From<CertificateError> for Failed {
    fn from(error: CertificateError) -> Self {
        Self(CoreError::new_err(error.to_string()))
    }
}

impl From<RegionError> for Failed {
    fn from(error: RegionError) -> Self {
        Self(CoreError::new_err(error.to_string()))
    }
}

impl From<Corrupt> for Failed {
    fn from(error: Corrupt) -> Self {
        Self(CoreError::new_err(error.to_string()))
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}
