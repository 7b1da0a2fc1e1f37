//! Watches one folder: tells the host which of its files have come, gone or changed. Files only, one level;
//! what a change means is the host's affair. Called by `reactor`.

use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};

/// Room for a batch of the kernel's records; what does not fit is read next.
const RECORDS: usize = 4096;

pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Begins to watch. What happened before is not told.
    pub(crate) fn watch(path: &Path) -> std::io::Result<Self> {
        let fd = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        // A file is told when it is complete, not at its first byte.
        let wanted = WatchFlags::CLOSE_WRITE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVED_TO
            | WatchFlags::ONLYDIR;
        add_watch(&fd, path, wanted)?;
        Ok(Self(fd))
    }

    pub(crate) fn descriptor(&self) -> i32 {
        self.0.as_raw_fd()
    }

    /// Names of the files that something has happened to since the last call, each once.
    pub(crate) fn take(&self) -> Vec<String> {
        let mut records = [MaybeUninit::uninit(); RECORDS];
        let mut reader = Reader::new(&self.0, &mut records);
        let mut names: Vec<String> = Vec::new();
        // Ends when there is nothing more to read, which is an error of its own.
        while let Ok(record) = reader.next() {
            if let Some(name) = record.file_name() {
                let name = name.to_string_lossy().into_owned();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }
}
