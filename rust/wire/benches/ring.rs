//! What the wire itself costs: a Frame through a warm Ring, an Invocation's head encoded and decoded, a
//! block of an arena. One thread plays both sides, so no cache line travels between cores and nobody is
//! woken: the numbers are the instructions of the road, not the road's latency.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ferrofunc_wire::testing::heap_ring;
use ferrofunc_wire::{
    Body, FieldSpan, FrameKind, Invoke, InvokeHead, Outcome, OutcomeKind, OutcomeView,
    bodies_create,
};

/// What a browser sends.
const HEAD: &[u8] = b"GET /api/orders/4711?expand=lines HTTP/1.1\r\n\
Host: shop.example.com\r\n\
Accept: application/json, text/plain, */*\r\n\
Accept-Encoding: gzip, deflate, br\r\n\
Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\
Connection: keep-alive\r\n\
Cookie: session=8f2b9c0d7e6a5f4b3c2d1e0f; theme=dark\r\n\
Referer: https://shop.example.com/orders\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
X-Functions-Key: 0123456789abcdef0123456789abcdef\r\n\r\n";

/// Where the fields of `HEAD` lie.
fn spans() -> Vec<FieldSpan> {
    let mut spans = Vec::new();
    let mut at = 0;
    for line in HEAD.split_inclusive(|byte| *byte == b'\n') {
        if let Some(colon) = line
            .iter()
            .position(|byte| *byte == b':')
            .filter(|_| at > 0)
        {
            let value = (at + colon + 2) as u16;
            spans.push(FieldSpan {
                name: (at as u16, colon as u16),
                value: (value, (at + line.len() - 2) as u16 - value),
            });
        }
        at += line.len();
    }
    spans
}

fn ring(c: &mut Criterion) {
    let mut group = c.benchmark_group("ring");
    for length in [64, 512, 16 << 10] {
        group.throughput(Throughput::Bytes(length as u64));
        let (mut producer, mut consumer) = heap_ring(128 << 10);
        let payload = vec![7u8; length];
        group.bench_function(format!("one_frame_through_{length}b"), |b| {
            b.iter(|| {
                let mut slot = producer
                    .try_reserve(FrameKind::Invoke, length)
                    .expect("the ring is empty");
                slot.bytes().copy_from_slice(&payload);
                slot.commit();
                producer.publish();
                let due = producer.is_wake_due();
                let frame = consumer
                    .try_peek()
                    .expect("the ring is sound")
                    .expect("a frame was published");
                black_box((due, frame.payload[length - 1]));
                let end = frame.end();
                consumer.release(end);
            });
        });
    }
    group.finish();
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    let spans = spans();
    let params = [("id", "4711"), ("part", "lines")];
    let invoke = || Invoke {
        key: 42,
        id: [9; 16],
        accepted_ns: 1,
        queued_ns: 2,
        function: 3,
        attempt: ferrofunc_wire::Attempt::default(),
        is_secure: false,
        head: HEAD,
        method: (0, 3),
        target: (4, 29),
        fields: spans.iter().copied(),
        params: params.iter().copied(),
        body: Body::Empty,
    };
    let mut payload = vec![0; invoke().encoded()];
    group.bench_function("invoke_encode", |b| {
        b.iter(|| {
            let invoke = black_box(invoke());
            let length = invoke.encoded();
            invoke.encode(black_box(&mut payload[..length]));
        });
    });
    group.bench_function("invoke_decode", |b| {
        b.iter(|| {
            let payload = black_box(&payload[..]);
            let head = InvokeHead::decode(payload).expect("just encoded");
            black_box((
                head.method(payload),
                head.target(payload),
                head.body(payload),
            ));
        });
    });
    let fields: [(&[u8], &[u8]); 2] = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
    ];
    let outcome = || Outcome {
        key: 42,
        started_ns: 3,
        ended_ns: 4,
        kind: OutcomeKind::Response,
        status: 200,
        fields: fields.iter().copied(),
        body: Body::Inline(b"{\"order\": 4711, \"lines\": []}"),
    };
    let mut answer = vec![0; outcome().encoded()];
    group.bench_function("outcome_encode", |b| {
        b.iter(|| {
            let outcome = black_box(outcome());
            let length = outcome.encoded();
            outcome.encode(black_box(&mut answer[..length]));
        });
    });
    group.bench_function("outcome_decode", |b| {
        b.iter(|| {
            let view = OutcomeView::decode(black_box(&answer)).expect("just encoded");
            for field in view.fields() {
                black_box(field);
            }
            black_box(view.body);
        });
    });
    group.finish();
}

fn arena(c: &mut Criterion) {
    let mut group = c.benchmark_group("arena");
    for (name, length) in [("100kb", 100 << 10), ("1mb", 1 << 20), ("4mb", 4 << 20)] {
        let (_fd, mut arena) = bodies_create(1 << 30).expect("shared memory");
        group.bench_function(format!("alloc_free_{name}"), |b| {
            b.iter(|| {
                let block = arena.try_alloc(black_box(length)).expect("it is empty");
                arena.free(black_box(block));
            });
        });
    }
    // Every second block of a thousand is in use: the search for room passes five hundred holes.
    let (_fd, mut arena) = bodies_create(1 << 30).expect("shared memory");
    let mut blocks: Vec<_> = (0..1000).map(|_| arena.try_alloc(64 << 10)).collect();
    for hole in blocks.iter_mut().step_by(2) {
        arena.free(hole.take().expect("a gibibyte holds a thousand"));
    }
    group.bench_function("alloc_free_behind_500_holes", |b| {
        b.iter_batched(
            || (),
            |()| {
                let block = arena.try_alloc(black_box(100 << 10)).expect("room");
                arena.free(black_box(block));
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, ring, frames, arena);
criterion_main!(benches);
