//! What one request costs in this crate: parse its head, write its reply's head. Two requests, one
//! as curl sends it and one as a browser does; and two bad days: a head that trickles in, a body in
//! many chunks.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ferrofunc_http::{BodyKind, Conn, Fields, HeadWriter, Limits, Plan, Reply, Step, Version};

const REQ_SHORT: &[u8] = b"\
GET /api/hello?name=Ada HTTP/1.1\r\n\
Host: localhost:7071\r\n\
User-Agent: curl/8.5.0\r\n\
Accept: */*\r\n\r\n";

const REQ: &[u8] = b"\
GET /api/items/42?include=details&page=3 HTTP/1.1\r\n\
Host: localhost:7071\r\n\
Connection: keep-alive\r\n\
Cache-Control: max-age=0\r\n\
sec-ch-ua: \"Chromium\";v=\"128\", \"Not;A=Brand\";v=\"24\"\r\n\
sec-ch-ua-mobile: ?0\r\n\
Upgrade-Insecure-Requests: 1\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
Sec-Fetch-Site: same-origin\r\n\
Referer: http://localhost:7071/api/items?page=2\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\r\n";

/// Takes every step there is; gives the bytes used.
fn drain(conn: &mut Conn, fields: &mut Fields, bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match conn.next(&bytes[at..], fields) {
            Ok(Step::NeedMore) => return at,
            Ok(Step::Head { head, used }) => {
                black_box(head);
                at += used;
            }
            Ok(Step::Data { bytes, used }) => {
                black_box(bytes);
                at += used;
            }
            Ok(Step::End { used }) => at += used,
            Err(error) => panic!("expected a good request, found: {error}"),
        }
    }
}

fn parse(criterion: &mut Criterion) {
    let mut fields = Fields::new();
    let mut group = criterion.benchmark_group("parse");
    for (name, request) in [("req_short", REQ_SHORT), ("req", REQ)] {
        group.throughput(Throughput::Bytes(request.len() as u64));
        group.bench_function(name, |bencher| {
            let mut conn = Conn::new(Limits::default());
            bencher.iter(|| drain(&mut conn, &mut fields, black_box(request)));
        });
    }
    group.throughput(Throughput::Bytes(REQ.len() as u64));
    group.bench_function("req_byte_by_byte", |bencher| {
        bencher.iter(|| {
            let mut conn = Conn::new(Limits::default());
            for end in 1..REQ.len() {
                assert_eq!(drain(&mut conn, &mut fields, &black_box(REQ)[..end]), 0);
            }
            drain(&mut conn, &mut fields, black_box(REQ))
        });
    });
    let mut chunked = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    chunked.extend_from_slice(&b"10\r\n0123456789abcdef\r\n".repeat(64));
    chunked.extend_from_slice(b"0\r\n\r\n");
    group.throughput(Throughput::Bytes(chunked.len() as u64));
    group.bench_function("chunked_64x16", |bencher| {
        let mut conn = Conn::new(Limits::default());
        bencher.iter(|| drain(&mut conn, &mut fields, black_box(&chunked)));
    });
    group.finish();
}

fn encode(criterion: &mut Criterion) {
    let reply = Reply {
        status: 200,
        head_only: false,
        version: Version::Http11,
        keep_alive: true,
        body: BodyKind::Length(13),
        date: "Sun, 06 Nov 1994 08:49:37 GMT",
    };
    let short: &[(&[u8], &[u8])] = &[(b"content-type", b"text/plain; charset=utf-8")];
    let long: &[(&[u8], &[u8])] = &[
        (b"content-type", b"application/json"),
        (b"cache-control", b"private, max-age=0, must-revalidate"),
        (b"etag", b"\"33a64df551425fcc55e4d42a148795d9f25f89d4\""),
        (b"vary", b"Accept-Encoding, Origin"),
        (b"access-control-allow-origin", b"https://example.com"),
        (
            b"set-cookie",
            b"session=0123456789abcdef; path=/; secure; httponly; samesite=lax",
        ),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", b"6f9619ff-8b86-d011-b42d-00cf4fc964ff"),
    ];
    let mut out = Vec::with_capacity(4096);
    let mut group = criterion.benchmark_group("encode");
    for (name, fields) in [("reply_short", short), ("reply", long)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| write(&mut out, black_box(reply), black_box(fields)));
        });
    }
    group.finish();
}

fn write(out: &mut Vec<u8>, reply: Reply<'_>, fields: &[(&[u8], &[u8])]) -> Plan {
    out.clear();
    let mut head = HeadWriter::new(out, reply).expect("a status code");
    for (name, value) in fields {
        head.field(name, value).expect("a field");
    }
    head.finish()
}

criterion_group!(benches, parse, encode);
criterion_main!(benches);
