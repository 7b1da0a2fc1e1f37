//! Numbers as .NET reads them with the invariant culture: which texts are numbers, not which
//! numbers they are (except for whole numbers, which bounds are compared with). ASCII digits only,
//! a comma groups thousands anywhere among the whole digits, white space only outside.

/// 2^96 - 1, the largest decimal.
const DECIMAL_MAX: &str = "79228162514264337593543950335";

/// A whole number with optional sign and surrounding white space.
pub(super) fn integer(text: &str) -> Option<i64> {
    let text = text.trim_matches(is_white);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A number with sign before or after, thousands commas and a point; no exponent, no parentheses.
pub(super) fn is_decimal(text: &str) -> bool {
    let text = text.trim_start_matches(is_white);
    let (unsigned, has_sign) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let Some((mantissa, rest)) = Mantissa::read(unsigned) else {
        return false;
    };
    let rest = rest.trim_matches(is_white);
    (rest.is_empty() || (!has_sign && matches!(rest, "+" | "-"))) && mantissa.is_decimal()
}

/// A number with leading sign, thousands commas, a point and an exponent, or a name for what is
/// none. Any size passes: what is too large is infinite.
pub(super) fn is_double(text: &str) -> bool {
    is_number_with_exponent(text.trim_matches(is_white)) || is_symbol(text.trim())
}

fn is_number_with_exponent(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let Some((_, rest)) = Mantissa::read(unsigned) else {
        return false;
    };
    let Some(exponent) = rest.strip_prefix(['e', 'E']) else {
        return rest.is_empty();
    };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_symbol(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned.eq_ignore_ascii_case("Infinity") || unsigned.eq_ignore_ascii_case("NaN")
}

/// The white space .NET allows around numbers.
fn is_white(found: char) -> bool {
    matches!(found, ' ' | '\t'..='\r')
}

/// Digits with commas and a point.
struct Mantissa<'t> {
    whole: &'t str,
    fraction: &'t str,
}

impl<'t> Mantissa<'t> {
    /// The mantissa at the start of `text`, which has at least one digit, and what follows it.
    fn read(text: &'t str) -> Option<(Self, &'t str)> {
        // A comma before the first digit groups nothing.
        let grouped = if text.starts_with(',') { "" } else { text };
        let after_whole =
            grouped.trim_start_matches(|found: char| found.is_ascii_digit() || found == ',');
        let whole = &grouped[..grouped.len() - after_whole.len()];
        let (fraction, rest) = match after_whole.strip_prefix('.') {
            Some(after_point) => {
                let rest = after_point.trim_start_matches(|found: char| found.is_ascii_digit());
                (&after_point[..after_point.len() - rest.len()], rest)
            }
            None => ("", after_whole),
        };
        (!whole.is_empty() || !fraction.is_empty()).then_some((Self { whole, fraction }, rest))
    }

    /// Whether the number, rounded to what a decimal can hold, is no larger than the largest.
    fn is_decimal(&self) -> bool {
        let digits = || {
            self.whole
                .bytes()
                .filter(u8::is_ascii_digit)
                .skip_while(|&digit| digit == b'0')
        };
        match digits().count().cmp(&DECIMAL_MAX.len()) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => match digits().cmp(DECIMAL_MAX.bytes()) {
                std::cmp::Ordering::Less => true,
                std::cmp::Ordering::Greater => false,
                // The largest decimal is odd, so a half rounds up and over.
                std::cmp::Ordering::Equal => !matches!(self.fraction.bytes().next(), Some(b'5'..)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{integer, is_decimal, is_double};

    #[test]
    fn whole_numbers() {
        for (text, value) in [("7", 7), ("007", 7), (" -5 ", -5), ("+3\t", 3), ("-0", 0)] {
            assert_eq!(integer(text), Some(value), "{text:?}");
        }
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        for text in [
            "",
            " ",
            "+",
            "--1",
            "+ 1",
            "1 1",
            "1.0",
            "1,0",
            "0x1",
            "٣",
            "9223372036854775808",
            "1\u{a0}",
        ] {
            assert_eq!(integer(text), None, "{text:?}");
        }
    }

    #[test]
    fn decimals() {
        for text in [
            "1",
            "1.5",
            ".5",
            "5.",
            "1,234.5",
            "1,2,3",
            "1,,",
            " -5 ",
            "5-",
            "5 - ",
            "+0.0",
            "79228162514264337593543950335",
            "0000000000000000000000000000000001",
            "79228162514264337593543950335.4",
        ] {
            assert!(is_decimal(text), "{text:?}");
        }
        for text in [
            "",
            ".",
            ",1",
            "-",
            "-5-",
            "1e5",
            "(5)",
            "1.2.3",
            "1.5,0",
            "$5",
            "79228162514264337593543950336",
            "79228162514264337593543950335.5",
            "100000000000000000000000000000",
            "NaN",
            "5--",
        ] {
            assert!(!is_decimal(text), "{text:?}");
        }
    }

    #[test]
    fn doubles() {
        for text in [
            "1",
            "1.5e-3",
            "1,234.5E+6",
            ".5",
            "5.",
            " -1e5 ",
            "1e999",
            "NaN",
            "nan",
            "Infinity",
            "-infinity",
            "+NaN",
            " Infinity ",
        ] {
            assert!(is_double(text), "{text:?}");
        }
        for text in [
            "", ".", "e5", "1e", "1e+", "1 e5", "5-", "inf", "∞", "1e5.5", ",1", "0x1p3",
        ] {
            assert!(!is_double(text), "{text:?}");
        }
    }
}
