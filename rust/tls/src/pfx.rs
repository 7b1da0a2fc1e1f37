//! PKCS#12, which Windows and .NET call PFX: an archive of keys and certificates in any order, encrypted
//! with a password. Called by `source`.

use std::path::Path;

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use rustls::pki_types::PrivatePkcs8KeyDer;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::CertificateError;
use crate::identity::Found;

/// An archive is an ASN.1 sequence, ...
const SEQUENCE: u8 = 0x30;
/// ... and its first element, the version, is the integer 3.
const VERSION: &[u8] = &[0x02, 0x01, 0x03];
/// Most bytes before the version: the sequence's own length.
const LENGTH: usize = 6;

/// Whether the bytes begin as an archive does.
pub(crate) fn is_pfx(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(LENGTH + VERSION.len())];
    start.first() == Some(&SEQUENCE) && start.windows(VERSION.len()).any(|at| at == VERSION)
}

/// Whether the bytes are a certificate alone, outside of any format that could hold its key.
pub(crate) fn is_bare_certificate(bytes: &[u8]) -> bool {
    X509Certificate::from_der(bytes).is_ok()
}

/// Takes out the first key and all certificates.
pub(crate) fn read(
    bytes: &[u8],
    path: &Path,
    password: Option<&str>,
) -> Result<Found, CertificateError> {
    // What was made without a password is encrypted with the empty one.
    let archive = Pkcs12Archive::from_pkcs12(bytes, password.unwrap_or_default())
        .map_err(|error| explain(&error, path, password))?;
    let Some(key) = archive.keys.first() else {
        return Err(CertificateError::NoKey {
            path: path.to_owned(),
            looked: Vec::new(),
        });
    };
    Ok(Found {
        key: PrivatePkcs8KeyDer::from(key.key.as_der().to_vec()).into(),
        certificates: archive
            .certs
            .iter()
            .map(|bag| bag.cert.as_der().to_vec().into())
            .collect(),
        path: path.to_owned(),
        key_path: path.to_owned(),
    })
}

fn explain(error: &Error, path: &Path, password: Option<&str>) -> CertificateError {
    let is_closed = match error {
        Error::MacError(_) | Error::UnpadError => true,
        Error::Pkcs5Error(text) => !text.contains("unsupported"),
        _ => false,
    };
    match (is_closed, password) {
        (false, _) => CertificateError::damaged(path, &error),
        (true, None) => CertificateError::PasswordMissing(path.to_owned()),
        (true, Some(_)) => CertificateError::PasswordWrong(path.to_owned()),
    }
}
