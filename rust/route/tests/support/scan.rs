//! The plainest reading of the specification, to compare the tree with: every route in order, each
//! against the whole path, nothing shared and nothing compiled. It knows the forms that random
//! templates are made of: literals, parameters, optional ones, defaults, `int`, catch-alls.

/// One segment of a random template.
#[derive(Debug, Clone)]
pub enum Form {
    Literal(&'static str),
    Parameter,
    Int,
    Optional,
    OptionalInt,
    Default(&'static str),
    /// `{x}-{y}`.
    Pair,
    /// Only as the last.
    CatchAll,
}

/// A random route: its segments and its methods.
#[derive(Debug, Clone)]
pub struct RandomRoute {
    pub forms: Vec<Form>,
    pub methods: Option<Vec<String>>,
}

impl RandomRoute {
    pub fn template(&self) -> String {
        let segment = |(index, form): (usize, &Form)| match form {
            Form::Literal(text) => (*text).to_owned(),
            Form::Parameter => format!("{{p{index}}}"),
            Form::Int => format!("{{p{index}:int}}"),
            Form::Optional => format!("{{p{index}?}}"),
            Form::OptionalInt => format!("{{p{index}:int?}}"),
            Form::Default(value) => format!("{{p{index}={value}}}"),
            Form::Pair => format!("{{p{index}}}-{{q{index}}}"),
            Form::CatchAll => format!("{{*p{index}}}"),
        };
        self.forms
            .iter()
            .enumerate()
            .map(segment)
            .collect::<Vec<_>>()
            .join("/")
    }

    /// The parameters if the request fits. `path` holds no escapes and no dots.
    pub fn matches(&self, method: &str, path: &str) -> Option<Vec<(String, String)>> {
        let allows = |list: &Vec<String>| list.iter().any(|one| one.eq_ignore_ascii_case(method));
        if !self.methods.as_ref().is_none_or(allows) {
            return None;
        }
        let mut rest = path.strip_prefix('/')?;
        let mut values = Vec::new();
        for (index, form) in self.forms.iter().enumerate() {
            let name = format!("p{index}");
            if rest.is_empty() {
                match form {
                    Form::Optional | Form::OptionalInt | Form::CatchAll => {}
                    Form::Default(value) => values.push((name, (*value).to_owned())),
                    _ => return None,
                }
                continue;
            }
            let (text, after) = rest.split_once('/').unwrap_or((rest, ""));
            // A slash at the very end ends no segment; any other is followed by one.
            let is_last = after.is_empty();
            if text.is_empty() {
                return None;
            }
            match form {
                Form::CatchAll => {
                    values.push((name, rest.to_owned()));
                    return Some(values);
                }
                Form::Literal(literal) if !literal.eq_ignore_ascii_case(text) => return None,
                Form::Literal(_) => {}
                Form::Int | Form::OptionalInt if !is_int(text) => return None,
                Form::Pair => {
                    let (left, right) = split_pair(text)?;
                    values.push((name, left.to_owned()));
                    values.push((format!("q{index}"), right.to_owned()));
                }
                _ => values.push((name, text.to_owned())),
            }
            rest = if is_last { "" } else { after };
        }
        rest.is_empty().then_some(values)
    }
}

/// White space may stand around it, as .NET allows.
fn is_int(text: &str) -> bool {
    let is_white = |character| matches!(character, ' ' | '\t'..='\r');
    text.trim_matches(is_white).parse::<i32>().is_ok()
}

/// At the last hyphen that leaves something on its right, if that leaves something on its left.
fn split_pair(text: &str) -> Option<(&str, &str)> {
    let (last, _) = text.char_indices().next_back()?;
    let at = text[..last].rfind('-')?;
    (at > 0).then_some((&text[..at], &text[at + 1..]))
}
