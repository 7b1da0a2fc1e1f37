//! The event loop: one turn takes all socket events, lets the workers see what came of them, takes all
//! Outcomes, sends all responses, and sleeps again. Each side is woken at most once a turn.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ferrofunc_http::{Fields, Limits};
use ferrofunc_route::Params;
use ferrofunc_tls::Acceptor;
use ferrofunc_wire::{Arena, InvocationIds, bodies_create, now_ns};
use mio::net::TcpListener;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use crate::civil;
use crate::client::Client;
use crate::config::{Config, GatewayError};
use crate::console::{Console, Level};
use crate::dispatch::Table;
use crate::exchange::{Exchange, Exchanges};
use crate::folder::Folder;
use crate::gate::Gates;
use crate::host::{Command, Event, Mailbox};
use crate::look::Look;
use crate::output::Returned;
use crate::pool::{Owed, Pool, State, Worker};
use crate::report::Report;
use crate::secure;
use crate::submit::Submission;
use crate::timers::{Due, Timers};

const LISTENER: Token = Token(0);
const WAKER: Token = Token(1);
const FOLDER: Token = Token(2);
/// Worker `id` has the bell's token `4 + 2 * id` and the process's token one above.
const WORKERS: usize = 4;
/// Client tokens start here.
pub(crate) const CLIENTS: usize = 1 << 40;
/// Bytes read from a socket at once.
const SCRATCH: usize = 64 << 10;
/// Address space for request bodies; only pages in use cost memory.
const BODIES: u64 = 64 << 30;

/// A stop under way.
pub(crate) struct Stopping {
    until_ns: u64,
    has_told_workers: bool,
}

pub(crate) struct Reactor {
    pub(crate) config: Config,
    pub(crate) poll: Poll,
    pub(crate) listener: Option<TcpListener>,
    /// Makes TLS connections; None while the listener is plain.
    pub(crate) acceptor: Option<Acceptor>,
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) clients: Slab<Option<Box<Client>>>,
    pub(crate) exchanges: Exchanges,
    pub(crate) pool: Pool,
    pub(crate) table: Option<Table>,
    pub(crate) gates: Gates,
    pub(crate) bodies: Arena,
    pub(crate) timers: Timers,
    pub(crate) report: Report,
    pub(crate) ids: InvocationIds,
    pub(crate) fields: Fields,
    pub(crate) params: Params,
    pub(crate) scratch: Vec<u8>,
    /// Clients with something to send.
    pub(crate) dirty: Vec<usize>,
    /// Clients to look at again: they were blocked, or had more to read than their share.
    pub(crate) again: VecDeque<usize>,
    /// Clients whose whole request waits for a worker.
    pub(crate) parked: VecDeque<usize>,
    /// Invocations of the host that wait for a worker.
    pub(crate) submissions: VecDeque<Submission>,
    /// Blocks of workers' arenas that were sent.
    pub(crate) freed: Vec<Returned>,
    /// What workers are to be told, by their ids.
    pub(crate) notes: Vec<(usize, Owed)>,
    /// Failed calls, and when they are made again.
    pub(crate) retries: Vec<(u64, Exchange)>,
    /// Clients whose streamed body found a Ring full.
    pub(crate) stuck: Vec<usize>,
    /// When full Rings are tried again.
    pub(crate) stuck_due_ns: Option<u64>,
    pub(crate) limits: Limits,
    pub(crate) now: u64,
    /// When the last worker that served was lost: those who wait are patient anew.
    pub(crate) unready_ns: u64,
    pub(crate) date: String,
    date_second: u64,
    /// Whose files the host wants to hear of.
    folder: Option<Folder>,
    pub(crate) generation: u32,
    pub(crate) in_flight_armed: bool,
    pub(crate) report_armed: bool,
    pub(crate) look: Look,
    pub(crate) stopping: Option<Stopping>,
    has_ended: bool,
}

impl Reactor {
    pub(crate) fn new(
        config: Config,
        console: Console,
        mailbox: Arc<Mailbox>,
    ) -> Result<(Self, Waker, OwnedFd, SocketAddr), GatewayError> {
        let system = |doing| move |source| GatewayError::System { doing, source };
        let gates = Gates::compile(&config.rules)?;
        let refuse = |source| GatewayError::Listen {
            address: config.address,
            source,
        };
        let mut listener = TcpListener::bind(config.address).map_err(refuse)?;
        let address = listener.local_addr().map_err(refuse)?;
        let poll = Poll::new().map_err(system("make an event loop"))?;
        poll.registry()
            .register(&mut listener, LISTENER, Interest::READABLE)
            .map_err(system("watch the listening socket"))?;
        let waker = Waker::new(poll.registry(), WAKER).map_err(system("make a waker"))?;
        let (bodies_fd, bodies) = bodies_create(BODIES)?;
        let limits = Limits {
            body: config.body_limit,
            ..Limits::default()
        };
        let acceptor = secure::acceptor(config.certificate.clone(), &console, config.system_level)
            .map_err(system("set up TLS"))?;
        let reactor = Self {
            report: Report::new(console, config.system_level),
            config,
            poll,
            listener: Some(listener),
            acceptor,
            mailbox,
            clients: Slab::new(),
            exchanges: Exchanges::default(),
            pool: Pool::default(),
            table: None,
            gates,
            bodies,
            timers: Timers::default(),
            ids: InvocationIds::default(),
            fields: Fields::default(),
            params: Params::default(),
            scratch: vec![0; SCRATCH],
            dirty: Vec::new(),
            again: VecDeque::new(),
            parked: VecDeque::new(),
            submissions: VecDeque::new(),
            freed: Vec::new(),
            notes: Vec::new(),
            retries: Vec::new(),
            stuck: Vec::new(),
            stuck_due_ns: None,
            limits,
            now: now_ns(),
            unready_ns: 0,
            date: String::new(),
            date_second: 0,
            folder: None,
            generation: 0,
            in_flight_armed: false,
            report_armed: false,
            look: Look::default(),
            stopping: None,
            has_ended: false,
        };
        Ok((reactor, waker, bodies_fd, address))
    }

    pub(crate) fn run(mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        while !self.has_ended {
            self.wait(&mut events)?;
            self.tick();
            for event in &events {
                match event.token() {
                    LISTENER => self.accept(),
                    WAKER => self.obey(),
                    FOLDER => self.tell_changes(),
                    Token(client) if client >= CLIENTS => {
                        self.on_client(client - CLIENTS, event);
                    }
                    Token(worker) if (worker - WORKERS) % 2 == 1 => {
                        self.on_death((worker - WORKERS) / 2);
                    }
                    Token(_) => {}
                }
            }
            self.look_again();
            self.publish();
            self.collect();
            self.send_dirty();
            self.publish();
            self.run_timers();
            self.stop_if_done();
        }
        Ok(())
    }

    /// Sleeps until something happens, unless there is something to do already.
    fn wait(&mut self, events: &mut Events) -> io::Result<()> {
        let mut may_sleep = self.again.is_empty() && self.dirty.is_empty();
        for worker in self.pool.iter_mut() {
            may_sleep &= worker.ends.outcomes.declare_asleep();
        }
        let timeout = if may_sleep {
            self.timers
                .next_in(now_ns())
                // Rounded up to the poll's milliseconds, or the loop would spin through the last one.
                .map(|nanos| Duration::from_millis(nanos.div_ceil(1_000_000)))
        } else {
            Some(Duration::ZERO)
        };
        let polled = match self.poll.poll(events, timeout) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            polled => polled,
        };
        for worker in self.pool.iter_mut() {
            worker.ends.outcomes.declare_awake();
        }
        polled
    }

    fn tick(&mut self) {
        self.now = now_ns();
        let (second, _) = civil::now();
        if second != self.date_second {
            self.date_second = second;
            self.date = ferrofunc_http::http_date(second);
        }
    }

    /// Lets the workers see this turn's Frames.
    fn publish(&mut self) {
        for returned in self.freed.drain(..) {
            if let Some(worker) = self.pool.get(returned.worker) {
                worker.owed.push_back(Owed::Block(returned));
            }
        }
        for (worker, owed) in self.notes.drain(..) {
            if let Some(worker) = self.pool.get(worker) {
                worker.owed.push_back(owed);
            }
        }
        let mut is_stuck = false;
        for worker in self.pool.iter_mut() {
            if !worker.owed.is_empty() {
                worker.pay_owed();
                is_stuck |= worker
                    .owed
                    .iter()
                    .any(|owed| matches!(owed, Owed::Note { .. }));
            }
            worker.publish();
        }
        if is_stuck {
            self.arm_stuck();
        }
    }

    fn obey(&mut self) {
        while let Some(command) = self.mailbox.try_command() {
            match command {
                Command::Add(worker) => self.add(*worker),
                Command::Attach(worker, process) => self.attach(worker, process),
                Command::Deploy(table, workers) => self.deploy(table, &workers),
                Command::Activate(worker) => {
                    self.set_state(worker, State::Serving);
                    self.unpark_all();
                }
                Command::Retire(worker) => self.set_state(worker, State::Retired),
                Command::Answer {
                    key,
                    status,
                    fields,
                    body,
                } => self.answer(key, status, &fields, &body),
                Command::Submit(submission) => self.submit(submission),
                Command::SetKeys(keys) => self.set_keys(*keys),
                Command::SetOffline(page) => self.set_offline(page),
                Command::SetFailed(has_failed) => self.set_failed(has_failed),
                Command::Watch(folder) => self.watch(&folder),
                Command::Stop(patience) => self.stop(patience),
                Command::Abort => self.has_ended = true,
            }
        }
    }

    fn watch(&mut self, path: &Path) {
        let watched = Folder::watch(path).and_then(|folder| {
            let fd = folder.descriptor();
            self.poll
                .registry()
                .register(&mut SourceFd(&fd), FOLDER, Interest::READABLE)?;
            Ok(folder)
        });
        match watched {
            Ok(folder) => self.folder = Some(folder),
            Err(error) => self.report.remark(
                Level::Warning,
                &format!(
                    "Cannot watch the folder '{}': {error}. Changes of its files are not noticed.",
                    path.display()
                ),
            ),
        }
    }

    fn tell_changes(&mut self) {
        let names = self.folder.as_ref().map(Folder::take).unwrap_or_default();
        if !names.is_empty() {
            self.mailbox.tell(Event::Changed { names });
        }
    }

    fn add(&mut self, worker: Worker) {
        let token = Token(WORKERS + 2 * worker.id);
        let fd = worker.outcome_bell.as_raw_fd();
        let watched = self
            .poll
            .registry()
            .register(&mut SourceFd(&fd), token, Interest::READABLE);
        let id = worker.id;
        self.pool.insert(worker);
        if let Err(error) = watched {
            self.give_up(id, &format!("its bell cannot be watched: {error}"));
        }
    }

    fn attach(&mut self, id: usize, process: OwnedFd) {
        let token = Token(WORKERS + 2 * id + 1);
        let fd = process.as_raw_fd();
        let watched = self
            .poll
            .registry()
            .register(&mut SourceFd(&fd), token, Interest::READABLE);
        if let Some(worker) = self.pool.get(id) {
            worker.process = Some(process);
        }
        if let Err(error) = watched {
            self.give_up(id, &format!("its process cannot be watched: {error}"));
        }
    }

    fn deploy(&mut self, mut table: Table, workers: &[usize]) {
        self.gates.bind(&mut table.functions);
        self.take_over(table);
        for worker in self.pool.iter_mut() {
            if workers.contains(&worker.id) {
                worker.state = State::Serving;
            } else if worker.state == State::Serving {
                worker.state = State::Retired;
            }
        }
        self.leave_retired();
        self.unpark_all();
    }

    fn set_state(&mut self, id: usize, state: State) {
        if let Some(worker) = self.pool.get(id) {
            worker.state = state;
        }
        self.leave_retired();
    }

    /// Tells retired workers without Invocations to leave.
    pub(crate) fn leave_retired(&mut self) {
        for worker in self.pool.iter_mut() {
            if worker.state == State::Retired && worker.in_flight == 0 {
                // A full Ring means that the worker still has Frames to take; its next Outcome comes here again.
                let _said_or_later = worker.try_stop();
            }
        }
    }

    fn stop(&mut self, patience: Duration) {
        self.listener = None;
        let until_ns = self.now + patience.as_nanos() as u64;
        self.stopping = Some(Stopping {
            until_ns,
            has_told_workers: false,
        });
        self.give_up_retries();
        self.timers.arm(until_ns, Due::Stop);
        // Connections without a running call are of no more use; the others end with their responses.
        for token in self.tokens() {
            self.with_client(token, |reactor, client| {
                reactor.end_when_idle(client);
            });
        }
        if !self.pool.is_serving() {
            self.give_up_submissions();
        }
    }

    /// All live client tokens.
    pub(crate) fn tokens(&self) -> Vec<usize> {
        self.clients.iter().map(|(token, _)| token).collect()
    }

    fn stop_if_done(&mut self) {
        let Some(stopping) = &mut self.stopping else {
            return;
        };
        if stopping.has_told_workers {
            return;
        }
        let is_over =
            self.exchanges.len() == 0 && self.submissions.is_empty() && self.clients.is_empty();
        if is_over || self.now >= stopping.until_ns {
            stopping.has_told_workers = true;
            for worker in self.pool.iter_mut() {
                // A worker too busy to be told is killed by the host when its grace is over.
                let _said_or_killed = worker.try_stop();
            }
            self.mailbox.tell(Event::Stopped {
                unfinished: self.exchanges.len() + self.submissions.len(),
            });
        }
    }

    fn run_timers(&mut self) {
        while let Some(due) = self.timers.try_pop(self.now) {
            match due {
                Due::Client(token, generation) => self.on_client_due(token, generation),
                Due::InFlight => self.on_in_flight_due(),
                Due::Look => self.on_look_due(),
                Due::Report => {
                    let functions = self.table.as_mut().map(|table| &mut table.functions[..]);
                    let was_used = self.report.close_window(functions.unwrap_or_default());
                    self.report_armed = was_used;
                    if was_used {
                        self.timers.arm(self.now + 1_000_000_000, Due::Report);
                    }
                }
                Due::Stuck => self.on_stuck_due(),
                Due::Retry => self.on_retry_due(),
                Due::Accept => self.accept(),
                Due::Stop => {}
            }
        }
    }
}
