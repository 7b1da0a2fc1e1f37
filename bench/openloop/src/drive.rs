//! The loop: sends what is due over whichever connection has rested longest, and collects answers.
//!
//! Must never hold a request back except for want of a free connection, and must never spin: the
//! generator shares its CPUs with the server it measures. Called by `main.rs`.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;

use crate::conn::{Conn, Event};
use crate::options::Options;
use crate::report::Report;
use crate::schedule::Schedule;

/// How long answers may trail the last scheduled request before they count as missing.
const DRAIN: Duration = Duration::from_secs(5);
/// Room between opening the connections and the first request.
const LEAD: Duration = Duration::from_millis(5);

/// Runs the whole schedule and reports on every request in it.
pub(crate) fn drive(options: &Options) -> io::Result<Report> {
    // The default slack of 50 us would be charged to the server as latency.
    rustix::thread::set_current_timer_slack(NonZeroU64::new(1))?;
    let mut driver = Driver::connect(options)?;
    driver.run()?;
    Ok(driver.report)
}

struct Driver<'a> {
    options: &'a Options,
    epoll: OwnedFd,
    conns: Vec<Conn>,
    /// Free connections, longest rested first, so that all of them are used at any rate.
    idle: VecDeque<usize>,
    report: Report,
}

impl<'a> Driver<'a> {
    fn connect(options: &'a Options) -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut conns = Vec::with_capacity(usize::from(options.connections));
        for index in 0..usize::from(options.connections) {
            conns.push(open(&epoll, options, index)?);
        }
        let idle = (0..conns.len()).collect();
        Ok(Self {
            options,
            epoll,
            conns,
            idle,
            report: Report::new(options.total),
        })
    }

    fn run(&mut self) -> io::Result<()> {
        let total = self.options.total;
        let schedule = Schedule::new(Instant::now() + LEAD, self.options.rate, total);
        let deadline = schedule.at(total) + DRAIN;
        self.report.elapsed = schedule.at(total) - schedule.start();
        let mut events = Vec::with_capacity(self.conns.len());
        let mut sent = 0;
        loop {
            let now = Instant::now();
            while sent < schedule.due(now)
                && let Some(index) = self.idle.pop_front()
            {
                self.send(index, schedule.at(sent))?;
                sent += 1;
            }
            if (sent == total && self.idle.len() == self.conns.len()) || now >= deadline {
                return Ok(());
            }
            let until = if sent < total && !self.idle.is_empty() {
                schedule.at(sent)
            } else {
                deadline
            };
            let timeout = timespec(until.saturating_duration_since(Instant::now()))?;
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in events.drain(..) {
                // The registered data is an index into `conns`.
                self.receive(event.data.u64() as usize, schedule.start())?;
            }
        }
    }

    fn send(&mut self, index: usize, due: Instant) -> io::Result<()> {
        self.report.sent(due, Instant::now());
        match self.conns[index].send(&self.options.request, due) {
            Ok(()) => Ok(()),
            Err(_) => self.replace(index),
        }
    }

    fn receive(&mut self, index: usize, start: Instant) -> io::Result<()> {
        match self.conns[index].receive() {
            Event::Pending => Ok(()),
            Event::Broken => self.replace(index),
            Event::Answered(due, status) => {
                let now = Instant::now();
                let elapsed = now.saturating_duration_since(start);
                self.report.elapsed = self.report.elapsed.max(elapsed);
                if status == 200 {
                    self.report.answered(due, now);
                } else {
                    self.report.failed += 1;
                }
                self.idle.push_back(index);
                Ok(())
            }
        }
    }

    /// Opens connection `index` anew. A request under way on it has failed.
    fn replace(&mut self, index: usize) -> io::Result<()> {
        if self.conns[index].is_busy() {
            self.report.failed += 1;
            self.idle.push_back(index);
        }
        self.report.reconnects += 1;
        self.conns[index] = open(&self.epoll, self.options, index)?;
        Ok(())
    }
}

/// Connects and registers; the old socket of the same index left the epoll set when it closed.
fn open(epoll: &OwnedFd, options: &Options, index: usize) -> io::Result<Conn> {
    let conn = Conn::connect(options.address).map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("cannot connect to {}: {error}", options.address),
        )
    })?;
    epoll::add(
        epoll,
        conn.stream(),
        epoll::EventData::new_u64(index as u64),
        epoll::EventFlags::IN,
    )?;
    Ok(conn)
}

fn timespec(duration: Duration) -> io::Result<Timespec> {
    Timespec::try_from(duration).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::drive;
    use crate::options::Options;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    /// A server that answers `per_connection` requests on each connection, then closes it.
    fn serve(response: &'static [u8], per_connection: usize) -> Options {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/x", listener.local_addr().expect("bound"));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("accepted");
                thread::spawn(move || {
                    let mut request = [0; 1024];
                    for _ in 0..per_connection {
                        if !matches!(stream.read(&mut request), Ok(1..)) {
                            return;
                        }
                        if stream.write_all(response).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        let line = format!("--url {url} --rate 500 --seconds 1 --connections 4");
        Options::parse(line.split_whitespace().map(String::from)).expect("a good line")
    }

    #[test]
    fn all_requests_are_answered() {
        let options = serve(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            usize::MAX,
        );
        let report = drive(&options).expect("ran");
        assert_eq!(
            (report.answered_count(), report.failed, report.reconnects),
            (500, 0, 0)
        );
    }

    #[test]
    fn other_statuses_are_failures() {
        let options = serve(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", usize::MAX);
        let report = drive(&options).expect("ran");
        assert_eq!((report.answered_count(), report.failed), (0, 500));
    }

    #[test]
    fn closed_connections_are_opened_again() {
        let options = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 10);
        let report = drive(&options).expect("ran");
        assert!(report.reconnects >= 40, "{} reconnects", report.reconnects);
        assert_eq!(report.unanswered_count(), 0);
    }
}
