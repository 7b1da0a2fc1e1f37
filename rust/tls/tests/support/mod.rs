//! Folders that go away, certificates made on the spot, and a socket in memory.

#![allow(dead_code, reason = "each test file uses its own part of this module")]
#![allow(
    unreachable_pub,
    reason = "a module shared by test crates has no other visibility"
)]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// A new folder that is removed in the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ferrofunc-tls-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).expect("a file for the test");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _best_effort = std::fs::remove_dir_all(&self.0);
    }
}

/// A certificate and its key in PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

pub fn parameters() -> CertificateParams {
    CertificateParams::new(vec!["localhost".to_owned()]).expect("a name")
}

/// A self signed pair.
pub fn pair(parameters: &CertificateParams) -> Pair {
    let key = KeyPair::generate().expect("a key");
    Pair {
        certificate: parameters.self_signed(&key).expect("a certificate").pem(),
        key: key.serialize_pem(),
    }
}

/// A pair signed by an authority, and the authority's certificate in PEM.
pub fn signed_pair() -> (Pair, String) {
    let authority_key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let above = authority.self_signed(&authority_key).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let issuer = Issuer::new(authority, authority_key);
    let own = parameters().signed_by(&key, &issuer).expect("a signature");
    let pair = Pair {
        certificate: own.pem(),
        key: key.serialize_pem(),
    };
    (pair, above.pem())
}

/// One direction of a socket: at most `room` bytes are on their way.
struct Pipe {
    bytes: VecDeque<u8>,
    room: usize,
    is_closed: bool,
}

/// One end of a socket in memory that never blocks.
#[derive(Clone)]
pub struct End {
    incoming: Rc<RefCell<Pipe>>,
    outgoing: Rc<RefCell<Pipe>>,
}

/// Two ends. Each direction holds `room` bytes.
pub fn socket(room: usize) -> (End, End) {
    let pipe = || {
        Rc::new(RefCell::new(Pipe {
            bytes: VecDeque::new(),
            room,
            is_closed: false,
        }))
    };
    let (there, back) = (pipe(), pipe());
    let one = End {
        incoming: back.clone(),
        outgoing: there.clone(),
    };
    let other = End {
        incoming: there,
        outgoing: back,
    };
    (one, other)
}

impl End {
    /// Bytes that wait to be read here.
    pub fn waiting(&self) -> usize {
        self.incoming.borrow().bytes.len()
    }

    pub fn close(&self) {
        self.outgoing.borrow_mut().is_closed = true;
    }
}

impl Read for End {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let mut pipe = self.incoming.borrow_mut();
        if pipe.bytes.is_empty() && !pipe.is_closed {
            return Err(ErrorKind::WouldBlock.into());
        }
        pipe.bytes.read(room)
    }
}

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pipe = self.outgoing.borrow_mut();
        let count = bytes.len().min(pipe.room - pipe.bytes.len());
        if count == 0 && !bytes.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        pipe.bytes.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
