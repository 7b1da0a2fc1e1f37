//! The gateway as the host's main thread holds it: commands go in through a queue and a waker, events come
//! out through a queue and a bell. The host's thread never touches a socket or a Ring.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use ferrofunc_wire::{Bell, Region, Sizes};
use mio::Waker;

use crate::auth::{AuthLevel, Keys};
use crate::config::{Config, FunctionSpec, GatewayError};
use crate::console::Console;
use crate::dispatch::Table;
use crate::exchange::Sink;
use crate::pool::{State, Worker};
use crate::reactor::Reactor;
use crate::submit::{Head, Submission};

/// A request that the host answers: home page, `/admin`, `/runtime`.
#[derive(Debug)]
pub struct AdminRequest {
    /// Give it back with the answer.
    pub key: u64,
    /// As sent.
    pub method: String,
    /// As sent, without the query.
    pub path: String,
    /// As sent.
    pub query: String,
    /// Names as sent.
    pub fields: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
    /// Invocations that run or wait for a worker at this moment.
    pub running: usize,
    /// What the caller's key proves; Admin while keys do not matter.
    pub level: AuthLevel,
    /// The name of the system key it came with.
    pub system_key: Option<String>,
    /// Whether it came over TLS.
    pub is_secure: bool,
}

/// What the host must know or do.
#[derive(Debug)]
pub enum Event {
    /// A worker has loaded the app; its Function table as JSON.
    Ready {
        /// Which worker.
        worker: usize,
        /// The table.
        table: Vec<u8>,
    },
    /// A worker's process is gone.
    Gone {
        /// Which worker.
        worker: usize,
        /// How many Invocations it had not finished: each was answered 500.
        in_flight: usize,
    },
    /// A worker wrote what it should not have: it must be killed.
    Corrupt {
        /// Which worker.
        worker: usize,
        /// What was found.
        reason: String,
    },
    /// A Function ran longer than allowed; the call was answered 500, the worker still runs it.
    TimedOut {
        /// Which worker.
        worker: usize,
        /// The Function's name.
        function: String,
        /// The invocation id as text.
        id: String,
    },
    /// Files of the watched folder have come, gone or changed.
    Changed {
        /// Their names.
        names: Vec<String>,
    },
    /// A request for the host.
    Admin(AdminRequest),
    /// An Invocation that the host submitted has ended.
    Outcome {
        /// What `submit` returned.
        key: u64,
        /// Why it failed.
        failure: Option<String>,
    },
    /// A caller has shown a key that nobody knows; at most once a minute.
    UnknownKey,
    /// The gateway's thread has ended of itself: the host must stop.
    Failed {
        /// Why.
        reason: String,
    },
    /// A graceful stop is complete: every call has ended or run out of patience.
    Stopped {
        /// Calls that had not ended.
        unfinished: usize,
    },
}

/// What the host wants done.
pub(crate) enum Command {
    Add(Box<Worker>),
    Attach(usize, OwnedFd),
    Deploy(Table, Vec<usize>),
    Activate(usize),
    Retire(usize),
    Answer {
        key: u64,
        status: u16,
        fields: Vec<(String, String)>,
        body: Vec<u8>,
    },
    Submit(Submission),
    SetKeys(Box<Keys>),
    SetOffline(Option<Vec<u8>>),
    SetFailed(bool),
    Watch(PathBuf),
    Stop(Duration),
    Abort,
}

pub(crate) struct Mailbox {
    commands: Mutex<VecDeque<Command>>,
    events: Mutex<VecDeque<Event>>,
    bell: Bell,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Mailbox {
    pub(crate) fn try_command(&self) -> Option<Command> {
        lock(&self.commands).pop_front()
    }

    pub(crate) fn tell(&self, event: Event) {
        lock(&self.events).push_back(event);
        self.bell.ring();
    }
}

/// File descriptors a new worker inherits, in the order its `Link` takes them.
pub struct Seat {
    /// The worker's id.
    pub worker: usize,
    /// Region, request bodies, sync bell, async bell, outcome bell, help bell.
    pub descriptors: [OwnedFd; 6],
}

/// The running gateway.
pub struct Gateway {
    mailbox: Arc<Mailbox>,
    waker: Waker,
    thread: Mutex<Option<JoinHandle<()>>>,
    bodies: OwnedFd,
    address: SocketAddr,
    next_worker: Mutex<usize>,
    next_submission: Mutex<u64>,
}

impl Gateway {
    /// Listens, and starts the gateway's thread. Requests wait until a deployment is active.
    pub fn start(config: Config, console: Console) -> Result<Self, GatewayError> {
        let system = |doing| move |source| GatewayError::System { doing, source };
        let mailbox = Arc::new(Mailbox {
            commands: Mutex::default(),
            events: Mutex::default(),
            bell: Bell::watched().map_err(system("make an eventfd"))?,
        });
        let (reactor, waker, bodies, address) = Reactor::new(config, console, mailbox.clone())?;
        let thread = std::thread::Builder::new()
            .name("ferrofunc-gateway".into())
            .spawn({
                let mailbox = mailbox.clone();
                move || {
                    let ended = catch_unwind(AssertUnwindSafe(|| reactor.run()));
                    let reason = match ended {
                        Ok(Ok(())) => return,
                        Ok(Err(error)) => format!("the event loop failed: {error}"),
                        Err(_) => "it panicked; please report the message above".to_owned(),
                    };
                    mailbox.tell(Event::Failed { reason });
                }
            })
            .map_err(system("start the gateway's thread"))?;
        Ok(Self {
            mailbox,
            waker,
            thread: Mutex::new(Some(thread)),
            bodies,
            address,
            next_worker: Mutex::new(0),
            next_submission: Mutex::new(0),
        })
    }

    /// Where it listens: the port is the one the system chose if 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Readable while events wait.
    #[must_use]
    pub fn bell(&self) -> &Bell {
        &self.mailbox.bell
    }

    /// The oldest event, if any. Silences the bell when there is none left.
    pub fn try_event(&self) -> Option<Event> {
        let mut events = lock(&self.mailbox.events);
        if events.len() <= 1 {
            // The answer does not matter: the queue is the truth, the bell only a nudge.
            let _was_ringing = self.mailbox.bell.hush();
        }
        events.pop_front()
    }

    fn command(&self, command: Command) {
        lock(&self.mailbox.commands).push_back(command);
        if let Err(error) = self.waker.wake() {
            // The gateway's thread has ended; commands to it have no effect any more.
            debug_assert!(
                error.kind() != io::ErrorKind::InvalidInput,
                "waker: {error}"
            );
        }
    }

    /// Makes the shared memory of a new worker. It gets no Invocation before `deploy` or `activate`.
    pub fn add_worker(&self) -> Result<Seat, GatewayError> {
        let system = |source| GatewayError::System {
            doing: "make a worker's descriptors",
            source,
        };
        let region = Region::create(Sizes::default())?;
        let (sync_bell, help_bell, async_bell, outcome_bell) = (
            Bell::slept_on().map_err(system)?,
            Bell::slept_on().map_err(system)?,
            Bell::watched().map_err(system)?,
            Bell::watched().map_err(system)?,
        );
        let copy = |fd: std::os::fd::BorrowedFd<'_>| fd.try_clone_to_owned().map_err(system);
        let descriptors = [
            copy(region.as_fd())?,
            copy(self.bodies.as_fd())?,
            copy(sync_bell.as_fd())?,
            copy(async_bell.as_fd())?,
            copy(outcome_bell.as_fd())?,
            copy(help_bell.as_fd())?,
        ];
        let id = {
            let mut next = lock(&self.next_worker);
            *next += 1;
            *next - 1
        };
        self.command(Command::Add(Box::new(Worker {
            id,
            ends: region.into_gateway(),
            sync_bell,
            async_bell,
            outcome_bell,
            help_bell,
            looked_at: 0,
            process: None,
            state: State::Loading,
            is_due: [false; 2],
            in_flight: 0,
            bodies: HashSet::new(),
            owed: VecDeque::new(),
        })));
        Ok(Seat {
            worker: id,
            descriptors,
        })
    }

    /// Tells which process sits in the seat, by a pidfd: its end is noticed at once.
    pub fn attach(&self, worker: usize, process: OwnedFd) {
        self.command(Command::Attach(worker, process));
    }

    /// Puts a Function table into force and lets these workers, and no others, serve it.
    pub fn deploy(
        &self,
        functions: Vec<FunctionSpec>,
        workers: Vec<usize>,
    ) -> Result<(), GatewayError> {
        self.command(Command::Deploy(Table::compile(functions)?, workers));
        Ok(())
    }

    /// Lets one more worker serve the table in force.
    pub fn activate(&self, worker: usize) {
        self.command(Command::Activate(worker));
    }

    /// Lets a worker finish what it runs, then leave.
    pub fn retire(&self, worker: usize) {
        self.command(Command::Retire(worker));
    }

    /// Answers an `AdminRequest`.
    pub fn answer(&self, key: u64, status: u16, fields: Vec<(String, String)>, body: Vec<u8>) {
        self.command(Command::Answer {
            key,
            status,
            fields,
            body,
        });
    }

    /// Runs the Function of this row with `body` as what its trigger brings; `Event::Outcome` tells how it
    /// ended, by the key that this returns. An HTTP Function sees a request of `method`, `target` and
    /// `fields`, the others are given empty ones. Waits its turn if no worker has room.
    pub fn submit(
        &self,
        row: u16,
        body: Vec<u8>,
        method: &str,
        target: &str,
        fields: &[(String, String)],
    ) -> Result<u64, GatewayError> {
        let head = Head::new(method, target, fields)?;
        let key = {
            let mut next = lock(&self.next_submission);
            *next += 1;
            *next - 1
        };
        self.command(Command::Submit(Submission {
            key,
            row,
            head,
            body: Sink::Bytes(body),
        }));
        Ok(key)
    }

    /// Puts keys into force, and no others. Before the first, none is known. No effect while keys do not
    /// matter.
    pub fn set_keys(&self, keys: Keys) {
        self.command(Command::SetKeys(Box::new(keys)));
    }

    /// Answers 503 with this page to all but `/admin`; None lets requests in again.
    pub fn set_offline(&self, page: Option<Vec<u8>>) {
        self.command(Command::SetOffline(page));
    }

    /// Answers 503 to all but `/admin`, at once; false lets requests in again.
    pub fn set_failed(&self, has_failed: bool) {
        self.command(Command::SetFailed(has_failed));
    }

    /// Watches the files of a folder, and reports `Event::Changed`. The last folder counts.
    pub fn watch(&self, folder: PathBuf) {
        self.command(Command::Watch(folder));
    }

    /// Stops accepting, lets running calls finish for at most `patience`, tells the workers to leave, and
    /// reports `Event::Stopped`.
    pub fn stop(&self, patience: Duration) {
        self.command(Command::Stop(patience));
    }

    /// Ends the gateway's thread now and waits for it.
    pub fn close(&self) {
        self.command(Command::Abort);
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let joined = thread.join();
            debug_assert!(joined.is_ok(), "panics are caught inside the thread");
        }
    }
}
