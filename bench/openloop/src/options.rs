//! The command line: `--url --rate --seconds --connections`.
//!
//! Must never guess: an unknown option or a value out of range is an error that says what to pass.
//! Called by `main.rs`.

use std::net::{SocketAddr, ToSocketAddrs};

/// Upper bound of a run's length in requests; latencies are kept one by one, 16 bytes each.
const MOST_REQUESTS: u64 = 50_000_000;

const USAGE: &str = "usage: openloop --url http://HOST:PORT/PATH [--rate 1000] [--seconds 3] \
                     [--connections 64]";

/// What to send, how often, for how long and over how many connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Where to connect.
    pub(crate) address: SocketAddr,
    /// The whole request as it goes on the wire.
    pub(crate) request: Vec<u8>,
    /// Requests per second.
    pub(crate) rate: u32,
    /// Requests in the whole run: rate times seconds.
    pub(crate) total: u32,
    /// Keep-alive connections, all opened before the first request.
    pub(crate) connections: u16,
}

impl Options {
    /// Reads `--name value` pairs.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut url, mut rate, mut seconds, mut connections) = (None, 1000_u32, 3_u32, 64_u16);
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
            match name.as_str() {
                "--url" => url = Some(value),
                "--rate" => rate = positive(&name, &value)?,
                "--seconds" => seconds = positive(&name, &value)?,
                "--connections" => connections = positive(&name, &value)?,
                _ => return Err(format!("unknown option {name}\n{USAGE}")),
            }
        }
        let total = u64::from(rate) * u64::from(seconds);
        if total > MOST_REQUESTS {
            return Err(format!(
                "--rate times --seconds is {total} requests; at most {MOST_REQUESTS} are kept"
            ));
        }
        let (address, request) = target(&url.ok_or_else(|| format!("--url is missing\n{USAGE}"))?)?;
        Ok(Self {
            address,
            request,
            rate,
            total: total as u32,
            connections,
        })
    }
}

/// A number above zero, or a message with the option's name.
fn positive<T: std::str::FromStr + Default + PartialEq>(
    name: &str,
    value: &str,
) -> Result<T, String> {
    match value.parse::<T>() {
        Ok(number) if number != T::default() => Ok(number),
        _ => Err(format!(
            "{name} expects a whole number above 0, found {value:?}"
        )),
    }
}

/// Splits `http://host:port/path` into the address and the request to send there.
fn target(url: &str) -> Result<(SocketAddr, Vec<u8>), String> {
    let expected = || format!("--url expects http://HOST:PORT/PATH, found {url:?}");
    let rest = url.strip_prefix("http://").ok_or_else(expected)?;
    let (authority, path) = rest.split_once('/').ok_or_else(expected)?;
    let address = authority
        .to_socket_addrs()
        .map_err(|error| format!("{}: {error}", expected()))?
        .next()
        .ok_or_else(expected)?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {authority}\r\n\r\n").into_bytes();
    Ok((address, request))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn url_becomes_address_and_request() {
        let options = parse("--url http://127.0.0.1:8000/api/hello?name=x --rate 20 --seconds 3")
            .expect("a good line");
        assert_eq!(options.address.port(), 8000);
        assert_eq!(options.total, 60);
        assert_eq!(
            options.request,
            b"GET /api/hello?name=x HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
        );
    }

    #[test]
    fn bad_lines_are_refused() {
        for line in [
            "",
            "--url",
            "--url https://127.0.0.1:1/",
            "--url http://127.0.0.1:1",
            "--url http://127.0.0.1:1/ --rate 0",
            "--url http://127.0.0.1:1/ --rate ten",
            "--url http://127.0.0.1:1/ --burst 2",
            "--url http://127.0.0.1:1/ --rate 4000000000 --seconds 4000000000",
        ] {
            assert!(parse(line).is_err(), "{line:?} was accepted");
        }
    }
}
