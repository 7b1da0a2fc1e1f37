//! Every reason not to serve a certificate, as the user reads it.

use std::io;
use std::path::{Path, PathBuf};

/// A certificate that cannot be used. No message holds a password or a key.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file, its key file or its password file cannot be read.
    #[error("Expected to read the {what} '{path}', found: {reason}.", path = path.display(), reason = without_number(source))]
    Unreadable {
        /// What it was to be.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Neither of the two formats.
    #[error(
        "Expected the certificate file '{path}' to be PKCS#12 (.pfx, .p12) or PEM, found neither. Convert it with the openssl command.", path = .0.display()
    )]
    Format(PathBuf),
    /// One of the formats, but broken or of a kind that is not known here.
    #[error("Expected a valid certificate file, found '{path}', which cannot be read: {reason}.", path = path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What the reader says.
        reason: String,
    },
    /// It is encrypted, and no password was given.
    #[error(
        "The certificate file '{path}' is protected by a password, and none was given. Pass it with --password, as text or as the path of a file that holds it.", path = .0.display()
    )]
    PasswordMissing(PathBuf),
    /// It is encrypted with another password.
    #[error(
        "The password given for the certificate file '{path}' is wrong. --password takes the password itself, or the path of a file that holds it.", path = .0.display()
    )]
    PasswordWrong(PathBuf),
    /// No certificate.
    #[error("Expected a certificate and its private key in '{path}', found no certificate.", path = .0.display())]
    NoCertificate(PathBuf),
    /// A certificate alone.
    #[error("Expected a certificate and its private key in '{path}', found no private key{beside}.", path = path.display(), beside = beside(looked))]
    NoKey {
        /// Where the certificate is.
        path: PathBuf,
        /// Files beside it that could have held the key.
        looked: Vec<PathBuf>,
    },
    /// Both, but of different pairs.
    #[error("Expected the private key in '{key}' to belong to the certificate in '{path}', found that it belongs to another.", path = path.display(), key = key.display())]
    Mismatch {
        /// Where the certificate is.
        path: PathBuf,
        /// Where the key is.
        key: PathBuf,
    },
    /// A kind of key that cannot be used.
    #[error(
        "Expected an RSA key of 2048 to 8192 bits, an ECDSA key on P-256 or P-384, or an Ed25519 key in '{path}', found another kind: {reason}.", path = path.display()
    )]
    Key {
        /// Where the key is.
        path: PathBuf,
        /// What the TLS library says.
        reason: String,
    },
    /// No certificate of our own could be made.
    #[error("Expected to make a self signed certificate, found: {0}. Pass one with --cert.")]
    SelfSigned(String),
}

fn without_number(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text[..end].to_owned()
}

fn beside(looked: &[PathBuf]) -> String {
    let names: Vec<_> = looked
        .iter()
        .filter_map(|path| path.file_name().map(|name| name.to_string_lossy()))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!(", nor beside it as {}", names.join(", "))
    }
}

impl CertificateError {
    pub(crate) fn unreadable(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Unreadable {
            what,
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn damaged(path: &Path, reason: &dyn std::fmt::Display) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
