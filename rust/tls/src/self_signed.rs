//! A certificate of our own for this machine's loopback names: made once, kept for the next starts in a
//! folder that only its user may read, and made anew before it expires. Called by `certificate`.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use crate::CertificateError;
use crate::identity::{Found, Identity};
use crate::pem;
use crate::source::Source;

/// Its name in the folder: certificate and key, in PEM.
const FILE: &str = "localhost.pem";
/// What it is valid for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How long it is valid. Browsers refuse server certificates of much more than a year.
const LIFE: Duration = Duration::days(365);
/// How much of its life must be left at a start, so that it does not expire under a running host.
const REST: Duration = Duration::days(30);
/// Clocks of clients in containers and virtual machines may be behind.
const BEHIND: Duration = Duration::days(1);

/// The kept certificate, or a new one.
pub(crate) struct Kept {
    pub(crate) identity: Identity,
    pub(crate) path: PathBuf,
    pub(crate) is_new: bool,
    /// Why it could not be kept, if so.
    pub(crate) unkept: Option<io::Error>,
}

pub(crate) fn take(folder: &Path) -> Result<Kept, CertificateError> {
    let path = folder.join(FILE);
    if let Some(identity) = try_kept(&path) {
        return Ok(Kept {
            identity,
            path,
            is_new: false,
            unkept: None,
        });
    }
    let text = make().map_err(|error| CertificateError::SelfSigned(error.to_string()))?;
    let sections = pem::read(text.as_bytes(), &path, None)?;
    let Some(key) = sections.key else {
        return Err(CertificateError::SelfSigned("no key".to_owned()));
    };
    let identity = Identity::of(Found {
        certificates: sections.certificates,
        key,
        path: path.clone(),
        key_path: path.clone(),
    })?;
    let unkept = keep(&path, &text).err();
    Ok(Kept {
        identity,
        path,
        is_new: true,
        unkept,
    })
}

/// The certificate of an earlier start, if it can serve on and nobody else could read its key.
fn try_kept(path: &Path) -> Option<Identity> {
    let mode = fs::metadata(path).ok()?.permissions().mode();
    if mode & 0o077 != 0 {
        return None;
    }
    let identity = Source::new(path, None).read().ok()?;
    identity.lasts(REST).then_some(identity)
}

fn make() -> Result<String, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut parameters = CertificateParams::new(NAMES.map(str::to_owned))?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    parameters
        .distinguished_name
        .push(DnType::OrganizationName, "ferrofunc development");
    // Trusted for these names and nothing else: it must not be able to sign others.
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = OffsetDateTime::now_utc();
    parameters.not_before = now - BEHIND;
    parameters.not_after = now + LIFE;
    let certificate = parameters.self_signed(&key)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

/// Puts it in place in one step: another host may be reading.
fn keep(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // Half a file helps nobody; the first error is the one to tell.
        let _removed = fs::remove_file(&draft);
    }
    written
}
