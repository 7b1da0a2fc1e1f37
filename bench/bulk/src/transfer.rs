//! One connection: sends a request, reads its answer to the end, and begins again until time is up.
//!
//! Must never begin a transfer before the last one on the connection has ended. Called by `main.rs`.

use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::answer::{Answer, read_answer};
use crate::options::Options;
use crate::report::Report;

/// Several of what the kernel hands over at once.
const BUFFER: usize = 256 * 1024;
/// Far above any answer's time.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A server that refuses is not asked without end.
const PAUSE: Duration = Duration::from_millis(20);

/// Transfers until `end`; one under way then is finished.
pub(crate) fn repeat(options: &Options, end: Instant) -> Report {
    let mut report = Report::default();
    let mut buffer = vec![0; BUFFER];
    let mut open = None;
    while Instant::now() < end {
        let start = Instant::now();
        let Ok(mut stream) = open.take().map_or_else(|| connect(options), Ok) else {
            fail(&mut report, "connect");
            continue;
        };
        if send(&mut stream, options).is_err() {
            fail(&mut report, "write");
            continue;
        }
        match read_answer(&mut stream, &mut buffer) {
            Ok(Answer {
                status: 200,
                body,
                keeps_open,
            }) => {
                report.answered(start.elapsed(), body);
                open = keeps_open.then_some(stream);
            }
            Ok(_) => fail(&mut report, "status"),
            Err(_) => fail(&mut report, "read"),
        }
    }
    report
}

fn connect(options: &Options) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(options.address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

fn send(stream: &mut TcpStream, options: &Options) -> io::Result<()> {
    stream.write_all(&options.head)?;
    stream.write_all(&options.body)
}

fn fail(report: &mut Report, kind: &'static str) {
    *report.errors.entry(kind).or_default() += 1;
    thread::sleep(PAUSE);
}
