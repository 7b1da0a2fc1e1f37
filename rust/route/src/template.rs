//! A route template's text taken apart into segments: literals, parameters, catch-alls and segments
//! that mix several of them. Every rule that makes a template invalid is judged here; what a
//! constraint's own text means is judged by `constraint`. Called by the router builder only.

use std::collections::HashSet;

use crate::complex::Shape;
use crate::error::{SyntaxFault, TemplateError};
use crate::parameter::{Declaration, Parameter};

/// One stretch between slashes.
#[derive(Debug)]
pub(crate) enum Segment {
    Literal(String),
    Parameter(Parameter),
    CatchAll(Parameter),
    /// Several parts: the shape matches the text, the parameters name its holes left to right.
    Complex(Shape, Vec<Parameter>),
}

impl Segment {
    /// Whether the path may end before this segment.
    pub(crate) fn is_omittable(&self) -> bool {
        match self {
            Self::Parameter(parameter) => parameter.is_omittable(),
            Self::CatchAll(_) => true,
            Self::Literal(_) | Self::Complex(..) => false,
        }
    }

    pub(crate) fn parameters(&self) -> &[Parameter] {
        match self {
            Self::Literal(_) => &[],
            Self::Parameter(parameter) | Self::CatchAll(parameter) => {
                std::slice::from_ref(parameter)
            }
            Self::Complex(_, parameters) => parameters,
        }
    }
}

/// A piece of a segment before it is known what the segment is.
enum Part<'t> {
    Literal(String),
    Parameter { source: &'t str, inside: String },
}

impl Part<'_> {
    fn source(&self) -> &str {
        match self {
            Self::Literal(text) => text,
            Self::Parameter { source, .. } => source,
        }
    }
}

/// Takes a template apart, or says why it cannot.
pub(crate) fn parse(template: &str) -> Result<Vec<Segment>, TemplateError> {
    let refuse = |fault| TemplateError::Syntax {
        template: template.to_owned(),
        fault,
    };
    let mut rest = without_prefix(template).map_err(refuse)?;
    let mut names = HashSet::new();
    let mut segments: Vec<Segment> = Vec::new();
    while !rest.is_empty() {
        if rest.starts_with('/') {
            return Err(refuse(SyntaxFault::ConsecutiveSeparators));
        }
        let (parts, length) = split(rest).map_err(refuse)?;
        let source = &rest[..length];
        let declarations = declare(&parts, source, &mut names).map_err(refuse)?;
        if matches!(segments.last(), Some(Segment::CatchAll(_))) {
            return Err(refuse(SyntaxFault::CatchAllNotLast));
        }
        segments.push(assemble(template, &parts, &declarations)?);
        rest = &rest[length..];
        rest = rest.strip_prefix('/').unwrap_or(rest);
    }
    Ok(segments)
}

fn without_prefix(template: &str) -> Result<&str, SyntaxFault> {
    if let Some(rest) = template
        .strip_prefix("~/")
        .or_else(|| template.strip_prefix('/'))
    {
        Ok(rest)
    } else if template.starts_with('~') {
        Err(SyntaxFault::Tilde)
    } else {
        Ok(template)
    }
}

/// The parts of the first segment and its length in bytes.
fn split(text: &str) -> Result<(Vec<Part<'_>>, usize), SyntaxFault> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'/' {
        if bytes[at] == b'{' && bytes.get(at + 1) != Some(&b'{') {
            let end = parameter_end(bytes, at)?;
            let source = &text[at..end];
            parts.push(Part::Parameter {
                source,
                inside: unescape(&source[1..source.len() - 1]),
            });
            at = end;
        } else {
            let end = literal_end(bytes, at)?;
            let literal = unescape(&text[at..end]);
            if literal.contains('?') {
                return Err(SyntaxFault::QuestionMark { literal });
            }
            parts.push(Part::Literal(literal));
            at = end;
        }
    }
    Ok((parts, at))
}

fn unescape(text: &str) -> String {
    text.replace("}}", "}").replace("{{", "{")
}

/// The index after the `}` that closes the parameter opened at `open`. Slashes do not end it: a
/// regular expression may hold them.
fn parameter_end(bytes: &[u8], open: usize) -> Result<usize, SyntaxFault> {
    let mut at = open + 1;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'{', Some(b'{')) | (b'}', Some(b'}')) => at += 2,
            (b'{', Some(_)) => return Err(SyntaxFault::UnescapedBrace),
            (b'{', None) => return Err(SyntaxFault::IncompleteParameter),
            (b'}', _) => return Ok(at + 1),
            _ => at += 1,
        }
    }
    Err(SyntaxFault::IncompleteParameter)
}

/// The index after a literal: the segment's end or the next parameter.
fn literal_end(bytes: &[u8], start: usize) -> Result<usize, SyntaxFault> {
    let mut at = start;
    while at < bytes.len() && bytes[at] != b'/' {
        match (bytes[at], bytes.get(at + 1)) {
            (b'{', Some(b'{')) | (b'}', Some(b'}')) => at += 2,
            (b'{', Some(_)) => break,
            (b'{', None) | (b'}', _) => return Err(SyntaxFault::IncompleteParameter),
            _ => at += 1,
        }
    }
    Ok(at)
}

/// Reads the parameters of one segment and judges how its parts stand together.
fn declare<'p>(
    parts: &'p [Part<'_>],
    segment: &str,
    names: &mut HashSet<String>,
) -> Result<Vec<Declaration<'p>>, SyntaxFault> {
    let mut declarations = Vec::new();
    for part in parts {
        if let Part::Parameter { inside, .. } = part {
            let declaration = Declaration::parse(inside);
            judge(&declaration, names)?;
            declarations.push(declaration);
        }
    }
    if parts.len() > 1 {
        if declarations
            .iter()
            .any(|declaration| declaration.is_catch_all)
        {
            return Err(SyntaxFault::CatchAllAmongOthers);
        }
        judge_optional(parts, &declarations, segment)?;
        if parts
            .windows(2)
            .any(|pair| matches!(pair, [Part::Parameter { .. }, Part::Parameter { .. }]))
        {
            return Err(SyntaxFault::ConsecutiveParameters);
        }
    }
    Ok(declarations)
}

fn judge(declaration: &Declaration<'_>, names: &mut HashSet<String>) -> Result<(), SyntaxFault> {
    let name = declaration.name;
    if declaration.is_catch_all && declaration.is_optional {
        return Err(SyntaxFault::OptionalCatchAll);
    }
    if declaration.is_optional && declaration.default.is_some() {
        return Err(SyntaxFault::OptionalWithDefault);
    }
    if name.is_empty() || name.contains(['/', '{', '}', '?', '*']) {
        return Err(SyntaxFault::ParameterName {
            name: name.to_owned(),
        });
    }
    if !names.insert(name.chars().map(crate::fold::fold).collect()) {
        return Err(SyntaxFault::RepeatedParameter {
            name: name.to_owned(),
        });
    }
    Ok(())
}

/// Among several parts only the last may be optional, and only after a period.
fn judge_optional(
    parts: &[Part<'_>],
    declarations: &[Declaration<'_>],
    segment: &str,
) -> Result<(), SyntaxFault> {
    let mut remaining = declarations.iter();
    for (index, part) in parts.iter().enumerate() {
        if matches!(part, Part::Literal(_)) {
            continue;
        }
        let Some(declaration) = remaining
            .next()
            .filter(|declaration| declaration.is_optional)
        else {
            continue;
        };
        let name = declaration.name.to_owned();
        if let Some(following) = parts.get(index + 1) {
            let following = following.source().to_owned();
            return Err(SyntaxFault::OptionalNotLast {
                segment: segment.to_owned(),
                name,
                following,
            });
        }
        match &parts[index - 1] {
            Part::Literal(text) if text == "." => {}
            other => {
                let preceding = other.source().to_owned();
                let segment = segment.to_owned();
                return Err(SyntaxFault::OptionalWithoutPeriod {
                    segment,
                    name,
                    preceding,
                });
            }
        }
    }
    Ok(())
}

fn assemble(
    template: &str,
    parts: &[Part<'_>],
    declarations: &[Declaration<'_>],
) -> Result<Segment, TemplateError> {
    if let [Part::Literal(text)] = parts {
        return Ok(Segment::Literal(text.clone()));
    }
    let mut parameters = Vec::with_capacity(declarations.len());
    for declaration in declarations {
        parameters.push(Parameter::new(declaration).map_err(|(constraint, fault)| {
            TemplateError::Constraint {
                template: template.to_owned(),
                parameter: declaration.name.to_owned(),
                constraint,
                fault,
            }
        })?);
    }
    if parts.len() == 1
        && let (Some(parameter), [declaration]) = (parameters.pop(), declarations)
    {
        return Ok(if declaration.is_catch_all {
            Segment::CatchAll(parameter)
        } else {
            Segment::Parameter(parameter)
        });
    }
    let holes = parts.iter().map(|part| match part {
        Part::Literal(text) => Some(text.as_str()),
        Part::Parameter { .. } => None,
    });
    let is_tail_optional = declarations.last().is_some_and(|last| last.is_optional);
    Ok(Segment::Complex(
        Shape::new(holes, is_tail_optional),
        parameters,
    ))
}
