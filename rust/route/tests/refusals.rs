//! Templates that are no routes: each kind of mistake is refused with the sentence its author will
//! search for, and the sentence names the template. Also what is reserved.

use ferrofunc_route::{ConstraintFault, RouterBuilder, TemplateError, is_reserved};

fn refusal(template: &str) -> TemplateError {
    RouterBuilder::new()
        .add(template, None, ())
        .expect_err(template)
}

const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "3 repeated name",
        "{a}/{A}",
        "The route parameter name 'A' appears more than one time",
    ),
    (
        "3 touching parameters",
        "{a}{b}",
        "cannot contain two consecutive parameters",
    ),
    (
        "3 optional not at the end",
        "{a?}x",
        "An optional parameter must be at the end of the segment. In the segment '{a?}x', optional parameter 'a' is followed by 'x'",
    ),
    (
        "3 optional after no period",
        "{a}-{b?}",
        "In the segment '{a}-{b?}', the optional parameter 'b' is preceded by an invalid segment '-'. Only a period (.)",
    ),
    (
        "3 optional after a parameter",
        "{a}{b?}",
        "preceded by an invalid segment '{a}'",
    ),
    (
        "3 default with ?",
        "{a=1?}",
        "An optional parameter cannot have default value.",
    ),
    (
        "3 catch-all not last",
        "{*a}/b",
        "can only appear as the last segment",
    ),
    (
        "3 catch-all not last",
        "{*a}/{b}",
        "can only appear as the last segment",
    ),
    (
        "3 catch-all among others",
        "x{*a}",
        "cannot contain a catch-all parameter",
    ),
    (
        "3 optional catch-all",
        "{*a?}",
        "A catch-all parameter cannot be marked optional.",
    ),
    (
        "3 unbalanced",
        "{a",
        "There is an incomplete parameter in the route template. Check that each '{' character has a matching '}' character.",
    ),
    ("3 unbalanced", "a}", "There is an incomplete parameter"),
    ("3 unbalanced", "a{", "There is an incomplete parameter"),
    ("3 unbalanced", "{a}}", "There is an incomplete parameter"),
    ("3 unbalanced", "{{a}", "There is an incomplete parameter"),
    (
        "3 unescaped",
        "{a:regex(\\d{3})}",
        "In a route parameter, '{' and '}' must be escaped with '{{' and '}}'.",
    ),
    (
        "3 ? in a literal",
        "a?b",
        "The literal section 'a?b' is invalid. Literal sections cannot contain the '?' character.",
    ),
    (
        "3 // inside",
        "api//x",
        "The route template separator character '/' cannot appear consecutively. It must be separated by either a parameter or a literal value.",
    ),
    ("3 // at the start", "//x", "cannot appear consecutively"),
    ("3 // at the end", "x//", "cannot appear consecutively"),
    (
        "3 ~",
        "~x",
        "The route template cannot start with a '~' character unless followed by a '/'.",
    ),
    (
        "3 empty name",
        "{}",
        "The route parameter name '' is invalid. Route parameter names must be non-empty and cannot contain these characters: '{', '}', '/'.",
    ),
    (
        "3 empty name",
        "{*}",
        "The route parameter name '' is invalid",
    ),
    (
        "3 empty name",
        "{?}",
        "The route parameter name '' is invalid",
    ),
    (
        "3 bad name",
        "{a/b}",
        "The route parameter name 'a/b' is invalid",
    ),
    (
        "3 bad name",
        "{a?b}",
        "The route parameter name 'a?b' is invalid",
    ),
    (
        "3 bad name",
        "{a*}",
        "The route parameter name 'a*' is invalid",
    ),
    (
        "3 unknown constraint",
        "{a:nope}",
        "The constraint entry 'a' - 'nope' on the route '{a:nope}' could not be resolved",
    ),
    (
        "3 bad argument",
        "{a:min(x)}",
        "The constraint entry 'a' - 'min(x)' on the route '{a:min(x)}' could not be created: 'x' is not a whole number",
    ),
];

#[test]
fn section_3_mistakes() {
    for &(name, template, sentence) in MISTAKES {
        let message = refusal(template).to_string();
        assert!(message.contains(sentence), "{name}: {template}: {message}");
        assert!(
            message.contains(&format!("'{template}'")),
            "{name} names the template: {message}"
        );
    }
}

#[test]
fn section_3_an_unusable_pattern_is_refused_at_the_start() {
    let error = refusal("{a:regex([)}");
    assert!(
        matches!(
            &error,
            TemplateError::Constraint {
                fault: ConstraintFault::Regex { .. },
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_refused_template_leaves_the_others_alone() {
    let mut builder = RouterBuilder::new();
    builder.add("x/{a}", None, 1).expect("a valid template");
    builder
        .add("x/{a", None, 2)
        .expect_err("an incomplete parameter");
    builder.add("x/{a}/y", None, 3).expect("a valid template");
    let router = builder.build();
    let mut params = ferrofunc_route::Params::new();
    assert_eq!(router.len(), 2);
    assert_eq!(router.find(b"GET", b"/x/1/y", &mut params), Some(&3));
}

#[test]
fn section_2_1_reserved_routes() {
    for template in [
        "admin",
        "/Admin/x",
        "RUNTIME",
        "//runtime/webhooks/",
        "administrators",
        "runtimes",
    ] {
        assert!(is_reserved(template), "2.1 {template}");
    }
    for template in ["", "/", "adm", "api/admin", "{admin}", "run/time", "ädmin"] {
        assert!(!is_reserved(template), "2.1 {template}");
    }
}
