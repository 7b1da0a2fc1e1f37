//! Dates and times as .NET's `DateTime.TryParse` reads them with the invariant culture: month
//! before day, English names, nearly any separator, the time before or after the date or alone.
//! Only whether a text is a date is asked, never which one it is.
//!
//! Two of .NET's answers depend on today, and nothing here may read a clock: a date without a year
//! is taken if it exists in some year, and a weekday beside it is then not checked.

use super::calendar::{self, days, month, weekday};

/// The furthest a clock may be from UTC, in minutes.
const MAX_OFFSET: u32 = 14 * 60;

pub(super) fn is_date_time(text: &str) -> bool {
    let mut reader = Reader {
        rest: text.trim(),
        ..Reader::default()
    };
    reader.read().is_some() && !reader.owes_date_part && reader.is_valid()
}

/// A number of a date; more than two digits can only be a year.
#[derive(Clone, Copy)]
struct Number {
    value: u32,
    is_year: bool,
}

#[derive(Default)]
struct Reader<'t> {
    rest: &'t str,
    numbers: Vec<Number>,
    month: Option<u32>,
    weekday: Option<u32>,
    has_time: bool,
    has_zone: bool,
    /// A date separator was read and nothing of the date after it yet.
    owes_date_part: bool,
}

impl Reader<'_> {
    /// Reads to the end, or stops at what no date can hold.
    fn read(&mut self) -> Option<()> {
        let mut after_date_part = false;
        while let Some(next) = self.rest.chars().next() {
            if next.is_whitespace() || next == ',' {
                self.skip(next.len_utf8());
                continue;
            }
            if self.has_zone {
                return None;
            }
            if next.is_ascii_digit() {
                after_date_part = self.number()?;
            } else if next.is_ascii_alphabetic() {
                after_date_part = self.word()?;
            } else if matches!(next, '+' | '-') && self.may_have_offset() && self.offset().is_some()
            {
                self.has_zone = true;
            } else if matches!(next, '/' | '-' | '.') && after_date_part && !self.owes_date_part {
                self.skip(1);
                self.owes_date_part = true;
            } else {
                return None;
            }
        }
        Some(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn take(&mut self, is_wanted: impl Fn(char) -> bool) -> &str {
        let after = self.rest.trim_start_matches(is_wanted);
        let taken = &self.rest[..self.rest.len() - after.len()];
        self.rest = after;
        taken
    }

    /// One or two digits.
    fn two_digits(&mut self) -> Option<u32> {
        let digits = self.take(|found| found.is_ascii_digit());
        if digits.len() > 2 {
            None
        } else {
            digits.parse().ok()
        }
    }

    /// A number: the hour of a time, or a part of the date. Says whether it was the latter.
    fn number(&mut self) -> Option<bool> {
        let digits = self.take(|found| found.is_ascii_digit());
        if digits.len() > 4 {
            return None;
        }
        let number = Number {
            value: digits.parse().ok()?,
            is_year: digits.len() > 2,
        };
        if self.rest.starts_with(':') || self.at_day_half().is_some() {
            if number.is_year || self.has_time || self.owes_date_part {
                return None;
            }
            self.time(number.value)?;
            self.has_time = true;
            return Some(false);
        }
        if self.numbers.len() == 3 {
            return None;
        }
        self.numbers.push(number);
        self.owes_date_part = false;
        Some(true)
    }

    /// The rest of a time whose hour was read.
    fn time(&mut self, hour: u32) -> Option<()> {
        if self.rest.starts_with(':') {
            self.skip(1);
            if self.two_digits()? > 59 {
                return None;
            }
            if self.rest.starts_with(':') {
                self.skip(1);
                if self.two_digits()? > 59 {
                    return None;
                }
                if self.rest.starts_with('.') {
                    self.skip(1);
                    if self.take(|found| found.is_ascii_digit()).is_empty() {
                        return None;
                    }
                }
            }
        }
        let last_hour = match self.at_day_half() {
            Some(after) => {
                self.skip(after);
                12
            }
            None => 23,
        };
        (hour <= last_hour).then_some(())
    }

    /// The length of `AM` or `PM` with the white space before it, if that comes next.
    fn at_day_half(&self) -> Option<usize> {
        let word = self.rest.trim_start();
        let is_half = word
            .get(..2)
            .is_some_and(|half| half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm"));
        let ends = !word
            .get(2..)?
            .starts_with(|next: char| next.is_ascii_alphanumeric());
        (is_half && ends).then_some(self.rest.len() - word.len() + 2)
    }

    /// A name or a mark. Says whether it was a month.
    fn word(&mut self) -> Option<bool> {
        let follows_number = self.numbers.len() > usize::from(self.month.is_some());
        let word = self
            .take(|found| found.is_ascii_alphabetic())
            .to_ascii_lowercase();
        if let Some(month) = month(&word) {
            self.owes_date_part = false;
            return self.month.replace(month).is_none().then_some(true);
        }
        if self.owes_date_part {
            return None;
        }
        if let Some(weekday) = weekday(&word) {
            return self.weekday.replace(weekday).is_none().then_some(false);
        }
        match word.as_str() {
            "t" if follows_number && !self.has_time => {
                let hour = self.two_digits()?;
                if !self.rest.starts_with(':') {
                    return None;
                }
                self.time(hour)?;
                self.has_time = true;
            }
            "z" | "gmt" if self.has_time || self.numbers.len() == 3 => self.has_zone = true,
            _ => return None,
        }
        Some(false)
    }

    fn may_have_offset(&self) -> bool {
        self.has_time || (self.numbers.len() == 3 && self.rest.contains(':'))
    }

    /// `+2`, `-0530`, `+05:30`.
    fn offset(&mut self) -> Option<()> {
        let mut ahead = Reader {
            rest: &self.rest[1..],
            ..Reader::default()
        };
        let digits = ahead.take(|found| found.is_ascii_digit()).to_owned();
        let (hours, minutes): (u32, u32) = match digits.len() {
            1 | 2 if ahead.rest.starts_with(':') => {
                ahead.skip(1);
                (digits.parse().ok()?, ahead.two_digits()?)
            }
            1 | 2 => (digits.parse().ok()?, 0),
            4 => (digits[..2].parse().ok()?, digits[2..].parse().ok()?),
            _ => return None,
        };
        let left = ahead.rest.len();
        let is_offset = minutes < 60 && hours * 60 + minutes <= MAX_OFFSET;
        self.skip(self.rest.len() - left);
        is_offset.then_some(())
    }

    /// Whether what was read makes a date, a time, or both.
    fn is_valid(&self) -> bool {
        if self.numbers.iter().filter(|number| number.is_year).count() > 1 {
            return false;
        }
        let year = self
            .numbers
            .iter()
            .find(|number| number.is_year)
            .map(|number| number.value);
        let small: Vec<u32> = self
            .numbers
            .iter()
            .filter(|number| !number.is_year)
            .map(|number| number.value)
            .collect();
        match (self.month, year, &small[..]) {
            (None, None, []) => self.has_time && self.weekday.is_none(),
            (None, None, &[month, day]) | (Some(month), None, &[day]) => {
                self.is_day(None, month, day)
            }
            (None, None, &[month, day, short]) => {
                self.is_day(Some(calendar::full_year(short)), month, day)
            }
            (None, Some(year), &[month]) | (Some(month), Some(year), []) => {
                self.is_day(Some(year), month, 1)
            }
            (None, Some(year), &[month, day]) | (Some(month), Some(year), &[day]) => {
                self.is_day(Some(year), month, day)
            }
            (Some(month), None, &[first, second]) => {
                self.is_day(Some(calendar::full_year(second)), month, first)
                    || self.is_day(Some(calendar::full_year(first)), month, second)
            }
            _ => false,
        }
    }

    fn is_day(&self, year: Option<u32>, month: u32, day: u32) -> bool {
        let exists = (1..=9999).contains(&year.unwrap_or(2000))
            && (1..=days(year.unwrap_or(2000), month)).contains(&day);
        exists
            && match (year, self.weekday) {
                (Some(year), Some(expected)) => calendar::weekday_of(year, month, day) == expected,
                _ => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::is_date_time;

    #[test]
    fn dates_and_times() {
        for text in [
            "2016-12-31",
            "2016-12-31 7:32pm",
            "2016-12-31T07:32",
            "2016-12-31T07:32:15.1234567Z",
            "2016-12-31T07:32:15+05:30",
            "2016-12-31T07:32:15-0800",
            "2016-12-31 07:32:15 -8",
            "2016-12-31Z",
            "2016-12-31+02:00",
            "2016/12/31",
            "12/31/2016",
            "12-31-2016",
            "12.31.2016",
            "1/2/99",
            "2016-12",
            "12/2016",
            "2/29",
            "2/29/2016",
            "02-29-00",
            "31 December 2016",
            "December 31, 2016",
            "Dec 31 2016",
            "31-Dec-2016",
            "31Dec2016",
            "Dec. 31, 16",
            "December 2016",
            "2016 December",
            "December 31",
            "31 dec",
            "Sat, 31 Dec 2016 07:32:15 GMT",
            "Saturday, December 31, 2016",
            "Mon 1 Jan",
            "10:30",
            "10:30:15.5",
            "10 PM",
            "10pm",
            "12:00 am",
            "0:00",
            "10:30 12/31/2016",
            " 2016-12-31 ",
        ] {
            assert!(is_date_time(text), "{text:?}");
        }
    }

    #[test]
    fn no_dates() {
        for text in [
            "",
            "x",
            "5",
            "2016",
            "20161231",
            "2016-13-01",
            "2016-12-32",
            "2015-02-29",
            "1900-02-29",
            "31/12/2016",
            "2016-12-31-",
            "2016--12-31",
            "-2016-12-31",
            "2016-12-31T",
            "2016-12-31T7",
            "24:00",
            "10:60",
            "10:30:60",
            "13:00 PM",
            "10:30:",
            "10:30:15.",
            "10:30 10:30",
            "Sun, 31 Dec 2016",
            "Monday",
            "December",
            "Dec Dec 1",
            "31st Dec 2016",
            "Z",
            "GMT",
            "2016-12-31 GMT x",
            "10:30+15:00",
            "10:30+05:60",
            "1/2/3/4",
            "2016-2017-01",
            "0000-01-01",
            "12345-01-01",
            "２０１６-12-31",
            "10:30 -",
            "2016-12-31T07:32ZZ",
        ] {
            assert!(!is_date_time(text), "{text:?}");
        }
    }
}
