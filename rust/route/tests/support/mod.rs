//! Tables of requests and what must come of them. A case is named for the section of the HTTP
//! specification it copies, so that a failure says which sentence was broken.

#![allow(dead_code, reason = "each test file uses its own part of this module")]
#![allow(
    unreachable_pub,
    reason = "a module shared by test crates has no other visibility"
)]

pub mod plain_path;
pub mod scan;

use ferrofunc_route::{Params, Router, RouterBuilder};

/// A template with its methods; `None` is every method.
pub type RouteRow = (&'static str, Option<&'static [&'static str]>);

/// The index of the route that must answer and its parameters, or no route.
pub type Expected = Option<(usize, &'static [(&'static str, &'static str)])>;

/// A router holding the rows in order, each with its index as value.
pub fn router(rows: &[RouteRow]) -> Router<usize> {
    let mut builder = RouterBuilder::new();
    for (index, (template, methods)) in rows.iter().enumerate() {
        let methods = methods.map(|list| {
            list.iter()
                .map(|&method| method.to_owned())
                .collect::<Vec<_>>()
        });
        if let Err(error) = builder.add(template, methods.as_deref(), index) {
            panic!("{error}");
        }
    }
    builder.build()
}

/// Whether the request ends as expected; if not, the panic names the case.
pub fn check(name: &str, router: &Router<usize>, request: &str, expected: Expected) {
    let (method, path) = request
        .split_once(' ')
        .expect("a request is a method and a path");
    let mut params = Params::new();
    let found = router
        .find(method.as_bytes(), path.as_bytes(), &mut params)
        .copied();
    let values: Vec<(&str, &str)> = params.iter().collect();
    match expected {
        None => assert_eq!((found, values), (None, Vec::new()), "{name}: {request}"),
        Some((index, expected)) => {
            assert_eq!(
                (found, values.as_slice()),
                (Some(index), expected),
                "{name}: {request}"
            );
        }
    }
}

/// One route that answers every method, asked for with GET.
pub fn check_one(name: &str, template: &'static str, path: &str, expected: Values) {
    let expected = expected.map(|values| (0, values));
    check(
        name,
        &router(&[(template, None)]),
        &format!("GET {path}"),
        expected,
    );
}

/// The parameters of a match, or no match.
pub type Values = Option<&'static [(&'static str, &'static str)]>;
