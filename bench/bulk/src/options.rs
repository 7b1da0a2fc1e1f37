//! The command line: `--url --seconds --connections --body --content-type`.
//!
//! Must never guess: an unknown option or a value out of range is an error that says what to pass.
//! Called by `main.rs`.

use std::net::{SocketAddr, ToSocketAddrs};

const USAGE: &str = "usage: bulk --url http://HOST:PORT/PATH [--seconds 3] [--connections 4] \
                     [--body FILE --content-type TYPE]";

/// What to send, for how long and over how many connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    /// Where to connect.
    pub(crate) address: SocketAddr,
    /// The head of each request as it goes on the wire.
    pub(crate) head: Vec<u8>,
    /// The body of each request; without one they are GETs.
    pub(crate) body: Vec<u8>,
    /// No transfer begins after so many seconds.
    pub(crate) seconds: u64,
    /// Keep-alive connections, each with a thread.
    pub(crate) connections: u16,
}

impl Options {
    /// Reads `--name value` pairs, and the body's file.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut url, mut seconds, mut connections) = (None, 3_u64, 4_u16);
        let (mut body, mut content_type) = (None, "application/octet-stream".to_owned());
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
            match name.as_str() {
                "--url" => url = Some(value),
                "--seconds" => seconds = positive(&name, &value)?,
                "--connections" => connections = positive(&name, &value)?,
                "--body" => {
                    let read = std::fs::read(&value);
                    body = Some(read.map_err(|error| format!("cannot read {value}: {error}"))?);
                }
                "--content-type" => content_type = value,
                _ => return Err(format!("unknown option {name}\n{USAGE}")),
            }
        }
        let url = url.ok_or_else(|| format!("--url is missing\n{USAGE}"))?;
        let (address, authority, path) = target(&url)?;
        let head = match &body {
            None => format!("GET /{path} HTTP/1.1\r\nHost: {authority}\r\n\r\n"),
            Some(body) => format!(
                "POST /{path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: {content_type}\r\n\
                 Content-Length: {}\r\n\r\n",
                body.len()
            ),
        };
        Ok(Self {
            address,
            head: head.into_bytes(),
            body: body.unwrap_or_default(),
            seconds,
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

/// Splits `http://host:port/path` into the address, the authority and the path without its slash.
fn target(url: &str) -> Result<(SocketAddr, &str, &str), String> {
    let expected = || format!("--url expects http://HOST:PORT/PATH, found {url:?}");
    let rest = url.strip_prefix("http://").ok_or_else(expected)?;
    let (authority, path) = rest.split_once('/').ok_or_else(expected)?;
    let address = authority
        .to_socket_addrs()
        .map_err(|error| format!("{}: {error}", expected()))?
        .next()
        .ok_or_else(expected)?;
    Ok((address, authority, path))
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn url_becomes_address_and_head() {
        let options = parse("--url http://127.0.0.1:8000/out?x=1 --seconds 2").expect("good");
        assert_eq!(options.address.port(), 8000);
        assert_eq!((options.seconds, options.connections), (2, 4));
        assert_eq!(
            options.head,
            b"GET /out?x=1 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
        );
    }

    #[test]
    fn bad_lines_are_refused() {
        for line in [
            "",
            "--url",
            "--url https://127.0.0.1:1/",
            "--url http://127.0.0.1:1",
            "--url http://127.0.0.1:1/ --seconds 0",
            "--url http://127.0.0.1:1/ --connections many",
            "--url http://127.0.0.1:1/ --body no/such/file",
            "--url http://127.0.0.1:1/ --rate 2",
        ] {
            assert!(parse(line).is_err(), "{line:?} was accepted");
        }
    }
}
