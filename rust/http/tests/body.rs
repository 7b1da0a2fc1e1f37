//! Bodies: where they end, what follows them, and reading them past the machine.

mod replay;

use ferrofunc_http::{Conn, Error, Fields, Limits, Step};
use replay::{Event, byte_by_byte, whole};

const NEXT: &str = "GET /next HTTP/1.1\r\nHost: n\r\n\r\n";
const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What comes after the head: the body, if it ended or was refused.
fn body_of(bytes: &str) -> Vec<Event> {
    let once = whole(Limits::default(), bytes.as_bytes());
    assert_eq!(
        once,
        byte_by_byte(Limits::default(), bytes.as_bytes()),
        "{bytes:?}"
    );
    let both = whole(Limits::default(), format!("{bytes}{NEXT}").as_bytes());
    if once.events.last() == Some(&Event::End) {
        let [first @ .., Event::Request(next)] = &both.events[..] else {
            panic!("expected a second request behind {bytes:?}, found {both:?}");
        };
        assert_eq!(
            (first, &next.path[..]),
            (&once.events[..], b"/next" as &[u8])
        );
        assert_eq!((once.unread, both.unread), (0, 0));
    } else {
        assert_eq!(both.events, once.events);
    }
    once.events[1..].to_vec()
}

fn complete(body: &str) -> Vec<Event> {
    match body {
        "" => vec![Event::End],
        _ => vec![Event::Body(body.into()), Event::End],
    }
}

#[test]
fn a_body_of_known_length_ends_there() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ";
    assert_eq!(body_of(&format!("{head}5\r\n\r\nhello")), complete("hello"));
    assert_eq!(
        body_of(&format!("{head}005\r\n\r\n\r\n\r\nx")),
        complete("\r\n\r\nx")
    );
    let request = format!("{head}19\r\n\r\nGET / HTTP/1.1\r\n\r\n ");
    assert_eq!(body_of(&request), complete("GET / HTTP/1.1\r\n\r\n "));
}

#[test]
fn a_get_may_have_a_body() {
    let request = "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";
    assert_eq!(body_of(request), complete("hi"));
}

#[test]
fn chunks_are_joined_and_their_framing_dropped() {
    let cases = [
        ("0\r\n\r\n", ""),
        ("000\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("0000000000000002\r\nhi\r\n0\r\n\r\n", "hi"),
        ("4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"),
        ("2;a\r\nhi\r\n0;b=c\r\n\r\n", "hi"),
        ("2 ; a = \"b c\" ;d\r\nhi\r\n0\t;\r\n\r\n", "hi"),
        ("2\r\nhi\r\n0\r\nX-Sum: 1\r\nx-other:\r\n\r\n", "hi"),
    ];
    for (chunks, body) in cases {
        assert_eq!(
            body_of(&format!("{CHUNKED}{chunks}")),
            complete(body),
            "{chunks:?}"
        );
    }
}

#[test]
fn a_bad_chunk_is_refused_after_the_good_ones() {
    let cases = [
        ("\r\n", Error::ChunkSize),
        ("x\r\n", Error::ChunkSize),
        ("-1\r\n", Error::ChunkSize),
        ("+1\r\n", Error::ChunkSize),
        (" 1\r\n", Error::ChunkSize),
        ("0x1\r\n", Error::ChunkSize),
        ("1_0\r\n", Error::ChunkSize),
        (";a\r\n", Error::ChunkSize),
        ("00000000000000001\r\n", Error::ChunkSize),
        ("ffffffffffffffff0\r\n", Error::ChunkSize),
        ("2 \r\nhi\r\n", Error::ChunkExtension),
        ("2 2\r\nhi\r\n", Error::ChunkExtension),
        ("2;a\0\r\nhi\r\n", Error::ChunkExtension),
        ("2;a\rb\r\nhi\r\n", Error::BareCr),
        ("2\r\rhi\r\n", Error::BareCr),
        ("2\nhi\r\n", Error::BareLf),
        ("2;a\nhi\r\n", Error::BareLf),
        ("0\r\nX\r\n\r\n", Error::FieldName),
        ("0\r\n: x\r\n\r\n", Error::FieldName),
        ("0\r\nX : x\r\n\r\n", Error::SpaceBeforeColon),
        ("0\r\nX: x\r\n y\r\n\r\n", Error::Folding),
        ("0\r\nX: x\0\r\n\r\n", Error::FieldValue),
        ("0\r\nX: x\ry\r\n\r\n", Error::BareCr),
        ("0\r\nX: x\n\r\n", Error::BareLf),
        ("0\r\n\n", Error::BareLf),
        ("0\r\nContent-length: 1\r\n\r\n", Error::TrailerForbidden),
        (
            "0\r\ntransfer-encoding: chunked\r\n\r\n",
            Error::TrailerForbidden,
        ),
        ("0\r\nX: y\r\nHOST: h\r\n\r\n", Error::TrailerForbidden),
    ];
    for (chunks, error) in cases {
        let refused = vec![Event::Refused(error)];
        assert_eq!(
            body_of(&format!("{CHUNKED}{chunks}")),
            refused,
            "{chunks:?}"
        );
        let later = [Event::Body(b"ok".to_vec()), Event::Refused(error)];
        assert_eq!(
            body_of(&format!("{CHUNKED}2\r\nok\r\n{chunks}")),
            later,
            "{chunks:?}"
        );
    }
}

#[test]
fn chunk_data_must_be_followed_by_crlf() {
    for wrong in ["hi!\r\n", "hi\n", "hi\r!", "hi0\r\n\r\n"] {
        let after = [Event::Body(b"hi".to_vec()), Event::Refused(Error::ChunkEnd)];
        assert_eq!(
            body_of(&format!("{CHUNKED}2\r\n{wrong}")),
            after,
            "{wrong:?}"
        );
    }
}

#[test]
fn a_request_that_closes_still_gets_its_whole_body() {
    let heads = [
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\n",
        "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n",
    ];
    for head in heads {
        let bytes = format!("{head}hello{NEXT}");
        for transcript in [
            whole(Limits::default(), bytes.as_bytes()),
            byte_by_byte(Limits::default(), bytes.as_bytes()),
        ] {
            assert_eq!(transcript.events[1..], complete("hello"));
            assert_eq!(transcript.unread, NEXT.len());
        }
    }
    let chunked = CHUNKED.replace("Host", "Connection: close\r\nHost");
    let bytes = format!("{chunked}5\r\nhello\r\n0\r\n\r\n{NEXT}");
    let transcript = byte_by_byte(Limits::default(), bytes.as_bytes());
    assert_eq!(transcript.events[1..], complete("hello"));
    assert_eq!(transcript.unread, NEXT.len());
}

#[test]
fn a_body_may_be_read_past_the_machine() {
    let mut conn = Conn::new(Limits::default());
    let mut fields = Fields::new();
    let head = b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n";
    assert!(conn.is_between_requests());
    assert!(matches!(
        conn.next(head, &mut fields),
        Ok(Step::Head { .. })
    ));
    assert_eq!(conn.body_left(), Some(10));
    assert!(!conn.is_between_requests());
    conn.advance_body(4);
    assert_eq!(conn.body_left(), Some(6));
    match conn.next(b"56", &mut fields) {
        Ok(Step::Data {
            bytes: b"56",
            used: 2,
        }) => {}
        other => panic!("expected the next two bytes, found {other:?}"),
    }
    conn.advance_body(4);
    assert_eq!(conn.body_left(), None);
    assert!(!conn.is_between_requests());
    assert!(matches!(
        conn.next(b"", &mut fields),
        Ok(Step::End { used: 0 })
    ));
    assert!(conn.is_between_requests());
    assert!(matches!(conn.next(b"", &mut fields), Ok(Step::NeedMore)));
}

#[test]
fn a_chunked_body_cannot_be_read_past_the_machine() {
    let mut conn = Conn::new(Limits::default());
    let mut fields = Fields::new();
    assert!(matches!(
        conn.next(CHUNKED.as_bytes(), &mut fields),
        Ok(Step::Head { .. })
    ));
    assert_eq!(conn.body_left(), None);
}

#[test]
fn a_connection_is_between_requests_until_the_first_byte_of_a_head() {
    let mut conn = Conn::new(Limits::default());
    let mut fields = Fields::new();
    for nothing_yet in [b"" as &[u8], b"\r", b"\r\n"] {
        assert!(matches!(
            conn.next(nothing_yet, &mut fields),
            Ok(Step::NeedMore)
        ));
        assert!(conn.is_between_requests(), "{nothing_yet:?}");
    }
    assert!(matches!(
        conn.next(b"\r\nG", &mut fields),
        Ok(Step::NeedMore)
    ));
    assert!(!conn.is_between_requests());
}

#[test]
fn a_closed_connection_is_deaf() {
    let mut fields = Fields::new();
    let mut closing = Conn::new(Limits::default());
    let head = b"GET / HTTP/1.0\r\n\r\n";
    assert!(matches!(
        closing.next(head, &mut fields),
        Ok(Step::Head { .. })
    ));
    let mut refused = Conn::new(Limits::default());
    assert_eq!(
        refused.next(b"\x16\x03", &mut fields).err(),
        Some(Error::Method)
    );
    for mut conn in [closing, refused] {
        assert!(conn.is_closed());
        assert!(!conn.is_between_requests());
        assert!(matches!(
            conn.next(NEXT.as_bytes(), &mut fields),
            Ok(Step::NeedMore)
        ));
    }
}
