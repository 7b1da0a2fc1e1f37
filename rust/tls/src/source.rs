//! Where a certificate comes from: its file, its password, and the file of its key if that lies apart.
//! Reads them, and tells whether they have changed since. Called by `certificate` and `renewal`.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::CertificateError;
use crate::identity::{Found, Identity};
use crate::{pem, pfx};

#[derive(Clone)]
pub(crate) struct Source {
    path: PathBuf,
    /// The password itself, or the path of a file that holds it: whichever it turns out to be.
    password: Option<String>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.path.display())
    }
}

/// What tells one state of a file from another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FileState {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds.
    changed: (i64, i64),
}

/// The state of each file; None for one that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(Vec<Option<FileState>>);

impl Source {
    pub(crate) fn new(path: &Path, password: Option<&str>) -> Self {
        Self {
            path: path.to_owned(),
            password: password.map(str::to_owned),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn read(&self) -> Result<Identity, CertificateError> {
        let password = self.read_password()?;
        let bytes = read_file("certificate file", &self.path)?;
        let found = if pem::is_pem(&bytes) {
            self.read_pem(&bytes, password.as_deref())?
        } else if pfx::is_pfx(&bytes) {
            pfx::read(&bytes, &self.path, password.as_deref())?
        } else if pfx::is_bare_certificate(&bytes) {
            return Err(CertificateError::NoKey {
                path: self.path.clone(),
                looked: Vec::new(),
            });
        } else {
            return Err(CertificateError::Format(self.path.clone()));
        };
        Identity::of(found)
    }

    fn read_pem(&self, bytes: &[u8], password: Option<&str>) -> Result<Found, CertificateError> {
        let sections = pem::read(bytes, &self.path, password)?;
        let found = |key, key_path: &Path| Found {
            certificates: sections.certificates.clone(),
            key,
            path: self.path.clone(),
            key_path: key_path.to_owned(),
        };
        if let Some(key) = sections.key {
            return Ok(found(key, &self.path));
        }
        if sections.certificates.is_empty() {
            return Err(CertificateError::NoCertificate(self.path.clone()));
        }
        for key_path in self.places_of_key() {
            if key_path.is_file() {
                let bytes = read_file("key file", &key_path)?;
                if let Some(key) = pem::read(&bytes, &key_path, password)?.key {
                    return Ok(found(key, &key_path));
                }
            }
        }
        Err(CertificateError::NoKey {
            path: self.path.clone(),
            looked: self.places_of_key().to_vec(),
        })
    }

    /// The usual names of a key beside its certificate: of openssl's and Kubernetes' documents, of mkcert,
    /// and of certbot.
    fn places_of_key(&self) -> [PathBuf; 4] {
        let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
        [
            format!("{stem}.key"),
            format!("{stem}-key.pem"),
            "key.pem".to_owned(),
            "privkey.pem".to_owned(),
        ]
        .map(|name| self.path.with_file_name(name))
    }

    fn read_password(&self) -> Result<Option<String>, CertificateError> {
        let Some(given) = self.password.as_deref() else {
            return Ok(None);
        };
        if !Path::new(given).is_file() {
            return Ok(Some(given.to_owned()));
        }
        let text = fs::read_to_string(given).map_err(|source| {
            CertificateError::unreadable("password file", Path::new(given), source)
        })?;
        Ok(Some(text.trim_start_matches('\u{feff}').trim().to_owned()))
    }

    pub(crate) fn stamp(&self) -> Stamp {
        let password = self.password.as_deref().map(PathBuf::from);
        let files = [self.path.clone()].into_iter().chain(password);
        Stamp(files.chain(self.places_of_key()).map(state).collect())
    }
}

fn state(path: PathBuf) -> Option<FileState> {
    let data = fs::metadata(path).ok()?;
    Some(FileState {
        device: data.dev(),
        inode: data.ino(),
        length: data.len(),
        changed: (data.mtime(), data.mtime_nsec()),
    })
}

fn read_file(what: &'static str, path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|source| CertificateError::unreadable(what, path, source))
}
