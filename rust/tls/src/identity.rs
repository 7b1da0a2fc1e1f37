//! What a server shows: a chain of certificates and the private key of the first. Here it is decided
//! whether they belong together and how long they are valid. Called by `source` and `self_signed`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::CertificateError;

/// Certificates and a key as files hold them, and where that was.
pub(crate) struct Found {
    /// In the order of the file, the key's own among them.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) path: PathBuf,
    pub(crate) key_path: PathBuf,
}

/// A chain and a key that can serve.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) certified: Arc<CertifiedKey>,
    /// The first and last second of its validity.
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} to {})", self.not_before, self.not_after)
    }
}

impl Identity {
    pub(crate) fn of(found: Found) -> Result<Self, CertificateError> {
        let Found {
            certificates,
            key,
            path,
            key_path,
        } = found;
        if certificates.is_empty() {
            return Err(CertificateError::NoCertificate(path));
        }
        let key = ring::sign::any_supported_type(&key).map_err(|error| CertificateError::Key {
            path: key_path.clone(),
            reason: error.to_string(),
        })?;
        let mut parsed = Vec::with_capacity(certificates.len());
        for certificate in &certificates {
            match X509Certificate::from_der(certificate) {
                Ok((_, read)) => parsed.push(read),
                Err(error) => return Err(CertificateError::damaged(&path, &error)),
            }
        }
        let Some(own) = parsed.iter().position(|read| belongs(read, &*key)) else {
            return Err(CertificateError::Mismatch {
                path,
                key: key_path,
            });
        };
        let validity = parsed[own].validity();
        let (not_before, not_after) = (
            validity.not_before.to_datetime(),
            validity.not_after.to_datetime(),
        );
        let chain = chain(&parsed, own)
            .into_iter()
            .map(|at| certificates[at].clone())
            .collect();
        Ok(Self {
            certified: Arc::new(CertifiedKey::new(chain, key)),
            not_before,
            not_after,
        })
    }

    /// Whether it is valid now and for that much longer.
    pub(crate) fn lasts(&self, longer: time::Duration) -> bool {
        let now = OffsetDateTime::now_utc();
        self.not_before <= now && now + longer < self.not_after
    }

    /// Why clients refuse it today, if they do: it follows the words "The certificate".
    pub(crate) fn doubt(&self) -> Option<String> {
        let now = OffsetDateTime::now_utc();
        if self.not_after < now {
            Some(format!("expired on {}", self.not_after.date()))
        } else if now < self.not_before {
            Some(format!("is not valid before {}", self.not_before.date()))
        } else {
            None
        }
    }
}

fn belongs(certificate: &X509Certificate<'_>, key: &dyn SigningKey) -> bool {
    key.public_key()
        .is_some_and(|own| own.as_ref() == certificate.public_key().raw)
}

/// The order to send them in: the key's own, then each one's issuer as far as the file has it.
fn chain(parsed: &[X509Certificate<'_>], own: usize) -> Vec<usize> {
    let mut order = vec![own];
    let mut last = own;
    while parsed[last].issuer() != parsed[last].subject()
        && let Some(issuer) = (0..parsed.len())
            .find(|at| !order.contains(at) && parsed[*at].subject() == parsed[last].issuer())
    {
        order.push(issuer);
        last = issuer;
    }
    order
}
