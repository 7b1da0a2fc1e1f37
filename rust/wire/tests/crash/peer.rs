//! The second process as the survivor holds it: started, waited for, killed, and looked at afterwards.

use std::env;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};

use ferrofunc_wire::{Bell, GatewayEnds, Region, inherited};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{FdFlags, fcntl_setfd, pread};

use crate::payload::payload_of;
use crate::{CAPACITY, SIZES};

pub(crate) struct Peer {
    process: Child,
    region: OwnedFd,
    bell: Bell,
    outcomes_at: (u64, u64),
}

/// A copy that the next process started here inherits.
fn passed_on(fd: BorrowedFd<'_>) -> OwnedFd {
    let copy = inherited(fd.as_raw_fd()).unwrap();
    fcntl_setfd(&copy, FdFlags::empty()).unwrap();
    copy
}

pub(crate) fn start(role: &str) -> (Peer, GatewayEnds) {
    let region = Region::create(SIZES).unwrap();
    let bell = Bell::slept_on().unwrap();
    let outcomes_at = region.ring_offsets()[2];
    let fds = [passed_on(region.as_fd()), passed_on(bell.as_fd())];
    let process = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "peer"])
        .env("WIRE_ROLE", role)
        .env("WIRE_REGION", fds[0].as_raw_fd().to_string())
        .env("WIRE_BELL", fds[1].as_raw_fd().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let peer = Peer {
        process,
        region: inherited(region.as_fd().as_raw_fd()).unwrap(),
        bell,
        outcomes_at,
    };
    (peer, region.into_gateway())
}

impl Peer {
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        assert_eq!(
            status.signal(),
            Some(9),
            "it died of something else: {status}"
        );
    }

    /// Waits until the peer rings for the first time; one that ends before that has failed.
    pub(crate) fn wait_ready(&mut self) {
        let timeout = Timespec {
            tv_sec: 0,
            tv_nsec: 50_000_000,
        };
        while poll(
            &mut [PollFd::new(&self.bell, PollFlags::IN)],
            Some(&timeout),
        ) != Ok(1)
        {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "the peer ended too early: {ended:?}");
        }
    }

    pub(crate) fn another_bell(&self) -> Bell {
        Bell::from_fd(inherited(self.bell.as_raw_fd()).unwrap())
    }

    fn at(&self, offset: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        assert_eq!(pread(&self.region, &mut bytes[..], offset), Ok(length));
        bytes
    }

    /// How much of Frame `serial` was written, if it was begun and not finished. Looks behind the published
    /// tail, where no reader of a Ring looks.
    pub(crate) fn torn(&self, serial: u64) -> Option<usize> {
        let (words, bytes) = self.outcomes_at;
        let tail = u64::from_le_bytes(self.at(words, 8).try_into().unwrap()) as usize;
        let payload = payload_of(serial);
        let offset = tail % CAPACITY;
        let start = if offset + 8 + payload.len() > CAPACITY {
            0
        } else {
            offset
        };
        let prefix = self.at(bytes + start as u64, 8);
        if prefix[..4] != (payload.len() as u32).to_le_bytes() {
            return None;
        }
        let there = self.at(bytes + start as u64 + 8, payload.len());
        let written = there
            .iter()
            .zip(&payload)
            .take_while(|(a, b)| a == b)
            .count();
        (0 < written && written < payload.len()).then_some(written)
    }
}
