//! Each limit: what just fits is taken, one byte more is refused while it is still arriving.

mod replay;

use ferrofunc_http::{Error, Limits};
use replay::{Event, byte_by_byte, whole};

const LIMITS: Limits = Limits {
    request_line: 40,
    head: 100,
    headers: 3,
    body: 10,
};

/// The last event, the same whole and byte by byte.
fn last(limits: Limits, bytes: &[u8]) -> Event {
    let once = whole(limits, bytes);
    assert_eq!(
        once,
        byte_by_byte(limits, bytes),
        "{}",
        bytes.escape_ascii()
    );
    once.events.last().cloned().expect("an event")
}

fn is_refused(limits: Limits, bytes: &[u8], error: Error) -> bool {
    last(limits, bytes) == Event::Refused(error)
}

#[test]
fn the_request_line() {
    let error = Error::RequestLineTooLong { limit: 40 };
    let line = |bytes: usize| format!("GET /{} HTTP/1.1\r\n", "a".repeat(bytes - 16));
    assert_eq!(line(40).len(), 40);
    let request = |bytes| format!("{}Host: h\r\n\r\n", line(bytes)).into_bytes();
    assert!(matches!(last(LIMITS, &request(40)), Event::Request(_)));
    assert!(is_refused(LIMITS, &request(41), error));
    // Not yet at its end, and no request at all.
    assert!(is_refused(LIMITS, &line(41).as_bytes()[..40], error));
    assert_eq!(whole(LIMITS, &line(41).as_bytes()[..39]).events, []);
    // What ends a line that is too long does not matter.
    let bare = format!("{}\nHost: h\r\n\r\n", &line(60)[..40]);
    assert!(is_refused(LIMITS, bare.as_bytes(), error));
    // Without a field behind it.
    let bare = |bytes: usize| format!("GET /{} HTTP/1.0\r\n\r\n", "a".repeat(bytes - 16));
    assert!(matches!(
        last(LIMITS, bare(40).as_bytes()),
        Event::Request(_)
    ));
    assert!(is_refused(LIMITS, bare(41).as_bytes(), error));
}

#[test]
fn the_head() {
    let error = Error::HeadTooLarge { limit: 100 };
    let head = |bytes: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: h\r\nA: {}\r\n\r\n",
            "a".repeat(bytes - 32)
        )
    };
    assert_eq!(head(100).len(), 100);
    assert!(matches!(
        last(LIMITS, head(100).as_bytes()),
        Event::Request(_)
    ));
    assert!(is_refused(LIMITS, head(101).as_bytes(), error));
    assert!(is_refused(LIMITS, &head(200).as_bytes()[..100], error));
    assert_eq!(whole(LIMITS, &head(200).as_bytes()[..99]).events, []);
    // A fault beyond the limit is not seen, however much has come.
    let late = head(104).replace("\r\n\r\n", "\n\n");
    assert!(is_refused(LIMITS, late.as_bytes(), error));
}

#[test]
fn empty_lines_are_not_part_of_the_head() {
    let head = format!(
        "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\nA: {}\r\n\r\n",
        "a".repeat(68)
    );
    assert!(matches!(last(LIMITS, head.as_bytes()), Event::Request(_)));
}

#[test]
fn the_number_of_fields() {
    let head = |fields: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: h\r\n{}\r\n",
            "A: b\r\n".repeat(fields - 1)
        )
    };
    assert!(matches!(
        last(LIMITS, head(3).as_bytes()),
        Event::Request(_)
    ));
    assert!(is_refused(
        LIMITS,
        head(4).as_bytes(),
        Error::TooManyFields { limit: 3 }
    ));
    let limits = Limits::default();
    assert!(matches!(
        last(limits, head(100).as_bytes()),
        Event::Request(_)
    ));
    assert!(is_refused(
        limits,
        head(101).as_bytes(),
        Error::TooManyFields { limit: 100 }
    ));
}

#[test]
fn limits_beyond_what_a_span_can_hold_are_brought_down() {
    let limits = Limits {
        request_line: usize::MAX,
        head: usize::MAX,
        headers: usize::MAX,
        body: u64::MAX,
    };
    let line = format!("GET /{} HTTP/1.1\r\n", "a".repeat(65_536 - 16));
    assert!(is_refused(
        limits,
        line.as_bytes(),
        Error::RequestLineTooLong { limit: 65_535 }
    ));
    let fits = format!(
        "GET /{} HTTP/1.1\r\nHost: h\r\n\r\n",
        "a".repeat(65_535 - 27)
    );
    assert_eq!(fits.len(), 65_535);
    let Event::Request(request) = last(limits, fits.as_bytes()) else {
        panic!("expected a request");
    };
    assert_eq!(request.target.len(), 65_535 - 26);
    assert_eq!(request.fields, [(b"Host".to_vec(), b"h".to_vec())]);
}

#[test]
fn a_body_of_known_length() {
    let request = |length: usize| {
        format!(
            "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: {length}\r\n\r\n{}",
            "a".repeat(length)
        )
    };
    assert_eq!(last(LIMITS, request(10).as_bytes()), Event::End);
    let head = request(11).replace("aaaaaaaaaaa", "");
    assert!(is_refused(
        LIMITS,
        head.as_bytes(),
        Error::BodyTooLarge { limit: 10 }
    ));
}

#[test]
fn a_chunked_body_as_it_grows() {
    let head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    let error = Error::BodyTooLarge { limit: 10 };
    let fits = format!("{head}6\r\n123456\r\n4\r\n7890\r\n0\r\n\r\n");
    assert_eq!(last(LIMITS, fits.as_bytes()), Event::End);
    // Refused by its size, before its data comes.
    assert!(is_refused(
        LIMITS,
        format!("{head}6\r\n123456\r\n5\r\n").as_bytes(),
        error
    ));
    assert!(is_refused(LIMITS, format!("{head}b\r\n").as_bytes(), error));
    // The sum must not wrap around.
    let wrap = format!("{head}6\r\n123456\r\nffffffffffffffff\r\n");
    assert!(is_refused(LIMITS, wrap.as_bytes(), error));
}

#[test]
fn a_chunk_size_line() {
    let head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    let line = |bytes: usize| format!("{head}1;{}\r\n", "e".repeat(bytes - 4));
    assert_eq!(
        last(LIMITS, format!("{}x\r\n0\r\n\r\n", line(256)).as_bytes()),
        Event::End
    );
    let error = Error::ChunkLineTooLong { limit: 256 };
    assert!(is_refused(
        LIMITS,
        format!("{}x\r\n0\r\n\r\n", line(257)).as_bytes(),
        error
    ));
    assert!(is_refused(
        LIMITS,
        &line(300).as_bytes()[..head.len() + 256],
        error
    ));
}

#[test]
fn the_trailer_section() {
    let head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    let trailers = |bytes: usize| format!("{head}A: {}\r\nB: b\r\n\r\n", "a".repeat(bytes - 13));
    assert_eq!(last(LIMITS, trailers(8192).as_bytes()), Event::End);
    let error = Error::TrailersTooLarge { limit: 8192 };
    assert!(is_refused(LIMITS, trailers(8193).as_bytes(), error));
    let endless = format!("{head}{}", "A: b\r\n".repeat(2000));
    assert!(is_refused(LIMITS, endless.as_bytes(), error));
}
