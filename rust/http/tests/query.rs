//! Query strings: what functions get for what clients send.

mod plain_query;

use ferrofunc_http::parse_query;
use plain_query::plain;
use proptest::collection::vec;
use proptest::prelude::*;

fn params(query: &[u8]) -> Vec<(String, String)> {
    parse_query(query)
        .into_iter()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

#[track_caller]
fn check(query: impl AsRef<[u8]>, expected: &[(&str, &str)]) {
    let query = query.as_ref();
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(params(query), expected, "{}", query.escape_ascii());
    assert_eq!(plain(query), expected, "{}", query.escape_ascii());
}

#[test]
fn a_parameter_is_a_name_and_a_value() {
    check("", &[]);
    check("name=Ada", &[("name", "Ada")]);
    check("b=2&a=1", &[("b", "2"), ("a", "1")]);
    check("a=b=c==", &[("a", "b=c==")]);
    check("=x", &[("", "x")]);
    check("?a=1", &[("?a", "1")]);
    check("a=1;b=2", &[("a", "1;b=2")]);
}

#[test]
fn a_parameter_without_a_value_is_dropped() {
    check("a=&b=1", &[("b", "1")]);
    check("flag", &[]);
    check("&&a=1&&", &[("a", "1")]);
    check("=", &[]);
    check("a=&a=1&a=", &[("a", "1")]);
}

#[test]
fn values_of_one_name_are_joined() {
    check("name=Mathew&name=Amy", &[("name", "Mathew,Amy")]);
    check("Name=1&x=2&NAME=3&nAmE=4", &[("Name", "1,3,4"), ("x", "2")]);
    check("a=1,2&a=3", &[("a", "1,2,3")]);
    check("na%6de=1&name=2", &[("name", "1,2")]);
}

#[test]
fn case_is_that_of_every_character_alone() {
    check("%C3%89=1&%C3%A9=2", &[("É", "1,2")]);
    check("%CF%82=1&%CE%A3=2&%CF%83=3", &[("ς", "1,2,3")]);
    // The Kelvin sign and the long s have an ASCII other case; the sharp s has two letters.
    check("k=1&%E2%84%AA=2", &[("k", "1"), ("\u{212a}", "2")]);
    check("s=1&%C5%BF=2", &[("s", "1"), ("ſ", "2")]);
    check("%C3%9F=1&SS=2", &[("ß", "1"), ("SS", "2")]);
}

#[test]
fn escapes_are_decoded_once() {
    check("a%20b=c+d%2Be", &[("a b", "c d+e")]);
    check("a=%2525&b=%c3%A9", &[("a", "%25"), ("b", "é")]);
    check("a=%26&b=%3d", &[("a", "&"), ("b", "=")]);
    check("a=%00", &[("a", "\0")]);
}

#[test]
fn an_escape_that_is_none_stays() {
    check("a=%", &[("a", "%")]);
    check("a=%4", &[("a", "%4")]);
    check("a=%zz%4x%x4%%41", &[("a", "%zz%4x%x4%A")]);
    check("a=%+1", &[("a", "% 1")]);
}

#[test]
fn bytes_that_are_no_utf8_are_replaced() {
    check(b"a=\xff", &[("a", "\u{fffd}")]);
    check("a=%FF&b=%C3", &[("a", "\u{fffd}"), ("b", "\u{fffd}")]);
    // Half as sent, half escaped.
    check(b"a=\xc3%A9", &[("a", "é")]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_query_is_read_as_the_plain_way_does(
        words in vec(
            prop::sample::select(vec![
                "&", "=", "+", "%", "%4", "%41", "%61", "%C3", "%A9", "%89", "a", "A", "é", "É",
                "ſ", "s", ",", "%26", "%3D", "%2", "5",
            ]),
            0..24,
        ),
        noise in vec(any::<u8>(), 0..4),
    ) {
        let query = [words.concat().as_bytes(), &noise].concat();
        prop_assert_eq!(params(&query), plain(&query), "{}", query.escape_ascii());
    }
}
