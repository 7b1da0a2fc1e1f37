//! A second process that is killed while it uses a Region: in the middle of a Frame, between two steps of the
//! Ring's protocol, or while it reads. The survivor sees whole Frames in order, then nothing; it never
//! waits for the dead, and drops the Region afterwards like any other.
//!
//! The second process is this test binary, started again for its ignored test `peer`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod payload;
mod peer;
mod second;

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ferrofunc_wire::{Bell, Consumer, FrameKind, Producer, Sizes};

use payload::{payload_of, serial_of};
use peer::start;

const CAPACITY: usize = 16 << 10;
const SIZES: Sizes = Sizes {
    sync_ring: CAPACITY as u64,
    async_ring: 4096,
    outcome_ring: CAPACITY as u64,
    arena: 1 << 20,
};

#[test]
#[ignore = "the process that the other tests start and kill"]
fn peer() {
    second::run();
}

fn wake(producer: &Producer, bell: &Bell) {
    if producer.is_wake_due() {
        bell.ring();
    }
}

fn sleep(consumer: &Consumer, bell: &Bell) {
    if consumer.declare_asleep() {
        bell.wait();
        consumer.declare_awake();
    }
}

/// Reads what there is; every Frame must be the next one.
fn drain(consumer: &mut Consumer, next: &mut u64) {
    while let Some(frame) = consumer.try_peek().unwrap() {
        assert_eq!(frame.kind, FrameKind::Outcome);
        assert_eq!(serial_of(frame.payload), *next);
        let end = frame.end();
        consumer.release(end);
        *next += 1;
    }
}

fn random_below(limit: u64) -> u64 {
    RandomState::new().hash_one(0) % limit
}

#[test]
fn a_writer_killed_at_any_moment_leaves_whole_frames() {
    let rounds = 60;
    let mut torn = 0;
    for _ in 0..rounds {
        let (mut peer, mut gateway) = start("write");
        let outcomes = &mut gateway.outcomes;
        let bell = peer.another_bell();
        let mut next = 0;
        if outcomes.declare_asleep() {
            peer.wait_ready();
        }
        let is_dead = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_micros(random_below(3000)));
                peer.kill();
                is_dead.store(true, Ordering::Release);
                // As the gateway's watch on the process does.
                bell.ring();
            });
            while !is_dead.load(Ordering::Acquire) {
                drain(outcomes, &mut next);
                sleep(outcomes, &bell);
            }
        });
        drain(outcomes, &mut next);
        assert!(outcomes.is_empty());
        torn += u32::from(peer.torn(next).is_some());
    }
    assert!(
        torn > rounds / 4,
        "only {torn} of {rounds} writers were killed in the middle of a frame"
    );
}

#[test]
fn a_writer_killed_between_two_steps_leaves_whole_frames() {
    for (stop, whole) in [
        ("reserved", 2),
        ("half", 2),
        ("filled", 2),
        ("committed", 2),
        ("published", 3),
    ] {
        let (mut peer, mut gateway) = start(stop);
        peer.wait_ready();
        peer.kill();
        let mut next = 0;
        drain(&mut gateway.outcomes, &mut next);
        assert_eq!(next, whole, "{stop}");
        assert_eq!(
            peer.torn(next).is_some(),
            stop == "half",
            "{stop}: the test must leave behind what it says"
        );
        assert_eq!(
            gateway.outcomes.try_peek().unwrap().map(|frame| frame.kind),
            None
        );
        assert!(
            gateway.outcomes.declare_asleep(),
            "there is nothing more to come"
        );
    }
}

/// False if the ring is full.
fn put(producer: &mut Producer, bell: &Bell, serial: u64) -> bool {
    let payload = payload_of(serial);
    let slot = producer.try_reserve(FrameKind::Outcome, payload.len());
    let has_room = slot.is_some();
    if let Some(mut slot) = slot {
        slot.bytes().copy_from_slice(&payload);
        slot.commit();
        producer.publish();
    }
    // The dead are rung for as well: it costs nothing and blocks nobody.
    wake(producer, bell);
    has_room
}

#[test]
fn a_killed_reader_leaves_a_ring_that_is_full() {
    for _ in 0..20 {
        let (mut peer, mut gateway) = start("read");
        let producer = &mut gateway.sync;
        let bell = peer.another_bell();
        let moment = random_below(40);
        let mut serial = 0;
        while serial < moment {
            if put(producer, &bell, serial) {
                serial += 1;
            } else {
                thread::yield_now();
            }
        }
        peer.kill();
        let alive = serial;
        while put(producer, &bell, serial) {
            serial += 1;
            let nowhere = serial - alive;
            assert!(
                nowhere <= CAPACITY as u64 / 24,
                "the ring of a dead reader has no end"
            );
        }
        assert!(!put(producer, &bell, serial), "a full ring stays full");
        assert!(producer.backlog() <= CAPACITY);
        assert!(!producer.is_wake_due());
    }
}
