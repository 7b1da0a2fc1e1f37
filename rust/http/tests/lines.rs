//! Fields that are compiled once: where they are left out, and which cannot be compiled at all.

use ferrofunc_http::{BadField, BadLine, BodyKind, HeadWriter, Lines, Reply, Version};

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

const OK: Reply<'static> = Reply {
    status: 200,
    head_only: false,
    version: Version::Http11,
    keep_alive: true,
    body: BodyKind::Length(0),
    date: DATE,
};

fn lines(fields: &[(&str, &str)]) -> Lines {
    let mut lines = Lines::new();
    for (name, value) in fields {
        lines
            .push(name.as_bytes(), value.as_bytes())
            .expect("a field");
    }
    lines
}

/// The lines between status and framing of a reply with these fields, finished by `add`.
fn fields(own: &[(&str, &str)], add: impl FnOnce(&mut HeadWriter<'_>)) -> String {
    // What stood there before belongs to another reply.
    let mut out = b"HTTP/1.1 200 OK\r\nX-A: earlier\r\n\r\n".to_vec();
    let before = out.len();
    let mut head = HeadWriter::new(&mut out, OK).expect("a status code");
    for (name, value) in own {
        head.field(name.as_bytes(), value.as_bytes())
            .expect("a field");
    }
    add(&mut head);
    let plan = head.finish();
    assert!(plan.keep_alive);
    let head = String::from_utf8(out.split_off(before)).expect("ASCII");
    let head = head.strip_prefix("HTTP/1.1 200 OK\r\n").expect("a status");
    let head = head
        .strip_suffix("Content-Length: 0\r\n\r\n")
        .expect("framing");
    head.replace("\r\n", ";")
}

const OURS: &str = "Server: ferrofunc;Date: Sun, 06 Nov 1994 08:49:37 GMT;";

#[test]
fn what_is_absent_is_filled_in_order() {
    let added = lines(&[("X-A", "1"), ("X-Longer", "two words"), ("X-B", "")]);
    assert_eq!(
        fields(&[("content-type", "text/plain")], |head| head.fill(&added)),
        format!("content-type: text/plain;X-A: 1;X-Longer: two words;X-B: ;{OURS}")
    );
}

#[test]
fn what_is_there_is_left_alone_in_any_case() {
    let added = lines(&[("X-A", "1"), ("X-B", "2")]);
    assert_eq!(
        fields(&[("x-a", "mine"), ("X-C", "x-b: no field")], |head| head
            .fill(&added)),
        format!("x-a: mine;X-C: x-b: no field;X-B: 2;{OURS}")
    );
}

#[test]
fn filling_twice_is_filling_once() {
    let (first, second) = (lines(&[("X-A", "1")]), lines(&[("X-A", "2"), ("X-B", "3")]));
    let found = fields(&[], |head| {
        head.fill(&first);
        head.fill(&second);
    });
    assert_eq!(found, format!("X-A: 1;X-B: 3;{OURS}"));
}

#[test]
fn appending_does_not_look() {
    let added = lines(&[("Vary", "Origin")]);
    assert_eq!(
        fields(&[("vary", "Accept")], |head| head.append(&added)),
        format!("vary: Accept;Vary: Origin;{OURS}")
    );
}

#[test]
fn a_server_or_date_of_theirs_replaces_ours() {
    let added = lines(&[("server", "another"), ("DATE", "never")]);
    assert_eq!(
        fields(&[], |head| head.fill(&added)),
        "server: another;DATE: never;"
    );
    assert_eq!(
        fields(&[("Server", "function")], |head| head.fill(&added)),
        "Server: function;DATE: never;"
    );
}

#[test]
fn a_head_knows_what_it_has() {
    fields(&[("Access-Control-Allow-Origin", "*")], |head| {
        assert!(head.has(b"access-control-allow-origin"));
        assert!(!head.has(b"access-control-allow-origi"));
        assert!(!head.has(b"X-A"), "that is in the reply before");
        assert!(!head.has(b"HTTP/1.1 200 OK"));
    });
}

#[test]
fn names_of_64_bytes_and_more_are_compared_too() {
    let (long, longer) = ("x".repeat(70), "x".repeat(71));
    let added = lines(&[(&long, "1")]);
    assert!(fields(&[(&long, "mine")], |head| head.fill(&added)).starts_with(&long));
    let both = fields(&[(&longer, "mine")], |head| head.fill(&added));
    assert_eq!(both, format!("{longer}: mine;{long}: 1;{OURS}"));
}

#[test]
fn what_cannot_be_sent_cannot_be_compiled() {
    let mut lines = Lines::new();
    let bad = |field| Err(BadLine::Field(field));
    assert_eq!(lines.push(b"X Y", b"1"), bad(BadField::Name));
    assert_eq!(lines.push(b"", b"1"), bad(BadField::Name));
    assert_eq!(lines.push(b"X", b"1\r\nY: 2"), bad(BadField::Value));
    for name in [
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Upgrade",
        "Proxy-Connection",
    ] {
        assert_eq!(
            lines.push(name.as_bytes(), b"1"),
            Err(BadLine::Connection),
            "{name}"
        );
    }
    assert!(lines.is_empty());
}
