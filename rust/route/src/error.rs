//! Why a route template was refused. The sentences are those of the official host's routing layer,
//! so that a search for the message finds its documentation; each ends by naming the template.
//! Matching never fails with an error: only building does.

use thiserror::Error;

/// A template that cannot become a route.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// The text does not follow the template language.
    #[error("{fault} The route template is '{template}'.")]
    Syntax {
        /// The template as it was given.
        template: String,
        /// What is wrong with it.
        fault: SyntaxFault,
    },
    /// A constraint is unknown or its arguments are unusable.
    #[error(
        "The constraint entry '{parameter}' - '{constraint}' on the route '{template}' {fault}"
    )]
    Constraint {
        /// The template as it was given.
        template: String,
        /// The parameter that carries the constraint.
        parameter: String,
        /// The constraint as it was written, arguments included.
        constraint: String,
        /// What is wrong with it.
        fault: ConstraintFault,
    },
}

/// The ways a template can break the language.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SyntaxFault {
    /// `a//b`.
    #[error(
        "The route template separator character '/' cannot appear consecutively. It must be separated by either a parameter or a literal value."
    )]
    ConsecutiveSeparators,
    /// `~a`.
    #[error("The route template cannot start with a '~' character unless followed by a '/'.")]
    Tilde,
    /// `{a` or `a}`.
    #[error(
        "There is an incomplete parameter in the route template. Check that each '{{' character has a matching '}}' character."
    )]
    IncompleteParameter,
    /// `{a:regex(\d{3})}` instead of `{a:regex(\d{{3}})}`.
    #[error("In a route parameter, '{{' and '}}' must be escaped with '{{{{' and '}}}}'.")]
    UnescapedBrace,
    /// `{}`, `{a?b}`, `{a/b}`.
    #[error(
        "The route parameter name '{name}' is invalid. Route parameter names must be non-empty and cannot contain these characters: '{{', '}}', '/'. The '?' character marks a parameter as optional, and can occur only at the end of the parameter. The '*' character marks a parameter as catch-all, and can occur only at the start of the parameter."
    )]
    ParameterName {
        /// The offending name.
        name: String,
    },
    /// `{a}/{A}`.
    #[error("The route parameter name '{name}' appears more than one time in the route template.")]
    RepeatedParameter {
        /// The name at its second appearance.
        name: String,
    },
    /// `{a}{b}`.
    #[error(
        "A path segment cannot contain two consecutive parameters. They must be separated by a '/' or by a literal string."
    )]
    ConsecutiveParameters,
    /// `{*a?}`.
    #[error("A catch-all parameter cannot be marked optional.")]
    OptionalCatchAll,
    /// `{*a}/b`.
    #[error("A catch-all parameter can only appear as the last segment of the route template.")]
    CatchAllNotLast,
    /// `x{*a}`.
    #[error(
        "A path segment that contains more than one section, such as a literal section or a parameter, cannot contain a catch-all parameter."
    )]
    CatchAllAmongOthers,
    /// `{a=1?}`.
    #[error("An optional parameter cannot have default value.")]
    OptionalWithDefault,
    /// `{a?}b`.
    #[error(
        "An optional parameter must be at the end of the segment. In the segment '{segment}', optional parameter '{name}' is followed by '{following}'."
    )]
    OptionalNotLast {
        /// The whole segment.
        segment: String,
        /// The optional parameter.
        name: String,
        /// What stands after it.
        following: String,
    },
    /// `{a}-{b?}`.
    #[error(
        "In the segment '{segment}', the optional parameter '{name}' is preceded by an invalid segment '{preceding}'. Only a period (.) can precede an optional parameter."
    )]
    OptionalWithoutPeriod {
        /// The whole segment.
        segment: String,
        /// The optional parameter.
        name: String,
        /// What stands before it.
        preceding: String,
    },
    /// `a?b`.
    #[error(
        "The literal section '{literal}' is invalid. Literal sections cannot contain the '?' character."
    )]
    QuestionMark {
        /// The literal.
        literal: String,
    },
}

/// The ways a constraint can be unusable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConstraintFault {
    /// No constraint has that name.
    #[error(
        "could not be resolved: no constraint has that name. Known ones: int, bool, datetime, decimal, double, float, guid, long, minlength, maxlength, length, min, max, range, alpha, regex, required, file, nonfile."
    )]
    Unknown,
    /// Too many or too few arguments.
    #[error("could not be created: it takes {expected}, found {found}.")]
    ArgumentCount {
        /// How many it takes, in words.
        expected: &'static str,
        /// How many were written.
        found: usize,
    },
    /// An argument that is not a whole number of the expected size.
    #[error("could not be created: '{argument}' is not a whole number in range.")]
    NotANumber {
        /// The argument as written.
        argument: String,
    },
    /// A negative length.
    #[error("could not be created: Value must be greater than or equal to 0.")]
    NegativeLength,
    /// `range(5,1)`.
    #[error(
        "could not be created: The value for argument 'min' should be less than or equal to the value for the argument 'max'."
    )]
    EmptyRange,
    /// A regular expression that does not compile.
    #[error("could not be created: the regular expression is not usable: {reason}")]
    Regex {
        /// The compiler's words.
        reason: String,
    },
}
