//! The calendar that dates are checked against: names, lengths of months, days of the week.
//! Gregorian throughout, years 1 to 9999. Used by `date` only.

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// From Sunday, which is 0.
const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// A month's number, by its name in lower case, in full or its first three letters.
pub(super) fn month(word: &str) -> Option<u32> {
    named(&MONTHS, word).map(|index| index + 1)
}

/// A weekday's number, Sunday being 0, by its name likewise.
pub(super) fn weekday(word: &str) -> Option<u32> {
    named(&WEEKDAYS, word)
}

fn named(names: &[&str], word: &str) -> Option<u32> {
    let index = names
        .iter()
        .position(|name| *name == word || name[..3] == *word)?;
    u32::try_from(index).ok()
}

/// A year of two digits: up to 49 in this century.
pub(super) fn full_year(short: u32) -> u32 {
    if short <= 49 {
        2000 + short
    } else {
        1900 + short
    }
}

/// How many days a month has; none if there is no such month.
pub(super) fn days(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// The day of the week, Sunday being 0: days since the Sunday before 0001-01-01.
pub(super) fn weekday_of(year: u32, month: u32, day: u32) -> u32 {
    let before = year - 1;
    let past_years = before * 365 + before / 4 - before / 100 + before / 400;
    let past_months: u32 = (1..month).map(|past| days(year, past)).sum();
    (past_years + past_months + day) % 7
}

#[cfg(test)]
mod tests {
    use super::{days, month, weekday, weekday_of};

    #[test]
    fn weekdays_of_known_days() {
        for (year, month, day, name) in [
            (1, 1, 1, "monday"),
            (1900, 2, 28, "wednesday"),
            (1900, 3, 1, "thursday"),
            (1970, 1, 1, "thursday"),
            (2000, 2, 29, "tuesday"),
            (2024, 12, 31, "tuesday"),
            (9999, 12, 31, "friday"),
        ] {
            assert_eq!(
                Some(weekday_of(year, month, day)),
                weekday(name),
                "{year}-{month}-{day}"
            );
        }
    }

    #[test]
    fn months() {
        assert_eq!(
            (month("may"), month("dec"), month("december")),
            (Some(5), Some(12), Some(12))
        );
        assert_eq!((month("de"), month("decem"), month("")), (None, None, None));
        assert_eq!((days(2023, 2), days(2024, 2), days(2100, 2)), (28, 29, 28));
        assert_eq!(
            (days(2024, 4), days(2024, 12), days(2024, 13), days(2024, 0)),
            (30, 31, 0, 0)
        );
    }
}
