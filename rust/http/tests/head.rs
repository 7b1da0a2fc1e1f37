//! Heads that are accepted, each whole, byte by byte, and with a second request behind it.

mod replay;

use ferrofunc_http::{Framing, Limits, Version};
use replay::{Event, Request, Transcript, byte_by_byte, whole};

const NEXT: &[u8] = b"GET /next HTTP/1.1\r\nHost: n\r\n\r\n";

/// The only request in `bytes`, which has no body, after checking all three ways.
fn request(bytes: &[u8]) -> Request {
    let once = whole(Limits::default(), bytes);
    assert_eq!(once, byte_by_byte(Limits::default(), bytes), "byte by byte");
    let [Event::Request(request)] = &once.events[..] else {
        panic!("expected one request, found {once:?}");
    };
    assert_eq!(once.unread, 0);

    let mut two = bytes.to_vec();
    two.extend_from_slice(NEXT);
    let both = whole(Limits::default(), &two);
    assert_eq!(both.events[0], once.events[0], "with another behind it");
    let expected = if request.keep_alive {
        (2, 0)
    } else {
        (1, NEXT.len())
    };
    assert_eq!((both.events.len(), both.unread), expected);
    request.clone()
}

fn with_fields(version: &str, fields: &str) -> Request {
    request(format!("GET / {version}\r\n{fields}\r\n").as_bytes())
}

#[test]
fn the_parts_of_a_head_are_spans_of_the_bytes_received() {
    let bytes = b"POST /api/a%20b?x=1&y=?z HTTP/1.1\r\nHost: h:7071\r\nX-Empty:\r\n\
        X-Space: \t spaced out \t\r\nx-utf8: \xc3\xa9\r\nContent-Length: 0\r\n\r\n";
    let request = request(bytes);
    assert_eq!(request.bytes, bytes);
    assert_eq!(request.method, b"POST");
    assert_eq!(request.target, b"/api/a%20b?x=1&y=?z");
    assert_eq!(request.path, b"/api/a%20b");
    assert_eq!(request.query, b"x=1&y=?z");
    assert_eq!(request.version, Version::Http11);
    assert_eq!(request.framing, Framing::Length(0));
    assert!(request.keep_alive);
    assert!(!request.expect_continue);
    let fields: Vec<(&[u8], &[u8])> = request
        .fields
        .iter()
        .map(|(name, value)| (&name[..], &value[..]))
        .collect();
    assert_eq!(
        fields,
        [
            (b"Host" as &[u8], b"h:7071" as &[u8]),
            (b"X-Empty", b""),
            (b"X-Space", b"spaced out"),
            (b"x-utf8", b"\xc3\xa9"),
            (b"Content-Length", b"0"),
        ]
    );
}

#[test]
fn empty_lines_before_a_request_are_skipped_and_used() {
    for lines in 0..=4 {
        let mut bytes = b"\r\n".repeat(lines);
        bytes.extend_from_slice(NEXT);
        assert_eq!(request(&bytes).bytes, NEXT);
    }
}

#[test]
fn targets() {
    let cases: [(&str, &str, &str, &str); 12] = [
        ("GET", "/", "/", ""),
        ("GET", "/?", "/", ""),
        ("GET", "/?a", "/", "a"),
        ("GET", "//x//?/", "//x//", "/"),
        ("GET", "/a|b\"<>\\^`{}", "/a|b\"<>\\^`{}", ""),
        ("GET", "http://h", "/", ""),
        ("GET", "http://h?q", "/", "q"),
        ("GET", "HTTP://H:80/p?q", "/p", "q"),
        ("GET", "http://h/p?u=http://x/", "/p", "u=http://x/"),
        ("GET", "https://h:443/p", "/p", ""),
        ("OPTIONS", "*", "*", ""),
        ("brew", "/pot", "/pot", ""),
    ];
    for (method, target, path, query) in cases {
        let request = request(format!("{method} {target} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes());
        assert_eq!(request.method, method.as_bytes());
        assert_eq!(request.target, target.as_bytes());
        assert_eq!(request.path, path.as_bytes(), "path of {target}");
        assert_eq!(request.query, query.as_bytes(), "query of {target}");
    }
}

#[test]
fn hosts() {
    for host in [
        "localhost",
        "localhost:7071",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:7071",
        "a_b.c-d~",
        "",
    ] {
        with_fields("HTTP/1.1", &format!("Host: {host}\r\n"));
    }
    // An HTTP/1.0 request may leave it out.
    with_fields("HTTP/1.0", "");
}

#[test]
fn keep_alive_follows_version_and_connection() {
    let cases = [
        ("HTTP/1.1", "", true),
        ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "connection: CLOSE\r\n", false),
        ("HTTP/1.1", "Connection: keep-alive\r\n", true),
        ("HTTP/1.1", "Connection: keep-alive, close\r\n", false),
        (
            "HTTP/1.1",
            "Connection: upgrade ,\tClose\r\nUpgrade: websocket\r\n",
            false,
        ),
        (
            "HTTP/1.1",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n",
            true,
        ),
        (
            "HTTP/1.1",
            "Connection: a\r\nConnection: close\r\nConnection: b\r\n",
            false,
        ),
        ("HTTP/1.1", "Connection: closed\r\n", true),
        ("HTTP/1.1", "Connection:\r\n", true),
        ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        (
            "HTTP/1.0",
            "Connection: x\r\nConnection: keep-alive\r\n",
            true,
        ),
        ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
    ];
    for (version, fields, expected) in cases {
        let request = with_fields(version, &format!("Host: h\r\n{fields}"));
        assert_eq!(request.keep_alive, expected, "{version} {fields:?}");
    }
}

#[test]
fn expect_continue_needs_http_1_1_and_a_body_to_wait_for() {
    let expects = |version: &str, framing: &str| {
        let head = format!("PUT / {version}\r\nHost: h\r\nExpect: 100-Continue\r\n{framing}\r\n");
        let Transcript { events, .. } = whole(Limits::default(), head.as_bytes());
        match &events[..] {
            [Event::Request(request)] => request.expect_continue,
            _ => panic!("expected one request, found {events:?}"),
        }
    };
    assert!(expects("HTTP/1.1", "Content-Length: 5\r\n"));
    assert!(expects("HTTP/1.1", "Transfer-Encoding: chunked\r\n"));
    assert!(!expects("HTTP/1.1", "Content-Length: 0\r\n"));
    assert!(!expects("HTTP/1.1", ""));
    assert!(!expects("HTTP/1.0", "Content-Length: 5\r\n"));
}

#[test]
fn a_field_is_found_without_case_and_the_first_one_wins() {
    let bytes = b"GET / HTTP/1.1\r\nhost: h\r\nX-A: 1\r\nx-a: 2\r\n\r\n";
    let mut conn = ferrofunc_http::Conn::new(Limits::default());
    let mut fields = ferrofunc_http::Fields::new();
    let Ok(ferrofunc_http::Step::Head { head, .. }) = conn.next(bytes, &mut fields) else {
        panic!("expected a head");
    };
    assert_eq!(head.field(b"X-a"), Some(b"1" as &[u8]));
    assert_eq!(head.field(b"HOST"), Some(b"h" as &[u8]));
    assert_eq!(head.field(b"x-b"), None);
}
