//! Arbitrary query strings: read as the plainest implementation reads them, and never with a name
//! twice or a parameter without a value.
#![no_main]

#[path = "../../tests/plain_query/mod.rs"]
mod plain_query;

use ferrofunc_http::parse_query;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|query: &[u8]| {
    let params: Vec<(String, String)> = parse_query(query)
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    assert!(params.iter().all(|(_, value)| !value.is_empty()));
    assert_eq!(params, plain_query::plain(query));
});
