//! Constraints: what a parameter's text must look like. Each name means what it means to .NET with
//! the invariant culture, because that is what authors tested against; the text itself is never
//! converted, only judged. One constraint, one arm; the parsers of numbers, dates, GUIDs and
//! regular expressions have a file each. Created by the template parser, asked by the router.

mod calendar;
mod date;
mod guid;
mod number;
mod pattern;

use crate::error::ConstraintFault;
use pattern::Pattern;

#[derive(Debug)]
pub(crate) enum Constraint {
    Int,
    Long,
    Bool,
    DateTime,
    Decimal,
    /// `double` and `float`: they read alike, and too large a number is infinity, not a failure.
    Double,
    Guid,
    /// In UTF-16 code units, .NET's characters; inclusive.
    Length(u32, u32),
    /// Of the value read as a 64-bit integer; inclusive.
    Range(i64, i64),
    Alpha,
    Regex(Pattern),
    Required,
    File,
    NonFile,
}

impl Constraint {
    /// Reads `name` or `name(arguments)`.
    pub(crate) fn parse(text: &str) -> Result<Self, ConstraintFault> {
        let (name, arguments) = match text.split_once('(') {
            Some((name, rest)) if rest.ends_with(')') => (name, Some(&rest[..rest.len() - 1])),
            _ => (text, None),
        };
        let plain = |constraint| no_argument(arguments).map(|()| constraint);
        match name.to_ascii_lowercase().as_str() {
            "int" => plain(Self::Int),
            "long" => plain(Self::Long),
            "bool" => plain(Self::Bool),
            "datetime" => plain(Self::DateTime),
            "decimal" => plain(Self::Decimal),
            "double" | "float" => plain(Self::Double),
            "guid" => plain(Self::Guid),
            "alpha" => plain(Self::Alpha),
            "required" => plain(Self::Required),
            "file" => plain(Self::File),
            "nonfile" => plain(Self::NonFile),
            "minlength" => Ok(Self::Length(length(one_argument(arguments)?)?, u32::MAX)),
            "maxlength" => Ok(Self::Length(0, length(one_argument(arguments)?)?)),
            "length" => match listed(arguments)[..] {
                [exact] => length(exact).map(|exact| Self::Length(exact, exact)),
                [least, most] => ordered(length(least)?, length(most)?)
                    .map(|(low, high)| Self::Length(low, high)),
                ref other => Err(count("one or two arguments", other.len())),
            },
            "min" => Ok(Self::Range(long(one_argument(arguments)?)?, i64::MAX)),
            "max" => Ok(Self::Range(i64::MIN, long(one_argument(arguments)?)?)),
            "range" => match listed(arguments)[..] {
                [least, most] => {
                    ordered(long(least)?, long(most)?).map(|(low, high)| Self::Range(low, high))
                }
                ref other => Err(count("two arguments", other.len())),
            },
            "regex" => Pattern::new(one_argument(arguments)?).map(Self::Regex),
            _ => Err(ConstraintFault::Unknown),
        }
    }

    /// Whether a parameter that has this text may match.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Int => number::integer(text).is_some_and(|value| i32::try_from(value).is_ok()),
            Self::Long => number::integer(text).is_some(),
            Self::Bool => {
                let word = text.trim();
                word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
            }
            Self::DateTime => date::is_date_time(text),
            Self::Decimal => number::is_decimal(text),
            Self::Double => number::is_double(text),
            Self::Guid => guid::is_guid(text),
            Self::Length(least, most) => {
                let length = text.encode_utf16().count();
                length >= *least as usize && length <= *most as usize
            }
            Self::Range(least, most) => {
                number::integer(text).is_some_and(|value| (*least..=*most).contains(&value))
            }
            Self::Alpha => text.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Self::Regex(pattern) => pattern.is_match(text),
            Self::Required => !text.is_empty(),
            Self::File => is_file_name(text),
            Self::NonFile => !is_file_name(text),
        }
    }

    /// Whether a catch-all that caught nothing, and has no default, may match. The missing value is
    /// not an empty text: only `nonfile` passes.
    pub(crate) fn accepts_absence(&self) -> bool {
        matches!(self, Self::NonFile)
    }
}

/// Whether the last of the text's segments has a dot with something other than dots after it.
fn is_file_name(text: &str) -> bool {
    let last = text.rsplit('/').next().unwrap_or_default();
    last.split_once('.')
        .is_some_and(|(_, extension)| extension.contains(|found| found != '.'))
}

fn no_argument(arguments: Option<&str>) -> Result<(), ConstraintFault> {
    match listed(arguments).len() {
        0 => Ok(()),
        found => Err(count("no arguments", found)),
    }
}

/// The whole text between the parentheses: commas in it do not separate.
fn one_argument(arguments: Option<&str>) -> Result<&str, ConstraintFault> {
    arguments.ok_or_else(|| count("one argument", 0))
}

fn listed(arguments: Option<&str>) -> Vec<&str> {
    arguments
        .map(|text| text.split(',').map(str::trim).collect())
        .unwrap_or_default()
}

fn count(expected: &'static str, found: usize) -> ConstraintFault {
    ConstraintFault::ArgumentCount { expected, found }
}

fn long(argument: &str) -> Result<i64, ConstraintFault> {
    number::integer(argument).ok_or_else(|| ConstraintFault::NotANumber {
        argument: argument.to_owned(),
    })
}

fn length(argument: &str) -> Result<u32, ConstraintFault> {
    let value = i32::try_from(long(argument)?).map_err(|_| ConstraintFault::NotANumber {
        argument: argument.to_owned(),
    })?;
    u32::try_from(value).map_err(|_| ConstraintFault::NegativeLength)
}

fn ordered<N: PartialOrd>(low: N, high: N) -> Result<(N, N), ConstraintFault> {
    if low <= high {
        Ok((low, high))
    } else {
        Err(ConstraintFault::EmptyRange)
    }
}

#[cfg(test)]
mod tests {
    use super::Constraint;
    use crate::error::ConstraintFault;

    #[test]
    fn names_ignore_case_and_arguments_may_be_spaced() {
        for text in [
            "INT",
            "MinLength( 3 )",
            "range( -1 , 5 )",
            "length(2)",
            "length(1,2)",
            "regex()",
        ] {
            assert!(Constraint::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn unusable_arguments_are_refused() {
        let fault = |text| Constraint::parse(text).expect_err(text);
        for text in ["nope", "int ", "", "int(", "regex(", "min(1", "string"] {
            assert_eq!(fault(text), ConstraintFault::Unknown, "{text}");
        }
        for text in [
            "int()",
            "int(5)",
            "min",
            "regex",
            "length",
            "length(1,2,3)",
            "range(1)",
        ] {
            assert!(
                matches!(fault(text), ConstraintFault::ArgumentCount { .. }),
                "{text}"
            );
        }
        for text in [
            "min(x)",
            "min(1,2)",
            "maxlength(3000000000)",
            "range(1,)",
            "min()",
        ] {
            assert!(
                matches!(fault(text), ConstraintFault::NotANumber { .. }),
                "{text}"
            );
        }
        assert_eq!(fault("minlength(-1)"), ConstraintFault::NegativeLength);
        assert_eq!(fault("range(5,1)"), ConstraintFault::EmptyRange);
        assert_eq!(fault("length(5,1)"), ConstraintFault::EmptyRange);
        assert!(matches!(fault("regex([)"), ConstraintFault::Regex { .. }));
    }

    #[test]
    fn nothing_but_nonfile_accepts_a_missing_value() {
        let accepts = |text| Constraint::parse(text).map(|found| found.accepts_absence());
        assert_eq!(accepts("nonfile"), Ok(true));
        for text in [
            "int",
            "alpha",
            "required",
            "regex(.*)",
            "maxlength(9)",
            "file",
        ] {
            assert_eq!(accepts(text), Ok(false), "{text}");
        }
    }
}
