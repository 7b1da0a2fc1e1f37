//! Which files make a certificate, and what is said of those that do not. PKCS#12 and encrypted keys are
//! tested against files that the openssl command makes, in `tests/host/test_certificate.py`.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ferrofunc_tls::Certificate;
use rcgen::{KeyPair, date_time_ymd};
use support::{Folder, pair, parameters, signed_pair};

fn refusal(folder: &Folder, content: impl AsRef<[u8]>) -> String {
    let path = folder.write("server.pem", content);
    Certificate::read(&path, None)
        .expect_err("it should not do")
        .to_string()
}

#[test]
fn the_key_is_in_the_file_or_beside_it() {
    let own = pair(&parameters());
    for (name, key_name) in [
        ("server.pem", "server.pem"),
        ("server.crt", "server.key"),
        ("localhost.pem", "localhost-key.pem"),
        ("cert.pem", "key.pem"),
        ("fullchain.pem", "privkey.pem"),
    ] {
        let folder = Folder::new();
        folder.write(key_name, &own.key);
        let content = if name == key_name {
            own.key.clone() + &own.certificate
        } else {
            own.certificate.clone()
        };
        let path = folder.write(name, content);
        let certificate = Certificate::read(&path, None).expect(name);
        assert_eq!(certificate.warning(), None);
        assert_eq!(certificate.path(), Some(&*path));
        assert!(!certificate.is_new());
    }
}

#[test]
fn the_order_of_the_chain_does_not_matter() {
    let folder = Folder::new();
    let (own, above) = signed_pair();
    for content in [
        own.certificate.clone() + &above + &own.key,
        above.clone() + &own.certificate + &own.key,
        format!(
            "Bag Attributes\n  localKeyID: 01\n{}{above}text\n{}",
            own.key, own.certificate
        ),
    ] {
        let path = folder.write("server.pem", content);
        Certificate::read(&path, None).expect("a chain");
    }
}

#[test]
fn what_is_missing_is_named() {
    let folder = Folder::new();
    let own = pair(&parameters());
    let missing = Certificate::read(&folder.path().join("none.pfx"), None)
        .expect_err("no file")
        .to_string();
    assert!(
        missing.starts_with("Expected to read the certificate file '"),
        "{missing}"
    );
    assert!(
        missing.ends_with("none.pfx', found: No such file or directory."),
        "{missing}"
    );
    let no_key = refusal(&folder, &own.certificate);
    assert!(
        no_key.ends_with(
            "found no private key, nor beside it as server.key, server-key.pem, key.pem, privkey.pem."
        ),
        "{no_key}"
    );
    let no_certificate = refusal(&folder, &own.key);
    assert!(
        no_certificate.ends_with("found no certificate."),
        "{no_certificate}"
    );
    let neither = refusal(&folder, b"just text");
    assert!(
        neither.contains("to be PKCS#12 (.pfx, .p12) or PEM, found neither"),
        "{neither}"
    );
    assert!(refusal(&folder, b"").contains("found neither"));
}

#[test]
fn what_does_not_fit_is_named() {
    let folder = Folder::new();
    let (one, other) = (pair(&parameters()), pair(&parameters()));
    let mismatch = refusal(&folder, one.certificate.clone() + &other.key);
    assert!(
        mismatch.ends_with("found that it belongs to another."),
        "{mismatch}"
    );
    let cut = &one.certificate[..one.certificate.len() / 2];
    let damaged = refusal(&folder, one.key.clone() + cut);
    assert!(
        damaged.starts_with("Expected a valid certificate file, found '"),
        "{damaged}"
    );
    let old = one.certificate.clone()
        + "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAA==\n-----END RSA PRIVATE KEY-----\n";
    let encrypted = refusal(&folder, old);
    assert!(encrypted.contains("openssl pkcs8 -topk8"), "{encrypted}");
    let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let broken = refusal(&folder, one.certificate + no_key);
    assert!(broken.starts_with("Expected an RSA key"), "{broken}");
}

#[test]
fn one_that_clients_refuse_serves_with_a_warning() {
    let folder = Folder::new();
    for (from, to, doubt) in [
        (2001, 2002, "expired on 2002-01-01"),
        (2901, 2902, "is not valid before 2901-01-01"),
    ] {
        let mut times = parameters();
        times.not_before = date_time_ymd(from, 1, 1);
        times.not_after = date_time_ymd(to, 1, 1);
        let own = pair(&times);
        let path = folder.write("server.pem", own.certificate + &own.key);
        let certificate = Certificate::read(&path, None).expect("it can serve");
        let warning = certificate.warning().expect("a warning");
        assert!(warning.contains(doubt), "{warning}");
        assert!(warning.ends_with(": clients will refuse it."), "{warning}");
    }
}

#[test]
fn a_self_signed_one_is_made_once() {
    let folder = Folder::new();
    let inner = folder.path().join("cache").join("https");
    let first = Certificate::self_signed(&inner).expect("a certificate");
    assert!(first.is_new());
    let path = first.path().expect("it is kept").to_owned();
    let content = fs::read(&path).expect("the file");
    let mode = |path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&inner)), (0o600, 0o700));
    let second = Certificate::self_signed(&inner).expect("a certificate");
    assert!(!second.is_new());
    assert_eq!(fs::read(&path).expect("the file"), content);
    assert_eq!(fs::read_dir(&inner).expect("the folder").count(), 1);
}

#[test]
fn a_self_signed_one_is_made_anew_when_it_has_to_be() {
    let folder = Folder::new();
    let path = folder.path().join("localhost.pem");
    let mut old = parameters();
    old.not_after = time::OffsetDateTime::now_utc() + time::Duration::days(20);
    let ending = pair(&old);
    let ending = ending.certificate + &ending.key;
    for (content, mode) in [(&*ending, 0o600), ("rubbish", 0o600)] {
        fs::write(&path, content).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        assert!(
            Certificate::self_signed(folder.path())
                .expect("a new one")
                .is_new()
        );
    }
    // Others could have read the key.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("a mode");
    assert!(
        Certificate::self_signed(folder.path())
            .expect("a new one")
            .is_new()
    );
    assert!(
        !Certificate::self_signed(folder.path())
            .expect("the same")
            .is_new()
    );
}

#[test]
fn a_self_signed_one_that_cannot_be_kept_serves() {
    let folder = Folder::new();
    let no_folder = folder.write("file", b"");
    let certificate = Certificate::self_signed(&no_folder).expect("a certificate");
    assert!(certificate.is_new());
    assert_eq!(certificate.path(), None);
    let warning = certificate.warning().expect("a warning");
    assert!(warning.contains("cannot be kept as"), "{warning}");
}

#[test]
fn nothing_secret_is_shown() {
    let folder = Folder::new();
    let own = pair(&parameters());
    let path = folder.write("server.pem", own.certificate + &own.key);
    let certificate = Certificate::read(&path, Some("hunter2")).expect("a certificate");
    let shown = format!("{certificate:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let key = KeyPair::from_pem(&own.key).expect("a key").serialize_der();
    assert!(!shown.contains(&format!("{key:?}")), "{shown}");
}
