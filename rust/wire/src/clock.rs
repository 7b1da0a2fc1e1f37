//! Time and identity for Frames: one monotonic clock for all processes, ids from a pool of random bytes.

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of `CLOCK_MONOTONIC`: comparable between processes of one machine.
#[must_use]
pub fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec.cast_unsigned() * 1_000_000_000 + now.tv_nsec.cast_unsigned()
}

/// Random bytes asked of the kernel at once: 256 invocation ids a system call.
const POOL: usize = 4096;

/// A source of invocation ids: version 4 UUIDs as 16 bytes. One that was used before a `fork` gives the same
/// ids in both processes: make it afterwards.
pub struct InvocationIds {
    pool: Box<[u8; POOL]>,
    at: usize,
}

impl Default for InvocationIds {
    fn default() -> Self {
        Self {
            pool: Box::new([0; POOL]),
            at: POOL,
        }
    }
}

impl InvocationIds {
    /// The next id.
    pub fn take(&mut self) -> [u8; 16] {
        if self.at + 16 > POOL {
            self.refill();
        }
        let mut id = [0; 16];
        id.copy_from_slice(&self.pool[self.at..self.at + 16]);
        self.at += 16;
        id[6] = (id[6] & 0x0f) | 0x40;
        id[8] = (id[8] & 0x3f) | 0x80;
        id
    }

    fn refill(&mut self) {
        let mut filled = 0;
        while filled < POOL {
            match rustix::rand::getrandom(
                &mut self.pool[filled..],
                rustix::rand::GetRandomFlags::empty(),
            ) {
                Ok(n) => filled += n,
                Err(rustix::io::Errno::INTR) => {}
                // Without getrandom(2) ids must still be unique: the clock and an address differ
                // between processes, and nothing here is a secret.
                Err(_) => {
                    let mut state = now_ns() ^ (std::ptr::from_ref(self) as u64).rotate_left(32);
                    for byte in &mut self.pool[filled..] {
                        state = state
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        *byte = (state >> 56) as u8;
                    }
                    break;
                }
            }
        }
        self.at = 0;
    }
}

/// An invocation id as people read it: 36 lower-case characters with dashes.
#[must_use]
pub fn id_text(id: [u8; 16]) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(36);
    for (index, byte) in id.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    text
}
