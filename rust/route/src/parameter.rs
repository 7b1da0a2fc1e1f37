//! The inside of one pair of braces: `name:constraint(args):constraint=default` and its markers
//! `*`, `**`, `?`. Called by the template parser with doubled braces already undone; it judges
//! neither the name nor the markers, which need the rest of the template to be judged.

use crate::constraint::Constraint;
use crate::error::ConstraintFault;

/// A parameter's text, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Declaration<'t> {
    pub(crate) name: &'t str,
    pub(crate) is_catch_all: bool,
    pub(crate) is_optional: bool,
    pub(crate) constraints: Vec<&'t str>,
    pub(crate) default: Option<&'t str>,
}

impl<'t> Declaration<'t> {
    pub(crate) fn parse(text: &'t str) -> Self {
        let is_catch_all = text.starts_with('*');
        let body = text
            .strip_prefix("**")
            .unwrap_or_else(|| text.strip_prefix('*').unwrap_or(text));
        let is_optional = body.ends_with('?');
        let body = body.strip_suffix('?').unwrap_or(body);
        // The first character always belongs to the name, even if it is a delimiter.
        let after_first = body.chars().next().map_or(0, char::len_utf8);
        let name_end = body[after_first..]
            .find([':', '='])
            .map_or(body.len(), |at| at + after_first);
        let (constraints, default) = tail(&body[name_end..]);
        Self {
            name: &body[..name_end],
            is_catch_all,
            is_optional,
            constraints,
            default,
        }
    }
}

/// Splits `:a:b(1,2)=default`.
fn tail(text: &str) -> (Vec<&str>, Option<&str>) {
    let mut constraints = Vec::new();
    let mut rest = text;
    while let Some(body) = rest.strip_prefix(':') {
        let end = constraint_end(body);
        if end > 0 {
            constraints.push(&body[..end]);
        }
        rest = &body[end..];
    }
    (constraints, rest.strip_prefix('='))
}

/// Where a constraint's text ends: before the next `:` or `=`, except that those may stand inside
/// parentheses. A `)` closes only before the end, a `:` or a `=`, so regular expressions may hold
/// parentheses of their own; a delimiter inside is part of the argument as long as some `)` follows
/// it, and then that `)` is part of the argument too unless the text leaves no other reading.
fn constraint_end(body: &str) -> usize {
    let bytes = body.as_bytes();
    let Some(start) = memchr::memchr3(b':', b'=', b'(', bytes) else {
        return bytes.len();
    };
    if bytes[start] != b'(' {
        return start;
    }
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b')' if matches!(bytes.get(at + 1), None | Some(b':' | b'=')) => return at + 1,
            b':' | b'=' => match memchr::memchr(b')', &bytes[at + 1..]) {
                None => return at,
                Some(offset) => at += 1 + offset,
            },
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// A declared parameter, ready to judge values.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) is_optional: bool,
    pub(crate) default: Option<String>,
    constraints: Vec<Constraint>,
    /// Whether the constraints allow the parameter to have no text in the path. Known beforehand:
    /// an optional one skips them, a default is judged like a value, and an empty catch-all
    /// is a missing value, which nothing but `nonfile` passes.
    accepts_absence: bool,
}

impl Parameter {
    pub(crate) fn new(declaration: &Declaration<'_>) -> Result<Self, (String, ConstraintFault)> {
        let constraints = declaration
            .constraints
            .iter()
            .map(|text| Constraint::parse(text).map_err(|fault| ((*text).to_owned(), fault)))
            .collect::<Result<Vec<_>, _>>()?;
        let accepts_absence = match declaration.default {
            _ if declaration.is_optional => true,
            Some(default) => constraints
                .iter()
                .all(|constraint| constraint.accepts(default)),
            None => constraints.iter().all(Constraint::accepts_absence),
        };
        Ok(Self {
            name: declaration.name.to_owned(),
            is_optional: declaration.is_optional,
            default: declaration.default.map(str::to_owned),
            constraints,
            accepts_absence,
        })
    }

    pub(crate) fn is_omittable(&self) -> bool {
        self.is_optional || self.default.is_some()
    }

    pub(crate) fn is_constrained(&self) -> bool {
        !self.constraints.is_empty()
    }

    pub(crate) fn accepts(&self, value: Option<&str>) -> bool {
        match value {
            Some(text) => self
                .constraints
                .iter()
                .all(|constraint| constraint.accepts(text)),
            None => self.accepts_absence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Declaration;

    fn parts(text: &str) -> (&str, Vec<&str>, Option<&str>) {
        let found = Declaration::parse(text);
        (found.name, found.constraints, found.default)
    }

    #[test]
    fn constraints_and_defaults_are_split() {
        assert_eq!(parts("id"), ("id", vec![], None));
        assert_eq!(parts("id:int"), ("id", vec!["int"], None));
        assert_eq!(parts("id:int:min(1)?"), ("id", vec!["int", "min(1)"], None));
        assert_eq!(parts("id:int=5"), ("id", vec!["int"], Some("5")));
        assert_eq!(parts("id="), ("id", vec![], Some("")));
        assert_eq!(parts("id=a:b=c"), ("id", vec![], Some("a:b=c")));
        assert_eq!(parts("id::int:"), ("id", vec!["int"], None));
        assert_eq!(parts(":id"), (":id", vec![], None));
        assert_eq!(parts("**id"), ("id", vec![], None));
    }

    #[test]
    fn parentheses_may_hold_delimiters() {
        assert_eq!(
            parts(r"p:regex(^(a|b)$)"),
            ("p", vec!["regex(^(a|b)$)"], None)
        );
        assert_eq!(parts("p:regex(a:b)"), ("p", vec!["regex(a:b)"], None));
        assert_eq!(
            parts("p:regex(a:b):int"),
            ("p", vec!["regex(a:b)", "int"], None)
        );
        assert_eq!(
            parts("p:regex(a=b)=c"),
            ("p", vec!["regex(a=b)"], Some("c"))
        );
        assert_eq!(
            parts("p:min(1):max(9)"),
            ("p", vec!["min(1)", "max(9)"], None)
        );
        assert_eq!(parts("p:min(1=2"), ("p", vec!["min(1"], Some("2")));
        assert_eq!(
            parts("p:regex(a:b):min(3)"),
            ("p", vec!["regex(a:b):min(3)"], None)
        );
    }
}
