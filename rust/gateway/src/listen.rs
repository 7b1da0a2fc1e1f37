//! New connections, and the life of a connection apart from its requests: readiness, deadlines, the end.

use std::io;
use std::time::Duration;

use mio::event::{Event, Source};
use mio::{Interest, Token};

use crate::client::{Client, Stage};
use crate::console::Level;
use crate::reactor::{CLIENTS, Reactor};
use crate::timers::Due;
use crate::transport::Transport;

/// How long a refused peer may take to hang up.
const LINGER: Duration = Duration::from_secs(2);
/// How long to wait before accepting again when the process has run out of descriptors.
const ACCEPT_PAUSE_NS: u64 = 50_000_000;

impl Reactor {
    pub(crate) fn accept(&mut self) {
        loop {
            let Some(listener) = &self.listener else {
                return;
            };
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return,
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => continue,
                    _ => {
                        self.report.remark(crate::Level::Warning,
                            &format!("Cannot accept a connection now: {error}. Open connections go on; trying again."),
                        );
                        self.timers.arm(self.now + ACCEPT_PAUSE_NS, Due::Accept);
                        return;
                    }
                },
            };
            self.welcome(stream);
        }
    }

    fn welcome(&mut self, stream: mio::net::TcpStream) {
        // Responses are written whole; without this the kernel would hold small ones back.
        let _costs_only_latency = stream.set_nodelay(true);
        let stream = match Transport::new(stream, self.acceptor.as_ref()) {
            Ok(stream) => stream,
            Err(error) => {
                self.report.remark(
                    Level::Warning,
                    &format!("Cannot begin a TLS connection: {error}."),
                );
                return;
            }
        };
        self.generation = self.generation.wrapping_add(1);
        let token = self.clients.vacant_key();
        let mut client = Box::new(Client::new(
            token,
            self.generation,
            stream,
            self.limits,
            self.now,
        ));
        let registered = client.stream.register(
            self.poll.registry(),
            Token(CLIENTS + token),
            Interest::READABLE | Interest::WRITABLE,
        );
        if registered.is_err() {
            return;
        }
        self.arm(&mut client);
        self.clients.insert(Some(client));
    }

    /// Runs `act` on a client and then settles what follows from it: an end, a deadline, something to send.
    pub(crate) fn with_client(&mut self, token: usize, act: impl FnOnce(&mut Self, &mut Client)) {
        let Some(mut client) = self.clients.get_mut(token).and_then(Option::take) else {
            return;
        };
        act(self, &mut client);
        // Where the end has to be said, it must be on its way before the socket is closed.
        let is_over = client.is_over() && client.stream.try_end();
        if is_over && client.must_linger && !client.has_ended && !client.is_lingering {
            client.is_lingering = client.stream.shut().is_ok();
            client.is_readable = true;
            client.moved_ns = self.now;
            if client.is_lingering {
                self.linger(&mut client);
            }
        }
        if client.is_broken || (is_over && !client.is_lingering) {
            self.drop_client(client);
            return;
        }
        if !client.in_dirty_list && !client.output.is_empty() {
            client.in_dirty_list = true;
            self.dirty.push(token);
        }
        self.arm(&mut client);
        if let Some(slot) = self.clients.get_mut(token) {
            *slot = Some(client);
        }
    }

    /// Closes a connection. Its running Invocations go on; their Outcomes find nobody.
    fn drop_client(&mut self, mut client: Box<Client>) {
        self.drop_outflows(&mut client);
        client.output.abandon(&mut self.freed);
        for early in client.early.drain(..) {
            let mut output = early.output;
            output.abandon(&mut self.freed);
        }
        self.discard_stage(std::mem::replace(&mut client.stage, Stage::Head));
        if !client.is_broken {
            // Nobody waits for the word. A body that is cut off must not look complete, so that gets none.
            let _best_effort = client.stream.try_end();
        }
        let deregistered = client.stream.deregister(self.poll.registry());
        debug_assert!(deregistered.is_ok(), "it was registered when accepted");
        self.clients.remove(client.token);
    }

    pub(crate) fn on_client(&mut self, token: usize, event: &Event) {
        self.with_client(token, |reactor, client| {
            if event.is_error() {
                client.is_broken = true;
                return;
            }
            if event.is_writable() {
                client.is_broken |= client.stream.try_flush().is_err();
                if !client.output.is_empty() {
                    reactor.send(client);
                }
            }
            client.is_ending |= event.is_read_closed();
            if event.is_readable() {
                client.is_readable = true;
                reactor.read(client);
            }
        });
    }

    /// Goes on with clients that were set aside.
    pub(crate) fn look_again(&mut self) {
        for _ in 0..self.again.len() {
            let Some(token) = self.again.pop_front() else {
                return;
            };
            self.with_client(token, Self::read);
        }
    }

    /// When the client's patience with us, or ours with it, ends.
    fn deadline(&self, client: &Client) -> u64 {
        let after = |since: u64, limit: Duration| since + limit.as_nanos() as u64;
        let timeouts = &self.config.timeouts;
        if client.is_lingering {
            return after(client.moved_ns, LINGER);
        }
        if client.stream.is_handshaking() {
            return after(client.moved_ns, timeouts.head);
        }
        if !client.output.is_empty() {
            return after(client.moved_ns, timeouts.stall);
        }
        match &client.stage {
            Stage::Parked { since_ns, .. } => {
                let due = after((*since_ns).max(self.unready_ns), timeouts.ready);
                if self.is_waiting_for_workers() {
                    due
                } else {
                    // Only the Rings are full, and move. Should the workers die, it is looked at again.
                    due.max(after(self.now, timeouts.ready))
                }
            }
            // Whoever is slow here, it is not the client.
            Stage::Stream(inflow) if inflow.is_waiting_for_worker() => u64::MAX,
            Stage::Body(_) | Stage::Stream(_) => after(client.moved_ns, timeouts.stall),
            Stage::Head => match client.head_since_ns {
                Some(since) => after(since, timeouts.head),
                None if client.in_flight() > 0 => u64::MAX,
                None => after(client.moved_ns, timeouts.idle),
            },
        }
    }

    /// Makes sure that somebody looks at the client not later than its deadline.
    fn arm(&mut self, client: &mut Client) {
        let deadline = self.deadline(client);
        if deadline < client.armed_ns {
            client.armed_ns = deadline;
            self.timers
                .arm(deadline, Due::Client(client.token, client.generation));
        }
    }

    pub(crate) fn on_client_due(&mut self, token: usize, generation: u32) {
        self.with_client(token, |reactor, client| {
            if client.generation != generation || client.armed_ns > reactor.now {
                return;
            }
            client.armed_ns = u64::MAX;
            if reactor.deadline(client) <= reactor.now {
                reactor.lose_patience(client);
            }
        });
    }

    fn lose_patience(&mut self, client: &mut Client) {
        if client.is_lingering || client.stream.is_handshaking() {
            client.is_broken = true;
            return;
        }
        let stage = std::mem::replace(&mut client.stage, Stage::Head);
        match stage {
            Stage::Parked { ref upload, .. } => {
                let manner = upload.kept.manner;
                self.refuse_unready(client, manner);
                self.discard_stage(stage);
                self.again.push_back(client.token);
            }
            Stage::Body(_) | Stage::Head if client.output.is_empty() => {
                self.discard_stage(stage);
                if client.head_since_ns.is_some() {
                    self.say_timeout(client);
                } else {
                    client.is_broken = true;
                }
            }
            stage => {
                self.discard_stage(stage);
                client.is_broken = true;
            }
        }
    }

    /// During a stop: a connection ends as soon as nothing of it runs.
    pub(crate) fn end_when_idle(&mut self, client: &mut Client) {
        if matches!(&client.stage, Stage::Stream(inflow) if !inflow.is_unwanted()) {
            // Its Invocation runs, and needs the rest of its body; the response closes the connection.
            return;
        }
        let stage = std::mem::replace(&mut client.stage, Stage::Head);
        if let Stage::Parked { ref upload, .. } = stage {
            let manner = upload.kept.manner;
            self.refuse_unready(client, manner);
        }
        self.discard_stage(stage);
        client.is_closing = true;
    }
}
