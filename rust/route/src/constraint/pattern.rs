//! The regular expressions of `regex(...)`. Written for .NET's engine: ignoring case, unanchored,
//! with look-around and back-references. `fancy-regex` reads nearly the same language and gives
//! patterns without those two to a linear-time engine; what differs in spelling is translated
//! here. A pattern it cannot express is refused when the app starts, never at a request.
//!
//! One difference stays: .NET's `$` also fits before a newline that ends the text, this one does
//! not, so `^a$` refuses `a%0A`. And where .NET would give up on a value after ten seconds and fail
//! the request, this engine stops after a fixed number of steps and the value does not match.

use fancy_regex::{Regex, RegexBuilder};

use crate::error::ConstraintFault;

/// Backtracking steps before a value is given up on: milliseconds of work on a thread that serves
/// everyone, and far more than a pattern that means to match a path segment takes.
const MAX_STEPS: usize = 100_000;

#[derive(Debug)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    pub(super) fn new(dotnet: &str) -> Result<Self, ConstraintFault> {
        RegexBuilder::new(&translate(dotnet))
            .case_insensitive(true)
            .backtrack_limit(MAX_STEPS)
            .build()
            .map(Self)
            .map_err(|error| ConstraintFault::Regex {
                reason: error.to_string(),
            })
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text).unwrap_or(false)
    }
}

/// .NET's spelling to this engine's. Inside a character class, .NET knows no nested classes and no
/// set operators but subtraction at the end (`[a-z-[aeiou]]`); this engine knows both.
fn translate(dotnet: &str) -> String {
    let mut out = String::with_capacity(dotnet.len() + 8);
    let mut rest = dotnet.chars();
    while let Some(found) = rest.next() {
        match found {
            '\\' => {
                out.push(found);
                out.extend(rest.next());
            }
            '[' => class(&mut rest, &mut out),
            _ => out.push(found),
        }
    }
    out
}

/// One character class, its opening bracket already read.
fn class(rest: &mut std::str::Chars<'_>, out: &mut String) {
    out.push('[');
    if rest.as_str().starts_with('^') {
        out.push('^');
        rest.next();
    }
    let mut is_first = true;
    while let Some(found) = rest.next() {
        match found {
            ']' if !is_first => {
                out.push(']');
                return;
            }
            '\\' => {
                out.push(found);
                out.extend(rest.next());
            }
            '-' if rest.as_str().starts_with('[') && !is_first => {
                rest.next();
                out.push_str("--");
                class(rest, out);
            }
            // Literal in .NET; here they would open a class, close it, or start an operator.
            '[' | ']' | '&' | '~' => {
                out.push('\\');
                out.push(found);
            }
            _ => out.push(found),
        }
        is_first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn is_match(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).expect(pattern).is_match(text)
    }

    #[test]
    fn unanchored_and_ignoring_case() {
        assert!(is_match("b", "ABC"));
        assert!(!is_match("^b$", "ABC"));
        assert!(is_match(r"^\d{3}-\d{2}$", "123-45"));
        assert!(is_match("", ""));
    }

    #[test]
    fn what_authors_write() {
        let mail = r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$";
        assert!(is_match(mail, "a.b+c@example.org"));
        assert!(!is_match(mail, "a.b@example"));
        assert!(is_match(r"^[\w\-\.]+\/\:$", "a-b./:"));
        assert!(is_match(r"^\p{L}+$", "été"));
        assert!(is_match(r"^(north|south)$", "South"));
        assert!(is_match(r"^v\d+(\.\d+)*\Z", "v1.2.3"));
    }

    #[test]
    fn look_around_and_back_references() {
        assert!(is_match("^(?!admin)[a-z]+$", "user"));
        assert!(!is_match("^(?!admin)[a-z]+$", "Administrator"));
        assert!(is_match(r"^(?<half>\w+)-\k<half>$", "ab-ab"));
        assert!(is_match(r"^(a|b)\1$", "bb"));
        assert!(!is_match(r"^(a|b)\1$", "ab"));
    }

    #[test]
    fn classes_read_as_in_dotnet() {
        assert!(is_match("^[a-z-[aeiou]]+$", "xyz"));
        assert!(!is_match("^[a-z-[aeiou]]+$", "xaz"));
        assert!(is_match("^[[a]+$", "[a["));
        assert!(is_match("^[]a]+$", "]a"));
        assert!(is_match("^[a&&b]+$", "&ab"));
        assert!(is_match(r"^[\]\w-]+$", "a]-"));
        assert!(is_match("^[-a]+$", "a-"));
        assert!(is_match("^[^-a]+$", "b"));
        assert!(!is_match("^[^-[a]+$", "["));
    }

    #[test]
    fn a_runaway_pattern_does_not_match() {
        // The second alternative fits, but only after the first has tried every way of failing.
        assert!(is_match(r"^(?:(?:a(?=a*)|a)+b|a+)$", &"a".repeat(4)));
        assert!(!is_match(r"^(?:(?:a(?=a*)|a)+b|a+)$", &"a".repeat(40)));
    }
}
