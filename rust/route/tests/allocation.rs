//! A search must not allocate once its `Params` has seen requests of the size: the gateway runs it
//! for every request on one thread.

mod support;

use ferrofunc_route::Params;

#[test]
fn a_hit_allocates_nothing() {
    let router = support::router(&[
        ("api/hello", Some(&["GET"])),
        ("api/items/{id}", None),
        ("api/ranges/{low:int}-{high:int}", None),
        ("api/files/{*path}", None),
        ("api/default/{id=5}", None),
    ]);
    let mut params = Params::new();
    let paths = [
        "/api/hello",
        "/API/Hello/",
        "/api/items/a-rather-long-identifier",
        "/api/items/a%20b%C3%A9",
        "/api/ranges/10-20",
        "/api/files/a/b/c/../d",
        "/api/default",
        "/api/nothing/here",
    ];
    let mut search = || {
        for path in paths {
            std::hint::black_box(router.find(b"GET", path.as_bytes(), &mut params));
        }
    };
    search();
    let counted = allocation_counter::measure(search);
    assert_eq!(counted.count_total, 0);
}
