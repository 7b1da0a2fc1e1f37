//! A new Function table comes into force while Invocations of the table before it run or wait.
//!
//! Rows are numbers, and the same number may mean another Function in the new table. What runs keeps its
//! own Function, moved behind the new rows, until it has ended; what waits is started by its name.

use std::collections::HashMap;

use crate::dispatch::Table;
use crate::reactor::Reactor;
use crate::report::Served;

impl Reactor {
    pub(crate) fn take_over(&mut self, mut table: Table) {
        if let Some(before) = self.table.take() {
            self.rename_waiting(&before.functions, &table.functions);
            self.carry_running(before.functions, &mut table.functions);
        }
        self.table = Some(table);
    }

    fn rename_waiting(&mut self, before: &[Served], now: &[Served]) {
        for submission in &mut self.submissions {
            let name = before
                .get(usize::from(submission.row))
                .map(|function| function.name.as_str());
            let row = now.iter().position(|function| {
                !function.name.is_empty() && Some(function.name.as_str()) == name
            });
            // A Function that is there no more has no row: its submissions fail when they are tried.
            submission.row = row
                .and_then(|row| u16::try_from(row).ok())
                .unwrap_or(u16::MAX);
        }
    }

    fn carry_running(&mut self, mut before: Vec<Served>, now: &mut Vec<Served>) {
        let mut moved = HashMap::new();
        self.exchanges.renumber(|row| {
            *moved.entry(row).or_insert_with(|| {
                let Some(function) = before.get_mut(usize::from(row)) else {
                    return u16::MAX;
                };
                let next = u16::try_from(now.len()).unwrap_or(u16::MAX);
                if next < u16::MAX {
                    now.push(std::mem::replace(function, Served::unknown()));
                }
                next
            })
        });
    }
}
