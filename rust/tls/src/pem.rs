//! PEM: text with named sections of base64. Knows which sections hold certificates and which a key, and
//! opens an encrypted key. Called by `source`.

use std::path::Path;

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::Error as Encryption;
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};
use x509_parser::pem::Pem;

use crate::CertificateError;

/// What every section begins with.
const BEGIN: &[u8] = b"-----BEGIN ";
/// What a key section begins with that is encrypted in the way from before PKCS#8.
const OLD_ENCRYPTION: &[u8] = b"Proc-Type: 4,ENCRYPTED";

/// The certificates of a file, and its first private key.
pub(crate) struct Sections {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) key: Option<PrivateKeyDer<'static>>,
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Whether the bytes are PEM at all.
pub(crate) fn is_pem(bytes: &[u8]) -> bool {
    holds(bytes, BEGIN)
}

pub(crate) fn read(
    bytes: &[u8],
    path: &Path,
    password: Option<&str>,
) -> Result<Sections, CertificateError> {
    if holds(bytes, OLD_ENCRYPTION) {
        return Err(CertificateError::damaged(
            path,
            &"its key is encrypted in the old way of PEM; write it anew with 'openssl pkcs8 -topk8'",
        ));
    }
    let mut sections = Sections {
        certificates: Vec::new(),
        key: None,
    };
    for section in Pem::iter_from_buffer(bytes) {
        let Pem {
            label, contents, ..
        } = section.map_err(|error| CertificateError::damaged(path, &error))?;
        let key: PrivateKeyDer<'static> = match label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" => {
                sections.certificates.push(contents.into());
                continue;
            }
            "PRIVATE KEY" => PrivatePkcs8KeyDer::from(contents).into(),
            "RSA PRIVATE KEY" => PrivatePkcs1KeyDer::from(contents).into(),
            "EC PRIVATE KEY" => PrivateSec1KeyDer::from(contents).into(),
            "ENCRYPTED PRIVATE KEY" => decrypt(&contents, path, password)?.into(),
            // Curve parameters, requests, trust settings: common in such files, and not needed.
            _ => continue,
        };
        sections.key.get_or_insert(key);
    }
    Ok(sections)
}

fn decrypt(
    bytes: &[u8],
    path: &Path,
    password: Option<&str>,
) -> Result<PrivatePkcs8KeyDer<'static>, CertificateError> {
    let Some(password) = password else {
        return Err(CertificateError::PasswordMissing(path.to_owned()));
    };
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(bytes)
        .map_err(|error| CertificateError::damaged(path, &error))?;
    match encrypted.decrypt(password) {
        Ok(key) => Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec())),
        Err(pkcs8::Error::EncryptedPrivateKey(
            error @ (Encryption::UnsupportedAlgorithm { .. }
            | Encryption::AlgorithmParametersInvalid { .. }
            | Encryption::NoPbes1CryptSupport),
        )) => Err(CertificateError::damaged(path, &error)),
        // Opened with another password it has wrong padding, or is no key.
        Err(_) => Err(CertificateError::PasswordWrong(path.to_owned())),
    }
}
