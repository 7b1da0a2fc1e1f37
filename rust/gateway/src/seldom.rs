//! Words that a caller can provoke, kept from becoming a flood: some in each stretch of time, the rest
//! counted. Decides only whether to speak; who asks does the speaking.

/// At most `most` times in each `window_ns`.
pub(crate) struct Seldom {
    most: u32,
    window_ns: u64,
    began_ns: u64,
    said: u32,
    unsaid: u64,
}

impl Seldom {
    pub(crate) const fn new(most: u32, window_ns: u64) -> Self {
        Self {
            most,
            window_ns,
            began_ns: 0,
            said: 0,
            unsaid: 0,
        }
    }

    /// Whether it may be said now; then, how often it was not since it last was.
    pub(crate) fn try_speak(&mut self, now_ns: u64) -> Option<u64> {
        // A stretch begins with the first word in it.
        if self.said == 0 || now_ns.saturating_sub(self.began_ns) >= self.window_ns {
            self.began_ns = now_ns;
            self.said = 0;
        }
        if self.said >= self.most {
            self.unsaid += 1;
            return None;
        }
        self.said += 1;
        Some(std::mem::take(&mut self.unsaid))
    }
}

/// What a line ends with when others like it were not printed.
pub(crate) fn and_more(unsaid: u64) -> String {
    match unsaid {
        0 => String::new(),
        count => format!(" ({count} more like this were not printed.)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn some_in_a_window_and_the_count_of_the_others() {
        let mut seldom = Seldom::new(2, 10 * SECOND);
        let start = 5 * SECOND;
        let asked = [0, 1, 2, 3, 12, 12, 12, 40].map(|at| seldom.try_speak(start + at * SECOND));
        let said = [
            Some(0),
            Some(0),
            None,
            None,
            Some(2),
            Some(0),
            None,
            Some(1),
        ];
        assert_eq!(asked, said);
        assert_eq!(and_more(0), "");
        assert_eq!(and_more(2), " (2 more like this were not printed.)");
    }
}
