//! Every form of the template language, every rule about paths and methods, and the acceptance
//! examples that concern routing.

mod support;

use support::{RouteRow, Values, check, check_one, router};

const FORMS: &[(&str, &str, &str, Values)] = &[
    ("3 literal", "api/hello", "/api/hello", Some(&[])),
    ("3 literal, case", "api/hello", "/API/HeLLo", Some(&[])),
    (
        "3 literal, case beyond ASCII",
        "api/été",
        "/api/%C3%89T%C3%89",
        Some(&[]),
    ),
    ("3 literal, longer", "api/hello", "/api/hellos", None),
    ("3 literal, deeper", "api/hello", "/api/hello/x", None),
    ("3 literal, escaped in the path", "a b", "/a%20b", Some(&[])),
    (
        "3 parameter",
        "items/{id}",
        "/items/7",
        Some(&[("id", "7")]),
    ),
    ("3 parameter, not empty", "items/{id}", "/items", None),
    ("3 parameter, not empty", "items/{id}", "/items/", None),
    ("3 parameter, one segment", "items/{id}", "/items/7/8", None),
    (
        "3 parameter, spelling kept",
        "items/{ItemId}",
        "/items/7",
        Some(&[("ItemId", "7")]),
    ),
    (
        "3 optional",
        "items/{id?}",
        "/items/7",
        Some(&[("id", "7")]),
    ),
    ("3 optional, absent", "items/{id?}", "/items", Some(&[])),
    ("3 optional, absent", "items/{id?}", "/items/", Some(&[])),
    (
        "3 optionals",
        "{a}/{b?}/{c?}",
        "/1/2",
        Some(&[("a", "1"), ("b", "2")]),
    ),
    ("3 optionals", "{a}/{b?}/{c?}", "/1", Some(&[("a", "1")])),
    ("3 optional before a literal", "x/{a?}/y", "/x/y", None),
    (
        "3 optional before a literal",
        "x/{a?}/y",
        "/x/1/y",
        Some(&[("a", "1")]),
    ),
    ("3 default", "items/{id=5}", "/items", Some(&[("id", "5")])),
    (
        "3 default",
        "items/{id=5}",
        "/items/7",
        Some(&[("id", "7")]),
    ),
    (
        "3 default, empty",
        "items/{id=}",
        "/items",
        Some(&[("id", "")]),
    ),
    (
        "3 default, any text",
        "{d=a:b=c}",
        "/",
        Some(&[("d", "a:b=c")]),
    ),
    (
        "3 defaults and optionals",
        "{a=1}/{b?}/{c=3}",
        "/",
        Some(&[("a", "1"), ("c", "3")]),
    ),
    ("3 constraint", "{id:int}", "/7", Some(&[("id", "7")])),
    ("3 constraint", "{id:int}", "/x", None),
    (
        "3 constraints, all",
        "{id:int:min(1)}",
        "/1",
        Some(&[("id", "1")]),
    ),
    ("3 constraints, all", "{id:int:min(1)}", "/0", None),
    ("3 constraint and optional", "{id:int?}", "/", Some(&[])),
    ("3 constraint and optional", "{id:int?}", "/x", None),
    (
        "3 constraint and default",
        "{id:int=5}",
        "/",
        Some(&[("id", "5")]),
    ),
    ("3 constraint and default", "{id:int=5}", "/x", None),
    ("3 constraint on the default", "{id:int=x}", "/", None),
    (
        "3 catch-all",
        "f/{*path}",
        "/f/a/b",
        Some(&[("path", "a/b")]),
    ),
    (
        "3 catch-all, two stars",
        "f/{**path}",
        "/f/a/b",
        Some(&[("path", "a/b")]),
    ),
    ("3 catch-all, empty", "f/{*path}", "/f", Some(&[])),
    ("3 catch-all, empty", "f/{*path}", "/f/", Some(&[])),
    (
        "3 catch-all, slashes",
        "f/{*path}",
        "/f/a//b/",
        Some(&[("path", "a//b/")]),
    ),
    ("3 catch-all, empty first", "f/{*path}", "/f//a", None),
    (
        "3 catch-all, default",
        "f/{*path=x}",
        "/f",
        Some(&[("path", "x")]),
    ),
    (
        "3 catch-all, constraint",
        "f/{*path:maxlength(3)}",
        "/f/a/b",
        Some(&[("path", "a/b")]),
    ),
    (
        "3 catch-all, constraint",
        "f/{*path:maxlength(3)}",
        "/f/a/bc",
        None,
    ),
    (
        "3 catch-all, constraint on nothing",
        "f/{*path:maxlength(3)}",
        "/f",
        None,
    ),
    (
        "3 catch-all, constraint on nothing",
        "f/{*path:nonfile}",
        "/f",
        Some(&[]),
    ),
    ("3 catch-all after optional", "{a?}/{*b}", "/", Some(&[])),
    (
        "3 catch-all after optional",
        "{a?}/{*b}",
        "/1/2/3",
        Some(&[("a", "1"), ("b", "2/3")]),
    ),
    (
        "3 several",
        "{a}-{b}.{c}",
        "/1-2.3",
        Some(&[("a", "1"), ("b", "2"), ("c", "3")]),
    ),
    (
        "3 several, right to left",
        "{a}-{b}",
        "/1-2-3",
        Some(&[("a", "1-2"), ("b", "3")]),
    ),
    ("3 several, none empty", "{a}-{b}", "/1-", None),
    ("3 several, literal required", "{a}-{b}", "/12", None),
    (
        "3 several, constraint",
        "{a:int}-{b:alpha}",
        "/1-x",
        Some(&[("a", "1"), ("b", "x")]),
    ),
    ("3 several, constraint", "{a:int}-{b:alpha}", "/1-2", None),
    (
        "3 several, with literals",
        "v{major}-beta",
        "/V2-BETA",
        Some(&[("major", "2")]),
    ),
    (
        "3 tail",
        "{file}.{ext?}",
        "/a.b.txt",
        Some(&[("file", "a.b"), ("ext", "txt")]),
    ),
    (
        "3 tail, dropped",
        "{file}.{ext?}",
        "/readme",
        Some(&[("file", "readme")]),
    ),
    ("3 tail, dot alone", "{file}.{ext?}", "/readme.", None),
    ("3 tail, constraint", "{file}.{ext:alpha?}", "/a.1", None),
    (
        "3 tail, constraint on nothing",
        "{file}.{ext:alpha?}",
        "/a",
        Some(&[("file", "a")]),
    ),
    ("3 braces", "a{{b}}c", "/a{b}c", Some(&[])),
    (
        "3 braces, escaped in the path",
        "a{{b}}c",
        "/a%7bb%7Dc",
        Some(&[]),
    ),
    ("3 leading ~/", "~/x", "/x", Some(&[])),
    ("3 leading /", "/x", "/x", Some(&[])),
    ("3 empty", "", "/", Some(&[])),
    ("3 empty", "/", "/", Some(&[])),
    ("3 empty", "", "/x", None),
    ("3 trailing slash", "x/", "/x", Some(&[])),
];

#[test]
fn section_3_template_forms() {
    for &(name, template, path, expected) in FORMS {
        check_one(name, template, path, expected);
    }
}

const PATHS: &[(&str, &str, &str, Values)] = &[
    (
        "3.2 decoding",
        "x/{v}",
        "/x/a%20b%C3%A9",
        Some(&[("v", "a bé")]),
    ),
    ("3.2 decoding before matching", "x/y", "/%78/%59", Some(&[])),
    (
        "3.2 %2F stays",
        "x/{v}",
        "/x/a%2Fb",
        Some(&[("v", "a%2Fb")]),
    ),
    (
        "3.2 %2F stays",
        "x/{v}",
        "/x/a%2fb",
        Some(&[("v", "a%2fb")]),
    ),
    (
        "3.2 decoded once",
        "x/{v}",
        "/x/%252F",
        Some(&[("v", "%2F")]),
    ),
    (
        "3.2 plus is no space",
        "x/{v}",
        "/x/a+b",
        Some(&[("v", "a+b")]),
    ),
    (
        "3.2 malformed escape stays",
        "x/{v}",
        "/x/100%",
        Some(&[("v", "100%")]),
    ),
    (
        "3.2 malformed escape stays",
        "x/{v}",
        "/x/%g1%4",
        Some(&[("v", "%g1%4")]),
    ),
    (
        "3.2 not UTF-8 stays",
        "x/{v}",
        "/x/%FF%C3",
        Some(&[("v", "%FF%C3")]),
    ),
    ("3.2 NUL fits nothing", "x/{v}", "/x/%00", None),
    ("3.2 trailing slash", "api/x", "/api/x/", Some(&[])),
    ("3.2 two trailing slashes", "api/x", "/api/x//", None),
    ("3.2 empty interior segment", "api/x", "/api//x", None),
    ("3.2 empty interior segment", "api/{x}", "/api//", None),
    ("3.2 empty first segment", "api/x", "//api/x", None),
    ("3.2 prefix alone", "api/hello", "/api", None),
    ("3.2 unknown", "api/hello", "/nothing", None),
    (
        "3.2 dot segments",
        "api/{v}",
        "/x/../api/./7",
        Some(&[("v", "7")]),
    ),
    (
        "3.2 dot segments, escaped",
        "f/{*p}",
        "/f/a/%2e%2e/%2E./f/b",
        Some(&[("p", "b")]),
    ),
    ("3.2 not a path", "{*p}", "*", None),
];

#[test]
fn section_3_2_paths() {
    for &(name, template, path, expected) in PATHS {
        check_one(name, template, path, expected);
    }
}

#[test]
fn section_2_methods() {
    let every: &[RouteRow] = &[("x", None)];
    let some: &[RouteRow] = &[("x", Some(&["get", "Post"]))];
    let none: &[RouteRow] = &[("x", Some(&[]))];
    let second: &[RouteRow] = &[("x", Some(&["GET"])), ("{any}", Some(&["POST"]))];
    for (name, rows, request, expected) in [
        ("2 no methods, every method", every, "HEAD /x", Some(0)),
        ("2 no methods, every method", every, "OPTIONS /x", Some(0)),
        ("2 methods ignore case", some, "GET /x", Some(0)),
        ("2 methods ignore case", some, "post /x", Some(0)),
        ("2 HEAD is not implied by GET", some, "HEAD /x", None),
        ("2 a wrong method does not match", some, "PUT /x", None),
        ("2 empty methods never match", none, "GET /x", None),
        (
            "2 a wrong method leaves later routes",
            second,
            "PUT /x",
            None,
        ),
    ] {
        check(
            name,
            &router(rows),
            request,
            expected.map(|index| (index, &[][..])),
        );
    }
    let name = "2 a wrong method leaves later routes";
    check(name, &router(second), "POST /x", Some((1, &[("any", "x")])));
}

#[test]
fn section_14_acceptance_examples() {
    let rows: &[RouteRow] = &[
        ("api/files/{*path}", None),
        ("api/hello", Some(&["GET"])),
        ("api/items/{id:int}", None),
        ("api/maybe/{id:int?}", None),
        ("api/default/{id=5}", None),
    ];
    let router = router(rows);
    check("14.1", &router, "GET /api/hello", Some((1, &[])));
    check("14.1", &router, "POST /api/hello", None);
    check("14.1", &router, "GET /API/HELLO/", Some((1, &[])));
    check(
        "14.2",
        &router,
        "GET /api/items/7",
        Some((2, &[("id", "7")])),
    );
    check("14.2", &router, "GET /api/items/x", None);
    check("14.2", &router, "GET /api/items", None);
    check("14.3", &router, "GET /api/maybe", Some((3, &[])));
    check(
        "14.3",
        &router,
        "GET /api/default",
        Some((4, &[("id", "5")])),
    );
    check(
        "14.4",
        &router,
        "GET /api/files/a/b%2Fc",
        Some((0, &[("path", "a/b%2Fc")])),
    );
    check("14.4", &router, "GET /api/files", Some((0, &[])));
}
