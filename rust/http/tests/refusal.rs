//! Requests that must be refused: malformed, ambiguous or too large. Each whole, byte by byte and
//! with another request behind it gives the same error, and the error its status.

mod replay;

use std::collections::BTreeSet;

use ferrofunc_http::{Error, Limits};
use replay::{Event, byte_by_byte, whole};

fn error_of(limits: Limits, bytes: &[u8]) -> Error {
    let once = whole(limits, bytes);
    let [.., Event::Refused(error)] = once.events[..] else {
        panic!(
            "expected a refusal, found {once:?} for {:?}",
            bytes.escape_ascii().to_string()
        );
    };
    let text = bytes.escape_ascii().to_string();
    assert_eq!(byte_by_byte(limits, bytes), once, "byte by byte: {text}");
    let trailed = [bytes, b"GET /next HTTP/1.1\r\nHost: n\r\n\r\n"].concat();
    assert_eq!(
        whole(limits, &trailed).events,
        once.events,
        "with another behind: {text}"
    );
    error
}

fn refused(bytes: &[u8]) -> Error {
    error_of(Limits::default(), bytes)
}

/// The bytes of a request line with a Host behind it.
fn line(line: &str) -> Vec<u8> {
    format!("{line}\r\nHost: h\r\n\r\n").into_bytes()
}

/// The bytes of a POST with these field lines.
fn fields(fields: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: h\r\n{fields}\r\n").into_bytes()
}

fn request_lines() -> Vec<(Vec<u8>, Error)> {
    use Error::{Connect, Method, Target, Version, VersionUnsupported};
    let table = [
        ("G@T / HTTP/1.1", Method),
        (" GET / HTTP/1.1", Method),
        ("GET(/) / HTTP/1.1", Method),
        ("\u{16}\u{3}\u{1}", Method),
        ("G\u{e9}T / HTTP/1.1", Method),
        ("GET", Target),
        ("GET  / HTTP/1.1", Target),
        ("GET /  HTTP/1.1", Target),
        ("GET\t/ HTTP/1.1", Method),
        ("GET /a b HTTP/1.1", Target),
        ("GET /a\tb HTTP/1.1", Target),
        ("GET /a\0 HTTP/1.1", Target),
        ("GET /\u{7f} HTTP/1.1", Target),
        ("GET /\u{e9} HTTP/1.1", Target),
        ("GET /#top HTTP/1.1", Target),
        ("GET path HTTP/1.1", Target),
        ("GET h:80 HTTP/1.1", Target),
        ("GET * HTTP/1.1", Target),
        ("OPTIONS *x HTTP/1.1", Target),
        ("GET ftp://h/ HTTP/1.1", Target),
        ("GET http:/h/ HTTP/1.1", Target),
        ("GET http:// HTTP/1.1", Target),
        ("GET http:///p HTTP/1.1", Target),
        ("GET http://:80/ HTTP/1.1", Target),
        ("GET http://u@h/ HTTP/1.1", Target),
        ("GET http://h:x/ HTTP/1.1", Target),
        ("CONNECT h:443 HTTP/1.1", Connect),
        ("CONNECT / HTTP/1.1", Connect),
        ("GET /", Version),
        ("GET / HTTP/1.1 ", Version),
        ("GET / http/1.1", Version),
        ("GET / HTTP/1", Version),
        ("GET / HTTP/11", Version),
        ("GET / HTTP/1.10", Version),
        ("GET / HTTP/1.x", Version),
        ("GET / ICY/1.1", Version),
        ("GET / HTTP/0.9", VersionUnsupported),
        ("GET / HTTP/1.2", VersionUnsupported),
        ("GET / HTTP/2.0", VersionUnsupported),
        ("PRI * HTTP/2.0", VersionUnsupported),
    ];
    table
        .into_iter()
        .map(|(text, error)| (line(text), error))
        .chain([
            (
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
                VersionUnsupported,
            ),
            (b"GET /\r\n\r\n".to_vec(), Version),
        ])
        .collect()
}

fn line_ends() -> Vec<(Vec<u8>, Error)> {
    let table: [(&[u8], Error); 13] = [
        (b"GET / HTTP/1.1\nHost: h\r\n\r\n", Error::BareLf),
        (b"GET / HTTP/1.1\r\nHost: h\n\r\n", Error::BareLf),
        (b"GET / HTTP/1.1\r\nHost: h\r\n\n", Error::BareLf),
        (b"GET / HTTP/1.1\r\nHost: h\n\n", Error::BareLf),
        (
            b"GET / HTTP/1.1\r\nHost: h\r\nA:\nB: b\r\n\r\n",
            Error::BareLf,
        ),
        (b"GET / HTTP/1.0\n\n", Error::BareLf),
        (b"\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", Error::BareLf),
        (b"\r\rGET / HTTP/1.1\r\nHost: h\r\n\r\n", Error::BareCr),
        (b"GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", Error::BareCr),
        (b"GET /\r HTTP/1.1\r\nHost: h\r\n\r\n", Error::BareCr),
        (
            b"GET / HTTP/1.1\r\nHost: h\r\nA: a\rB: b\r\n\r\n",
            Error::BareCr,
        ),
        (
            b"GET / HTTP/1.1\r\nHost: h\r\nA: a\r\r\n\r\n",
            Error::BareCr,
        ),
        (
            b"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
            Error::BlankLines,
        ),
    ];
    table
        .into_iter()
        .map(|(bytes, error)| (bytes.to_vec(), error))
        .collect()
}

fn field_lines() -> Vec<(Vec<u8>, Error)> {
    use Error::{Expectation, FieldName, FieldValue, Folding, SpaceBeforeColon};
    let table = [
        ("no colon\r\n", FieldName),
        (": no name\r\n", FieldName),
        ("a b: c\r\n", FieldName),
        ("a\0: c\r\n", FieldName),
        ("(a): c\r\n", FieldName),
        ("\u{e9}: c\r\n", FieldName),
        ("A : b\r\n", SpaceBeforeColon),
        ("A\t: b\r\n", SpaceBeforeColon),
        ("Content-Length : 5\r\n", SpaceBeforeColon),
        ("Transfer-Encoding : chunked\r\n", SpaceBeforeColon),
        (" A: b\r\n", Folding),
        ("A: b\r\n c\r\n", Folding),
        ("A: b\r\n\tc: d\r\n", Folding),
        ("A: b\r\n \r\n", Folding),
        ("A: b\0c\r\n", FieldValue),
        ("A: \u{1}\r\n", FieldValue),
        ("A: b\u{7f}\r\n", FieldValue),
        ("A:\u{b}b\r\n", FieldValue),
        ("Expect: 200-ok\r\n", Expectation),
        ("Expect: 100-continue, x\r\n", Expectation),
        ("Expect: 100-continue\r\nExpect: y\r\n", Expectation),
        ("Expect:\r\n", Expectation),
    ];
    table
        .into_iter()
        .map(|(text, error)| (fields(text), error))
        .collect()
}

fn hosts() -> Vec<(Vec<u8>, Error)> {
    use Error::{HostMalformed, HostMismatch, HostMissing, HostRepeated};
    let table = [
        ("GET / HTTP/1.1", "", HostMissing),
        ("GET http://h/ HTTP/1.1", "", HostMissing),
        ("GET / HTTP/1.1", "Host: h\r\nhost: h\r\n", HostRepeated),
        ("GET / HTTP/1.0", "Host: h\r\nHost: i\r\n", HostRepeated),
        ("GET / HTTP/1.1", "Host: a b\r\n", HostMalformed),
        ("GET / HTTP/1.0", "Host: a b\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: a,b\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: a/b\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: u@h\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: http://h\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: h?\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: h%41\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: h\u{e9}\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: :80\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: h:\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: h:x\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: h:123456\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: h:80:80\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: ::1\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: [::1\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: []\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: [::g]\r\n", HostMalformed),
        ("GET / HTTP/1.1", "Host: [::1]x\r\n", HostMalformed),
        ("GET http://h/ HTTP/1.1", "Host: i\r\n", HostMismatch),
        ("GET http://h:81/ HTTP/1.1", "Host: h\r\n", HostMismatch),
        ("GET http://h:443/ HTTP/1.1", "Host: h\r\n", HostMismatch),
        ("GET http://h/ HTTP/1.1", "Host:\r\n", HostMismatch),
    ];
    table
        .into_iter()
        .map(|(line, fields, error)| (format!("{line}\r\n{fields}\r\n").into_bytes(), error))
        .collect()
}

fn framings() -> Vec<(Vec<u8>, Error)> {
    use Error::{
        BodyTooLarge, CodingInHttp10, CodingNotFinal, CodingRepeated, CodingUnknown,
        LengthAndCoding, LengthMalformed, LengthRepeated,
    };
    let limit = Limits::default().body;
    let table = [
        ("Content-Length:\r\n", LengthMalformed),
        ("Content-Length: +5\r\n", LengthMalformed),
        ("Content-Length: -5\r\n", LengthMalformed),
        ("Content-Length: 5 5\r\n", LengthMalformed),
        ("Content-Length: 0x5\r\n", LengthMalformed),
        ("Content-Length: 5.0\r\n", LengthMalformed),
        ("Content-Length: 5,\r\n", LengthMalformed),
        ("Content-Length: 5, 5\r\n", LengthMalformed),
        ("Content-Length: 5, 6\r\n", LengthMalformed),
        ("Content-Length: 18446744073709551616\r\n", LengthMalformed),
        ("Content-Length: 99999999999999999999\r\n", LengthMalformed),
        ("Content-Length: \u{664}\r\n", LengthMalformed),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", LengthRepeated),
        ("Content-Length: 5\r\ncontent-length: 5\r\n", LengthRepeated),
        ("Content-Length: 104857601\r\n", BodyTooLarge { limit }),
        (
            "Content-Length: 18446744073709551615\r\n",
            BodyTooLarge { limit },
        ),
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            LengthAndCoding,
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
            LengthAndCoding,
        ),
        (
            "Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
            LengthAndCoding,
        ),
        ("Transfer-Encoding:\r\n", CodingNotFinal),
        ("Transfer-Encoding: gzip\r\n", CodingNotFinal),
        ("Transfer-Encoding: identity\r\n", CodingNotFinal),
        ("Transfer-Encoding: xchunked\r\n", CodingNotFinal),
        ("Transfer-Encoding: chunked;q=1\r\n", CodingNotFinal),
        ("Transfer-Encoding: \"chunked\"\r\n", CodingNotFinal),
        ("Transfer-Encoding: chunked, gzip\r\n", CodingNotFinal),
        ("Transfer-Encoding: chunked,\r\n", CodingNotFinal),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
            CodingNotFinal,
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n",
            CodingNotFinal,
        ),
        ("Transfer-Encoding: chunked, chunked\r\n", CodingRepeated),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: Chunked\r\n",
            CodingRepeated,
        ),
        ("Transfer-Encoding: gzip, chunked\r\n", CodingUnknown),
        ("Transfer-Encoding: , chunked\r\n", CodingUnknown),
        (
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
            CodingUnknown,
        ),
    ];
    table
        .into_iter()
        .map(|(text, error)| (fields(text), error))
        .chain([(
            b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            CodingInHttp10,
        )])
        .collect()
}

#[test]
fn request_lines_are_refused() {
    check(request_lines());
}

#[test]
fn line_ends_are_refused() {
    check(line_ends());
}

#[test]
fn field_lines_are_refused() {
    check(field_lines());
}

#[test]
fn hosts_are_refused() {
    check(hosts());
}

#[test]
fn framings_are_refused() {
    check(framings());
}

fn check(table: Vec<(Vec<u8>, Error)>) {
    for (bytes, error) in table {
        assert_eq!(refused(&bytes), error, "{}", bytes.escape_ascii());
    }
}

#[test]
fn a_transfer_coding_name_has_no_case() {
    let bytes = fields("TRANSFER-ENCODING: cHuNkEd\r\n");
    assert_eq!(whole(Limits::default(), &bytes).events.len(), 1);
}

/// Every variant, so that a new one must be given a status here, and a case above or in the tests
/// of limits and bodies.
#[test]
fn every_error_has_its_status_and_a_message() {
    let table = [
        (
            400,
            vec![
                Error::Method,
                Error::Target,
                Error::Version,
                Error::BlankLines,
                Error::BareLf,
                Error::BareCr,
                Error::FieldName,
                Error::SpaceBeforeColon,
                Error::Folding,
                Error::FieldValue,
                Error::HostMissing,
                Error::HostRepeated,
                Error::HostMalformed,
                Error::HostMismatch,
                Error::LengthMalformed,
                Error::LengthRepeated,
                Error::LengthAndCoding,
                Error::CodingNotFinal,
                Error::CodingRepeated,
                Error::CodingInHttp10,
                Error::ChunkSize,
                Error::ChunkExtension,
                Error::ChunkLineTooLong { limit: 7 },
                Error::ChunkEnd,
                Error::TrailerForbidden,
            ],
        ),
        (413, vec![Error::BodyTooLarge { limit: 7 }]),
        (414, vec![Error::RequestLineTooLong { limit: 7 }]),
        (417, vec![Error::Expectation]),
        (
            431,
            vec![
                Error::HeadTooLarge { limit: 7 },
                Error::TooManyFields { limit: 7 },
                Error::TrailersTooLarge { limit: 7 },
            ],
        ),
        (501, vec![Error::Connect, Error::CodingUnknown]),
        (505, vec![Error::VersionUnsupported]),
    ];
    let mut messages = BTreeSet::new();
    for (status, errors) in table {
        for error in errors {
            assert_eq!(error.status(), status, "{error:?}");
            let message = error.to_string();
            assert_eq!(
                message.contains('7'),
                format!("{error:?}").contains("limit"),
                "{message}"
            );
            assert!(
                messages.insert(message),
                "{error:?} has another error's message"
            );
        }
    }
}
