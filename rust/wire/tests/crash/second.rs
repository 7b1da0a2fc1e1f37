//! The second process: opens the Region it inherited, and does what it is told until it is killed.

use std::{env, hint, thread};

use ferrofunc_wire::{Bell, Consumer, FrameKind, Producer, Region, inherited};

use crate::payload::{payload_of, serial_of};
use crate::{sleep, wake};

pub(crate) fn run() {
    let number = |name: &str| -> i32 {
        let value = env::var(name).expect("started by the other tests of this file only");
        value.parse().unwrap()
    };
    let region = Region::open(inherited(number("WIRE_REGION")).unwrap()).unwrap();
    let bell = Bell::from_fd(inherited(number("WIRE_BELL")).unwrap());
    let worker = region.into_worker();
    match env::var("WIRE_ROLE").unwrap().as_str() {
        "write" => write_for_ever(worker.outcomes, &bell),
        "read" => read_for_ever(worker.sync, &bell),
        stop => write_and_stop(worker.outcomes, &bell, stop),
    }
}

fn a_while() {
    for _ in 0..20 {
        hint::spin_loop();
    }
}

fn write_for_ever(mut producer: Producer, bell: &Bell) -> ! {
    for serial in 0.. {
        let payload = payload_of(serial);
        let mut slot = loop {
            match producer.try_reserve(FrameKind::Outcome, payload.len()) {
                // The borrow checker does not let a loop give away what it borrowed: ask again.
                Some(_) => {
                    break producer
                        .try_reserve(FrameKind::Outcome, payload.len())
                        .unwrap();
                }
                None => thread::yield_now(),
            }
        };
        for (byte, value) in slot.bytes().iter_mut().zip(&payload) {
            *hint::black_box(&mut *byte) = *value;
            a_while();
        }
        slot.commit();
        producer.publish();
        wake(&producer, bell);
    }
    unreachable!("killed before 2^64 frames");
}

fn sleep_for_ever(bell: &Bell) -> ! {
    bell.ring();
    loop {
        thread::park();
    }
}

/// Writes two Frames, and of the third as much as `stop` says.
fn write_and_stop(mut producer: Producer, bell: &Bell, stop: &str) -> ! {
    for serial in 0..2 {
        let payload = payload_of(serial);
        let mut slot = producer
            .try_reserve(FrameKind::Outcome, payload.len())
            .unwrap();
        slot.bytes().copy_from_slice(&payload);
        slot.commit();
        producer.publish();
    }
    let payload = payload_of(2);
    let mut slot = producer
        .try_reserve(FrameKind::Outcome, payload.len())
        .unwrap();
    let part = match stop {
        "reserved" => 0,
        "half" => payload.len() / 2,
        _ => payload.len(),
    };
    slot.bytes()[..part].copy_from_slice(&payload[..part]);
    if matches!(stop, "reserved" | "half" | "filled") {
        sleep_for_ever(bell);
    }
    slot.commit();
    if stop == "committed" {
        sleep_for_ever(bell);
    }
    producer.publish();
    // Published, but not told: whoever sleeps learns it from the death.
    sleep_for_ever(bell);
}

fn read_for_ever(mut consumer: Consumer, bell: &Bell) -> ! {
    let mut expected = 0;
    loop {
        let Some(frame) = consumer.try_peek().unwrap() else {
            sleep(&consumer, bell);
            continue;
        };
        for byte in frame.payload {
            hint::black_box(byte);
            a_while();
        }
        assert_eq!(serial_of(frame.payload), expected);
        let end = frame.end();
        consumer.release(end);
        expected += 1;
    }
}
