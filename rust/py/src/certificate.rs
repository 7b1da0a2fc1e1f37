//! A certificate as the host's Python holds it between reading it and listening.

use std::path::PathBuf;

use pyo3::prelude::*;

use crate::error::Failed;

/// A certificate with its private key, ready to serve. Host only.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct Certificate(pub(crate) ferrofunc_tls::Certificate);

#[expect(
    clippy::needless_pass_by_value,
    reason = "arguments from Python come as values of their own"
)]
#[pymethods]
impl Certificate {
    /// Reads a PKCS#12 or PEM file. `password` is the password, or the path of a file that holds it.
    #[staticmethod]
    fn read(path: PathBuf, password: Option<&str>) -> PyResult<Self> {
        let read = ferrofunc_tls::Certificate::read(&path, password).map_err(Failed::from)?;
        Ok(Self(read))
    }

    /// Takes the self signed certificate kept in a folder, or makes one and keeps it there.
    #[staticmethod]
    fn self_signed(folder: PathBuf) -> PyResult<Self> {
        let taken = ferrofunc_tls::Certificate::self_signed(&folder).map_err(Failed::from)?;
        Ok(Self(taken))
    }

    /// Its file; None if it is in memory alone.
    #[getter]
    fn path(&self) -> Option<String> {
        self.0.path().map(|path| path.display().to_string())
    }

    /// Whether it was made just now.
    #[getter]
    fn is_new(&self) -> bool {
        self.0.is_new()
    }

    /// What is wrong with it although it can serve, as a sentence.
    #[getter]
    fn warning(&self) -> Option<&str> {
        self.0.warning()
    }
}
