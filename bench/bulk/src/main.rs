//! `bulk`: each connection moves one large body after another, and JSON says how long it took.
//!
//! wrk reads 8 KiB at a time, which makes it the bottleneck of a download. A thread per connection
//! with large buffers leaves the CPU to the server. Transfers under way at the end of the time are
//! finished and counted, so that bytes, seconds and the server's CPU belong together. Called by
//! `bench/e2e/loads.py`; usable by hand.
//!
//! Must never: keep a body, or leave a transfer that failed out of the report.

mod answer;
mod chunks;
mod options;
mod report;
mod transfer;

use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use options::Options;
use report::Report;

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
        Ok(options) => {
            println!("{}", run(&options).to_json());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("bulk: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all connections, and times them from the first start to the last end.
fn run(options: &Options) -> Report {
    let start = Instant::now();
    let end = start + Duration::from_secs(options.seconds);
    let mut report = Report::default();
    thread::scope(|scope| {
        let connections: Vec<_> = (0..options.connections)
            .map(|_| scope.spawn(|| transfer::repeat(options, end)))
            .collect();
        for connection in connections {
            match connection.join() {
                Ok(part) => report.add(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    report.elapsed = start.elapsed();
    report
}

#[cfg(test)]
mod tests {
    use super::run;
    use crate::options::Options;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    /// A server that answers `response` to each request, which is one without a body.
    fn serve(response: &'static [u8]) -> Options {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/x", listener.local_addr().expect("bound"));
        let line = format!("--url {url} --seconds 1 --connections 2");
        let options =
            Options::parse(line.split_whitespace().map(String::from)).expect("a good line");
        let length = options.head.len();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("accepted");
                thread::spawn(move || {
                    let mut request = vec![0; length];
                    while stream.read_exact(&mut request).is_ok() {
                        if stream.write_all(response).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        options
    }

    #[test]
    fn whole_answers_are_counted() {
        let report = run(&serve(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        ));
        assert!(report.requests() > 0);
        assert_eq!(report.bytes, 5 * report.requests() as u64);
        assert!(report.errors.is_empty(), "{:?}", report.errors);
    }

    #[test]
    fn other_statuses_are_errors() {
        let report = run(&serve(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"));
        assert_eq!(report.requests(), 0);
        assert!(report.errors["status"] > 0);
    }
}
