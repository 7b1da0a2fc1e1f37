//! Routes of known forms and a raw path: the tree answers as a scan of all routes does, which reads
//! the path in the plainest way.
#![no_main]

#[path = "../../tests/support/plain_path.rs"]
mod plain_path;
#[path = "../../tests/support/scan.rs"]
mod scan;

use ferrofunc_route::{Params, RouterBuilder};
use libfuzzer_sys::fuzz_target;
use scan::{Form, RandomRoute};

/// Enough for routes to share nodes, few enough to be fast.
const MAX_ROUTES: usize = 8;
const MAX_SEGMENTS: usize = 6;

/// A byte is a segment; the highest bit makes it the last, a catch-all.
fn form(byte: u8) -> Form {
    match byte {
        0x80.. => Form::CatchAll,
        b'i' => Form::Int,
        b'o' => Form::Optional,
        b'j' => Form::OptionalInt,
        b'd' => Form::Default("d"),
        b'2' => Form::Pair,
        b'p' => Form::Parameter,
        _ => Form::Literal(["a", "b", "a-b", "7"][usize::from(byte % 4)]),
    }
}

fn route(bytes: &[u8]) -> RandomRoute {
    let end = bytes.iter().position(|byte| *byte >= 0x80);
    let length = end.map_or(bytes.len(), |at| at + 1).min(MAX_SEGMENTS);
    let methods = match bytes.len() % 4 {
        0 => Some(vec!["post".to_owned()]),
        _ => None,
    };
    RandomRoute {
        forms: bytes[..length].iter().copied().map(form).collect(),
        methods,
    }
}

fuzz_target!(|input: (Vec<Vec<u8>>, bool, &[u8])| {
    let (routes, is_post, path) = input;
    let method = if is_post { "POST" } else { "GET" };
    let routes: Vec<_> = routes
        .iter()
        .take(MAX_ROUTES)
        .map(|bytes| route(bytes))
        .collect();
    let mut builder = RouterBuilder::new();
    for (index, route) in routes.iter().enumerate() {
        builder
            .add(&route.template(), route.methods.as_deref(), index)
            .expect("a valid template");
    }
    let mut params = Params::new();
    let found = builder
        .build()
        .find(method.as_bytes(), path, &mut params)
        .copied();
    let values: Vec<(String, String)> = params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();

    let expected = plain_path::plain_path(path).and_then(|plain| {
        let mut all = routes.iter().enumerate();
        all.find_map(|(index, route)| Some((index, route.matches(method, &plain)?)))
    });
    let (index, expected) = expected.unzip();
    assert_eq!(found, index);
    assert_eq!(values, expected.unwrap_or_default());
});
