//! Every constraint against texts that pass and texts that do not, through a whole route.

mod support;

use ferrofunc_route::{Params, RouterBuilder};

const N: &str = "00112233445566778899aabbccddeeff";
const D: &str = "00112233-4455-6677-8899-aabbccddeeff";

/// Constraint, what passes, what does not; the texts are escaped where a path demands it.
type Row<'r> = (&'r str, &'r [&'r str], &'r [&'r str]);

#[test]
fn section_3_1_constraints() {
    let rows: &[Row<'_>] = &[
        (
            "int",
            &["7", "007", "-1", "+1", "%207%20", "2147483647"],
            &["x", "1.0", "2147483648", "1,0"],
        ),
        (
            "long",
            &["9223372036854775807", "-9223372036854775808"],
            &["9223372036854775808", "0x1"],
        ),
        ("bool", &["true", "FALSE", "%20True"], &["1", "yes", "t"]),
        (
            "datetime",
            &["2016-12-31", "2016-12-31%207:32pm", "12-31-2016"],
            &["2016-13-01", "x", "7"],
        ),
        (
            "decimal",
            &["49.99", "-1,000.01", "5-", ".5"],
            &["1e5", "(5)", "1.2.3", "NaN"],
        ),
        (
            "double",
            &["1.234", "1,234.5e-3", "NaN", "-Infinity", "1e999"],
            &["x", "1e", "5-"],
        ),
        ("float", &["1.234", "1e10", "infinity"], &["x", "1.2.3"]),
        (
            "guid",
            &[N, D, "%7B00112233-4455-6677-8899-aabbccddeeff%7D"],
            &["0011", "x"],
        ),
        (
            "minlength(4)",
            &[
                "abcd",
                "%C3%A9%C3%A9%C3%A9%C3%A9",
                "%F0%9F%98%80%F0%9F%98%80",
            ],
            &["abc"],
        ),
        ("maxlength(3)", &["a", "abc"], &["abcd"]),
        ("length(3)", &["abc"], &["ab", "abcd"]),
        ("length(2,3)", &["ab", "abc"], &["a", "abcd"]),
        ("min(18)", &["18", "19", "%2B18"], &["17", "x"]),
        ("max(120)", &["120", "-5"], &["121", "x"]),
        ("range(18,120)", &["18", "120"], &["17", "121", "x"]),
        ("alpha", &["abc", "XyZ"], &["a1", "%C3%A9", "a-b"]),
        (
            "regex(^\\d{{3}}-\\d{{2}}$)",
            &["123-45"],
            &["1234-5", "x123-45"],
        ),
        ("regex(b.d)", &["abcde", "BXD"], &["bd"]),
        ("regex(^[a-z]+$)", &["abc", "ABC"], &["a1"]),
        ("regex(^(?!admin)\\w+$)", &["user"], &["Admins"]),
        ("required", &["x"], &[]),
        (
            "file",
            &["a.txt", "a.b.c", ".gitignore"],
            &["a", "a.", "a..."],
        ),
        ("nonfile", &["a", "a."], &["a.txt"]),
        ("INT", &["7"], &["x"]),
    ];
    for (constraint, passing, failing) in rows {
        let mut builder = RouterBuilder::new();
        builder
            .add(&format!("x/{{v:{constraint}}}"), None, ())
            .expect(constraint);
        let router = builder.build();
        for (text, expected) in passing
            .iter()
            .map(|text| (text, true))
            .chain(failing.iter().map(|text| (text, false)))
        {
            let path = format!("/x/{text}");
            let found = router.find(b"GET", path.as_bytes(), &mut Params::new());
            assert_eq!(found.is_some(), expected, "3.1 {constraint}: {text}");
        }
    }
}

#[test]
fn section_3_1_a_failed_constraint_leaves_later_routes() {
    let router = support::router(&[
        ("x/{id:int}", None),
        ("x/{name:alpha}", None),
        ("x/{*any}", None),
    ]);
    support::check("3.1 first", &router, "GET /x/7", Some((0, &[("id", "7")])));
    support::check(
        "3.1 second",
        &router,
        "GET /x/a",
        Some((1, &[("name", "a")])),
    );
    support::check(
        "3.1 third",
        &router,
        "GET /x/a7",
        Some((2, &[("any", "a7")])),
    );
}

#[test]
fn section_3_1_values_are_not_converted() {
    support::check_one(
        "3.1 values stay text",
        "{id:int}",
        "/007",
        Some(&[("id", "007")]),
    );
    support::check_one(
        "3.1 values stay text",
        "{id:bool}",
        "/TRUE",
        Some(&[("id", "TRUE")]),
    );
}

#[test]
fn section_3_1_file_looks_at_the_last_segment_of_a_catch_all() {
    for (template, path, expected) in [
        ("{*p:file}", "/a/b.txt", true),
        ("{*p:file}", "/a.d/b", false),
        ("{*p:file}", "/a/b.txt/", false),
        ("{*p:nonfile}", "/a.d/b", true),
    ] {
        let found = support::router(&[(template, None)])
            .find(b"GET", path.as_bytes(), &mut Params::new())
            .is_some();
        assert_eq!(found, expected, "3.1 file and nonfile: {template} {path}");
    }
}
