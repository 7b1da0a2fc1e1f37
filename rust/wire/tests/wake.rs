//! Two real threads, a small Ring between them and Bells to sleep on: what `loom.rs` shows for a few Frames,
//! at full speed for many.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::thread;

use ferrofunc_wire::testing::heap_ring;
use ferrofunc_wire::{Bell, Consumer, FrameKind, Producer};

/// Frames to send; fewer where every instruction is watched.
fn frames() -> u64 {
    std::env::var("WIRE_FRAMES").map_or(200_000, |frames| frames.parse().unwrap())
}

fn length_of(serial: u64, longest: usize) -> usize {
    (serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize % (longest + 1)
}

fn fill(bytes: &mut [u8], serial: u64) {
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = (serial as usize + at) as u8;
    }
}

/// Sends all Frames, ringing only when told to. Sleeps on `room` when the ring is full.
fn send(mut producer: Producer, bell: &Bell, room: &Bell) -> u64 {
    let longest = producer.max_payload();
    let mut rings = 0;
    let mut wake = |producer: &mut Producer| {
        producer.publish();
        if producer.is_wake_due() {
            rings += 1;
            bell.ring();
        }
    };
    for serial in 0..frames() {
        let length = length_of(serial, longest);
        loop {
            if let Some(mut slot) = producer.try_reserve(FrameKind::Outcome, length) {
                fill(slot.bytes(), serial);
                slot.commit();
                break;
            }
            wake(&mut producer);
            room.wait();
        }
        // In batches of uneven size, as a gateway does.
        if serial % 7 < 3 {
            wake(&mut producer);
        }
    }
    wake(&mut producer);
    rings
}

/// Takes all Frames; returns how often it lay down.
fn receive(mut consumer: Consumer, bell: &Bell, room: &Bell) -> u64 {
    let longest = {
        let (producer, _) = heap_ring(CAPACITY);
        producer.max_payload()
    };
    let mut expected = Vec::new();
    let (mut serial, mut sleeps) = (0, 0);
    while serial < frames() {
        let Some(frame) = consumer.try_peek().unwrap() else {
            sleeps += 1;
            if consumer.declare_asleep() {
                bell.wait();
                consumer.declare_awake();
            }
            continue;
        };
        expected.resize(length_of(serial, longest), 0);
        fill(&mut expected, serial);
        assert_eq!(frame.payload, expected, "frame {serial}");
        let end = frame.end();
        consumer.release(end);
        serial += 1;
        room.ring();
    }
    sleeps
}

const CAPACITY: usize = 1024;

#[test]
fn no_frame_is_lost_or_slept_through_between_threads() {
    let (producer, consumer) = heap_ring(CAPACITY);
    let (bell, room) = (Bell::slept_on().unwrap(), Bell::slept_on().unwrap());
    let (rings, sleeps) = thread::scope(|scope| {
        let sender = scope.spawn(|| send(producer, &bell, &room));
        let sleeps = receive(consumer, &bell, &room);
        (sender.join().unwrap(), sleeps)
    });
    assert!(rings <= sleeps, "{rings} rings for {sleeps} sleeps");
}

#[test]
fn a_bell_rung_early_still_wakes() {
    let bell = Bell::slept_on().unwrap();
    bell.ring();
    bell.ring();
    bell.wait();
    let watched = Bell::watched().unwrap();
    assert!(!watched.hush());
    watched.ring();
    watched.ring();
    assert!(watched.hush());
    assert!(!watched.hush(), "two rings are one wake-up");
}
