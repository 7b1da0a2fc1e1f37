//! The certificate in force: the one of the file as it is now. Each full handshake asks for it; at most once
//! a second that makes a look at the file, and a changed file is read by a thread of its own. Handshakes
//! under way and open connections keep what they began with. A file that cannot be used changes nothing.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::source::{Source, Stamp};
use crate::{Certificate, CertificateError};

/// Least time between two looks at the file.
const PAUSE: Duration = Duration::from_secs(1);

/// What came of a changed file. Its text is what the user should read.
#[derive(Debug)]
pub enum Change {
    /// New connections get the new certificate; `doubt` is why clients will refuse it, if so.
    Renewed {
        /// The file.
        path: PathBuf,
        /// Follows the words "The certificate".
        doubt: Option<String>,
    },
    /// The old certificate stays in force.
    Kept(CertificateError),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renewed { path, doubt: None } => {
                write!(
                    f,
                    "The certificate in '{}' has changed: new connections use it.",
                    path.display()
                )
            }
            Self::Renewed {
                path,
                doubt: Some(doubt),
            } => write!(
                f,
                "The certificate in '{}' has changed: new connections use it. It {doubt}: clients will refuse it.",
                path.display()
            ),
            Self::Kept(error) => write!(
                f,
                "The certificate has changed and cannot be used; the one from before stays in force. {error}"
            ),
        }
    }
}

/// Who is told of changes, from any thread.
type Listener = Box<dyn Fn(Change) + Send + Sync>;

/// The last look at the file.
struct Looked {
    at: Instant,
    stamp: Stamp,
    /// Who read it last, and perhaps still does.
    reader: Option<JoinHandle<()>>,
}

struct InForce {
    current: Mutex<Arc<CertifiedKey>>,
    file: Option<(Source, Mutex<Looked>)>,
    listener: Listener,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What rustls asks for the certificate of a handshake.
pub(crate) struct Renewal(Arc<InForce>);

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewal")
    }
}

impl Renewal {
    pub(crate) fn new(certificate: Certificate, listener: Listener) -> Self {
        let file = certificate.origin.map(|(source, stamp)| {
            let looked = Looked {
                at: Instant::now(),
                stamp,
                reader: None,
            };
            (source, Mutex::new(looked))
        });
        Self(Arc::new(InForce {
            current: Mutex::new(certificate.identity.certified),
            file,
            listener,
        }))
    }

    /// Reads the file anew if it has changed; what it holds is in force when it is read.
    fn look(&self) {
        let Some((source, looked)) = &self.0.file else {
            return;
        };
        let mut looked = lock(looked);
        let now = Instant::now();
        let is_reading = looked.reader.as_ref().is_some_and(|it| !it.is_finished());
        if is_reading || now.duration_since(looked.at) < PAUSE {
            return;
        }
        looked.at = now;
        let stamp = source.stamp();
        if stamp == looked.stamp {
            return;
        }
        let in_force = self.0.clone();
        let source = source.clone();
        // Deriving a key from a password may take a tenth of a second.
        let reader = std::thread::Builder::new()
            .name("ferrofunc-certificate".into())
            .spawn(move || in_force.read(&source));
        // Without a thread to be had, the next look tries again.
        if let Ok(reader) = reader {
            looked.stamp = stamp;
            looked.reader = Some(reader);
        }
    }
}

impl InForce {
    fn read(&self, source: &Source) {
        let change = match source.read() {
            Ok(identity) => {
                let doubt = identity.doubt();
                let before = std::mem::replace(&mut *lock(&self.current), identity.certified);
                // Touched, or another file of the folder: nothing to tell.
                (before.cert != lock(&self.current).cert).then(|| Change::Renewed {
                    path: source.path().to_owned(),
                    doubt,
                })
            }
            Err(error) => Some(Change::Kept(error)),
        };
        if let Some(change) = change {
            (self.listener)(change);
        }
    }
}

impl ResolvesServerCert for Renewal {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.look();
        Some(lock(&self.0.current).clone())
    }
}
