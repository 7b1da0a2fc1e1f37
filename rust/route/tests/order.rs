//! The first added route that matches wins, whatever its shape: fixed cases from the
//! specification, and random tables compared with a scan that tries one route after another.

mod support;

use ferrofunc_route::{Params, RouterBuilder};
use proptest::prelude::*;
use support::plain_path::plain_path;
use support::scan::{Form, RandomRoute};
use support::{check, router};

#[test]
fn section_2_2_the_first_route_wins() {
    let parameter_first = router(&[("api/items/{id}", None), ("api/items/list", None)]);
    check(
        "2.2 no ranking",
        &parameter_first,
        "GET /api/items/list",
        Some((0, &[("id", "list")])),
    );
    let literal_first = router(&[("api/items/list", None), ("api/items/{id}", None)]);
    check(
        "2.2 no ranking",
        &literal_first,
        "GET /api/items/list",
        Some((0, &[])),
    );
    check(
        "2.2 no ranking",
        &literal_first,
        "GET /api/items/7",
        Some((1, &[("id", "7")])),
    );
}

#[test]
fn section_2_2_an_early_catch_all_hides_the_rest() {
    let first = router(&[("{*all}", None), ("api/hello", None), ("{a}-{b}", None)]);
    check(
        "2.2 catch-all",
        &first,
        "GET /api/hello",
        Some((0, &[("all", "api/hello")])),
    );
    check(
        "2.2 catch-all",
        &first,
        "GET /1-2",
        Some((0, &[("all", "1-2")])),
    );
    let last = router(&[("api/hello", None), ("{a}-{b}", None), ("{*all}", None)]);
    check("2.2 catch-all", &last, "GET /api/hello", Some((0, &[])));
    check(
        "2.2 catch-all",
        &last,
        "GET /1-2",
        Some((1, &[("a", "1"), ("b", "2")])),
    );
    check("2.2 catch-all", &last, "GET /x", Some((2, &[("all", "x")])));
}

#[test]
fn section_2_2_a_route_that_ends_wrongly_gives_way() {
    // The literal path leads deeper first, but only the parameter's leads to an end.
    let routes = router(&[
        ("a/b/c", None),
        ("{x}/b/{y}", None),
        ("a/{z}/d", Some(&["PUT"])),
    ]);
    check(
        "2.2 back out of a literal",
        &routes,
        "GET /a/b/d",
        Some((1, &[("x", "a"), ("y", "d")])),
    );
    check(
        "2.2 method at the end",
        &routes,
        "PUT /a/q/d",
        Some((2, &[("z", "q")])),
    );
    check("2.2 method at the end", &routes, "GET /a/q/d", None);
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        3 => prop::sample::select(vec!["a", "b", "C", "7", "a-b"]).prop_map(Form::Literal),
        2 => Just(Form::Parameter),
        1 => Just(Form::Int),
        1 => Just(Form::Optional),
        1 => Just(Form::OptionalInt),
        1 => prop::sample::select(vec!["5", "d"]).prop_map(Form::Default),
        1 => Just(Form::Pair),
    ]
}

fn route() -> impl Strategy<Value = RandomRoute> {
    let methods = prop_oneof![
        3 => Just(None),
        1 => Just(Some(vec!["get".to_owned()])),
        1 => Just(Some(vec!["POST".to_owned(), "GET".to_owned()])),
        1 => Just(Some(Vec::new())),
    ];
    (prop::collection::vec(form(), 0..5), any::<bool>(), methods).prop_map(
        |(mut forms, has_catch_all, methods)| {
            forms.extend(has_catch_all.then_some(Form::CatchAll));
            RandomRoute { forms, methods }
        },
    )
}

fn path() -> impl Strategy<Value = String> {
    let segment = prop::sample::select(vec![
        "a",
        "B",
        "c",
        "7",
        "a-b",
        "x-y-z",
        "-",
        "1-",
        "",
        "q",
        ".",
        "..",
        "%2E",
        "%61",
        "%2f",
        "%207",
        "%C3%A9-%C3",
        "é",
        "%00",
    ]);
    (prop::collection::vec(segment, 0..6), any::<bool>()).prop_map(|(segments, slash)| {
        format!("/{}{}", segments.join("/"), if slash { "/" } else { "" })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_tree_finds_what_a_scan_finds(
        routes in prop::collection::vec(route(), 0..12),
        requests in prop::collection::vec((prop::sample::select(vec!["GET", "post", "PUT"]), path()), 1..8),
    ) {
        let mut builder = RouterBuilder::new();
        for (index, route) in routes.iter().enumerate() {
            let added = builder.add(&route.template(), route.methods.as_deref(), index);
            prop_assert!(added.is_ok(), "{:?}", added);
        }
        let router = builder.build();
        let mut params = Params::new();
        for (method, path) in requests {
            let plain = plain_path(path.as_bytes());
            let expected = plain.and_then(|plain| {
                let mut all = routes.iter().enumerate();
                all.find_map(|(index, route)| Some((index, route.matches(method, &plain)?)))
            });
            let found = router.find(method.as_bytes(), path.as_bytes(), &mut params).copied();
            let values: Vec<(String, String)> =
                params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let (index, expected) = expected.unzip();
            prop_assert_eq!(found, index, "{} {}", method, path);
            prop_assert_eq!(values, expected.unwrap_or_default(), "{} {}", method, path);
        }
    }

    #[test]
    fn any_text_is_a_route_or_a_refusal(
        templates in prop::collection::vec(".{0,40}|[a/{}?*:=.()~%-]{0,24}", 1..6),
        path in ".{0,40}|/[a/.%25fF{}-]{0,24}",
    ) {
        let mut builder = RouterBuilder::new();
        for template in &templates {
            if let Err(error) = builder.add(template, None, ()) {
                prop_assert!(error.to_string().contains(template.as_str()), "{}", error);
            }
        }
        let mut params = Params::new();
        if builder.build().find(b"GET", path.as_bytes(), &mut params).is_none() {
            prop_assert!(params.is_empty());
        }
    }
}
