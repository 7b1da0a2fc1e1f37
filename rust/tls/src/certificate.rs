//! A certificate that can serve, and what the user should know about it. Made by the host before anything
//! listens; taken by `Acceptor`.

use std::path::Path;

use crate::CertificateError;
use crate::identity::Identity;
use crate::self_signed;
use crate::source::{Source, Stamp};

/// A certificate with its private key.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub(crate) identity: Identity,
    /// Where it can be read again, and the state of the files before it was read. None: in memory alone.
    pub(crate) origin: Option<(Source, Stamp)>,
    is_new: bool,
    warning: Option<String>,
}

impl Certificate {
    /// Reads a PKCS#12 or PEM file. `password` is the password itself, or the path of a file that holds it.
    pub fn read(path: &Path, password: Option<&str>) -> Result<Self, CertificateError> {
        let source = Source::new(path, password);
        let stamp = source.stamp();
        let identity = source.read()?;
        let warning = identity.doubt().map(|doubt| {
            format!(
                "The certificate in '{}' {doubt}: clients will refuse it.",
                path.display()
            )
        });
        Ok(Self {
            identity,
            origin: Some((source, stamp)),
            is_new: false,
            warning,
        })
    }

    /// Takes the self signed certificate kept in `folder`, or makes one and keeps it there.
    pub fn self_signed(folder: &Path) -> Result<Self, CertificateError> {
        let kept = self_signed::take(folder)?;
        let source = Source::new(&kept.path, None);
        let stamp = source.stamp();
        let warning = kept.unkept.as_ref().map(|error| {
            format!(
                "The self signed certificate cannot be kept as '{}': {error}. The next start makes another.",
                kept.path.display()
            )
        });
        Ok(Self {
            identity: kept.identity,
            origin: kept.unkept.is_none().then_some((source, stamp)),
            is_new: kept.is_new,
            warning,
        })
    }

    /// Its file; None if it is in memory alone.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.origin.as_ref().map(|(source, _)| source.path())
    }

    /// Whether it was made just now.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// A full sentence about what is wrong with it, although it can serve.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}
