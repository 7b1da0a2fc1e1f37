//! Replies, compared byte for byte with what must go over the wire.

use std::num::NonZeroUsize;

use ferrofunc_http::{
    BadField, BadStatus, BodyKind, Delivery, Error, HeadWriter, Plan, Reply, Version, chunk,
    chunk_end, http_date, last_chunk, refusal, write_chunk,
};

const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const OURS: &str = "Server: ferrofunc\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

const OK: Reply<'static> = Reply {
    status: 200,
    head_only: false,
    version: Version::Http11,
    keep_alive: true,
    body: BodyKind::Length(5),
    date: DATE,
};

/// Head and plan of a reply with these fields.
fn written(reply: Reply<'_>, fields: &[(&str, &str)]) -> (String, Plan) {
    let mut out = Vec::new();
    let mut head = HeadWriter::new(&mut out, reply).expect("a status code");
    for (name, value) in fields {
        head.field(name.as_bytes(), value.as_bytes())
            .expect("a field");
    }
    let plan = head.finish();
    (String::from_utf8(out).expect("ASCII"), plan)
}

/// The framing lines of a reply and its plan; everything before them is checked.
fn framing(reply: Reply<'_>, fields: &[(&str, &str)]) -> (String, Delivery, bool) {
    let (head, plan) = written(reply, fields);
    let (before, after) = head.split_once(OURS).expect("our Server and Date");
    assert!(
        before.starts_with("HTTP/1.1 ") && before.ends_with("\r\n"),
        "{before}"
    );
    assert_eq!(before.lines().count(), 1, "{before}");
    let lines = after.strip_suffix("\r\n").expect("a blank line");
    (lines.replace("\r\n", ";"), plan.delivery, plan.keep_alive)
}

#[test]
fn a_common_reply() {
    let (head, plan) = written(
        OK,
        &[("content-type", "text/plain; charset=utf-8"), ("X-A", "")],
    );
    assert_eq!(
        head,
        "HTTP/1.1 200 OK\r\n\
         content-type: text/plain; charset=utf-8\r\n\
         X-A: \r\n\
         Server: ferrofunc\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
         Content-Length: 5\r\n\
         \r\n"
    );
    assert_eq!(
        plan,
        Plan {
            delivery: Delivery::Exactly(5),
            keep_alive: true
        }
    );
}

type Case = (u16, bool, Version, BodyKind, &'static str, Delivery, bool);

/// Status, whether HEAD, version, body; then the framing lines, the delivery, whether it stays open.
#[rustfmt::skip]
const FRAMINGS: [Case; 20] = {
    use BodyKind::{Chunked, Length, None};
    use Delivery::{Chunks, Exactly, Nothing, UntilClose};
    use Version::{Http10, Http11};
    [
        (200, false, Http11, Length(0), "Content-Length: 0;", Exactly(0), true),
        (200, false, Http11, Length(9_876_543_210), "Content-Length: 9876543210;", Exactly(9_876_543_210), true),
        (200, false, Http11, None, "Content-Length: 0;", Nothing, true),
        (200, false, Http11, Chunked, "Transfer-Encoding: chunked;", Chunks, true),
        (200, false, Http10, Length(5), "Content-Length: 5;Connection: keep-alive;", Exactly(5), true),
        (200, false, Http10, Chunked, "Connection: close;", UntilClose, false),
        (200, true, Http11, Length(5), "Content-Length: 5;", Nothing, true),
        (200, true, Http11, Chunked, "Transfer-Encoding: chunked;", Nothing, true),
        (200, true, Http11, None, "", Nothing, true),
        (200, true, Http10, Chunked, "Connection: keep-alive;", Nothing, true),
        (100, false, Http11, None, "", Nothing, true),
        (103, false, Http11, Length(5), "", Nothing, true),
        (204, false, Http11, Length(0), "", Nothing, true),
        (204, false, Http11, Length(5), "", Nothing, true),
        (204, false, Http11, Chunked, "", Nothing, true),
        (204, false, Http10, Chunked, "Connection: keep-alive;", Nothing, true),
        (205, false, Http11, Length(5), "Content-Length: 0;", Nothing, true),
        (304, false, Http11, Length(5), "", Nothing, true),
        (304, true, Http11, Chunked, "", Nothing, true),
        (500, false, Http11, None, "Content-Length: 0;", Nothing, true),
    ]
};

#[test]
fn framing_follows_status_method_version_and_body() {
    for (status, head_only, version, body, lines, delivery, keep_alive) in FRAMINGS {
        let reply = Reply {
            status,
            head_only,
            version,
            body,
            ..OK
        };
        assert_eq!(
            framing(reply, &[]),
            (lines.to_owned(), delivery, keep_alive),
            "{reply:?}"
        );
        let closing = Reply {
            keep_alive: false,
            ..reply
        };
        let lines = lines
            .replace("Connection: keep-alive;", "")
            .replace("Connection: close;", "");
        let expected = (format!("{lines}Connection: close;"), delivery, false);
        assert_eq!(framing(closing, &[]), expected, "{closing:?}");
    }
}

#[test]
fn a_function_cannot_touch_the_framing() {
    let fields = [
        ("Content-Length", "999"),
        ("transfer-encoding", "gzip"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Connection", "keep-alive"),
        ("Connection", "keep-alive, X-A"),
        ("Upgrade", "websocket"),
        ("Trailer", "X-B"),
        ("TE", "trailers"),
    ];
    assert_eq!(
        framing(OK, &fields),
        ("Content-Length: 5;".to_owned(), Delivery::Exactly(5), true)
    );
}

#[test]
fn a_function_may_ask_to_close() {
    let expected = (
        "Content-Length: 5;Connection: close;".to_owned(),
        Delivery::Exactly(5),
        false,
    );
    assert_eq!(framing(OK, &[("connection", "x, Close")]), expected);
}

#[test]
fn a_function_describes_the_body_it_leaves_out() {
    let length = [("content-length", "1234")];
    let head = Reply {
        head_only: true,
        body: BodyKind::Length(0),
        ..OK
    };
    assert_eq!(framing(head, &length).0, "Content-Length: 1234;");
    let unmodified = Reply {
        status: 304,
        body: BodyKind::Length(0),
        ..OK
    };
    assert_eq!(framing(unmodified, &length).0, "Content-Length: 1234;");
    for nonsense in ["", "-1", "+1", "1, 1", "99999999999999999999999"] {
        let fields = [("Content-Length", nonsense)];
        assert_eq!(framing(head, &fields).0, "Content-Length: 0;", "{nonsense}");
    }
    // Where the body is sent, its real length counts.
    assert_eq!(framing(OK, &length).0, "Content-Length: 5;");
}

#[test]
fn date_and_server_of_a_function_win_and_stand_once() {
    let fields = [
        ("date", "then"),
        ("SERVER", "mine"),
        ("Date", "later"),
        ("server", "other"),
    ];
    assert_eq!(
        written(OK, &fields).0,
        "HTTP/1.1 200 OK\r\ndate: then\r\nSERVER: mine\r\nContent-Length: 5\r\n\r\n"
    );
}

#[test]
fn fields_that_would_split_the_head_are_refused() {
    let mut out = b"before".to_vec();
    let mut head = HeadWriter::new(&mut out, OK).expect("a status code");
    for name in ["", " ", "a b", "a:", "a\r\n", "a\0", "\u{e9}", "(a)"] {
        assert_eq!(
            head.field(name.as_bytes(), b"v"),
            Err(BadField::Name),
            "{name:?}"
        );
    }
    for value in ["\r", "\n", "a\r\nb: c", "\0", "\u{1b}", "\u{7f}"] {
        assert_eq!(
            head.field(b"n", value.as_bytes()),
            Err(BadField::Value),
            "{value:?}"
        );
        // Not even in a field that would be left out.
        assert_eq!(
            head.field(b"upgrade", value.as_bytes()),
            Err(BadField::Value),
            "{value:?}"
        );
    }
    assert_eq!(head.field(b"n", b"tab\tand \xc3\xa9"), Ok(()));
    head.abandon();
    assert_eq!(out, b"before");
}

#[test]
fn any_three_digit_status_can_be_sent() {
    let line = |status| {
        written(Reply { status, ..OK }, &[])
            .0
            .lines()
            .next()
            .map(str::to_owned)
    };
    assert_eq!(line(404).as_deref(), Some("HTTP/1.1 404 Not Found"));
    assert_eq!(line(299).as_deref(), Some("HTTP/1.1 299 "));
    for status in 100..=999 {
        let line = line(status).expect("a status line");
        let reason = line.strip_prefix(&format!("HTTP/1.1 {status} "));
        assert!(
            reason.is_some_and(|text| text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())),
            "{line}"
        );
    }
    for status in [0, 99, 1000, u16::MAX] {
        let refused = HeadWriter::new(&mut Vec::new(), Reply { status, ..OK }).err();
        assert_eq!(refused, Some(BadStatus(status)));
    }
}

#[test]
fn chunks() {
    let mut out = Vec::new();
    chunk(&mut out, NonZeroUsize::new(26).expect("not zero"));
    out.extend_from_slice(b"abcdefghijklmnopqrstuvwxyz");
    chunk_end(&mut out);
    write_chunk(&mut out, b"");
    write_chunk(&mut out, b"hello");
    last_chunk(&mut out);
    assert_eq!(
        out,
        b"1a\r\nabcdefghijklmnopqrstuvwxyz\r\n5\r\nhello\r\n0\r\n\r\n"
    );
}

#[test]
fn chunk_sizes_are_hexadecimal() {
    let edges = (0..usize::BITS).flat_map(|bit| {
        let power = 1_usize << bit;
        [power - 1, power, power + 1]
    });
    for len in edges
        .chain([usize::MAX, 0xabc_def0])
        .filter_map(NonZeroUsize::new)
    {
        let mut out = Vec::new();
        chunk(&mut out, len);
        assert_eq!(String::from_utf8_lossy(&out), format!("{len:x}\r\n"));
    }
}

#[test]
fn a_refusal_is_a_whole_reply() {
    let mut out = b"earlier reply".to_vec();
    refusal(&Error::BodyTooLarge { limit: 1 }, DATE, &mut out);
    assert_eq!(
        String::from_utf8_lossy(&out),
        format!(
            "earlier replyHTTP/1.1 413 Content Too Large\r\n{OURS}Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
    );
}

#[test]
fn dates() {
    let table = [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, DATE),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        (1_735_689_600, "Wed, 01 Jan 2025 00:00:00 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ];
    for (seconds, text) in table {
        assert_eq!(http_date(seconds), text);
    }
}

#[test]
fn every_day_follows_the_one_before() {
    let parts = |day: u64| {
        let date = http_date(day * 86_400);
        assert_eq!(date.len(), 29);
        (
            date[5..7].parse::<u32>().expect("a day"),
            date[8..16].to_owned(),
        )
    };
    let mut before = parts(0);
    let mut firsts = 1;
    for day in 1..=146_097 {
        let today = parts(day);
        if today.1 == before.1 {
            assert_eq!(today.0, before.0 + 1, "{today:?}");
        } else {
            assert_eq!(today.0, 1, "{today:?}");
            firsts += 1;
        }
        before = today;
    }
    // 400 years later, to the day.
    assert_eq!((firsts, before), (4801, (1, "Jan 2370".to_owned())));
}
