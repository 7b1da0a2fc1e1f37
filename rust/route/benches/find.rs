//! How long a search takes, and that the number of routes does not matter: the same request among
//! 5, 50 and 500 routes. Read the three numbers of a line together; they should be one number.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ferrofunc_route::{Params, Router, RouterBuilder};

/// A table as an app has it: services side by side, each with a list and an item, in name order.
fn table(routes: usize) -> Router<usize> {
    let mut builder = RouterBuilder::new();
    for index in 0..routes {
        let service = index / 2;
        let template = if index % 2 == 0 {
            format!("api/service{service}/list")
        } else {
            format!("api/service{service}/items/{{id}}")
        };
        builder
            .add(&template, Some(&["GET".to_owned()]), index)
            .expect("a valid template");
    }
    builder.build()
}

fn find(criterion: &mut Criterion) {
    for (name, path, is_hit) in [
        ("literal_hit", "/api/service1/list", true),
        ("param_hit", "/api/service1/items/7f3a", true),
        ("param_hit_escaped", "/api/service1/items/7f%203a", true),
        ("miss_first_segment", "/favicon.ico", false),
        ("miss_last_segment", "/api/service1/nothing", false),
    ] {
        let mut group = criterion.benchmark_group(name);
        for routes in [5, 50, 500] {
            let router = table(routes);
            let mut params = Params::new();
            assert_eq!(
                router.find(b"GET", path.as_bytes(), &mut params).is_some(),
                is_hit
            );
            group.bench_function(BenchmarkId::from_parameter(routes), |bencher| {
                bencher.iter(|| {
                    router.find(black_box(b"GET"), black_box(path.as_bytes()), &mut params)
                });
            });
        }
        group.finish();
    }
}

/// The forms that cost more than a step in the tree, one route each.
fn forms(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("form");
    for (name, template, path) in [
        ("int", "api/items/{id:int}", "/api/items/12345"),
        (
            "guid",
            "api/items/{id:guid}",
            "/api/items/00112233-4455-6677-8899-aabbccddeeff",
        ),
        (
            "regex",
            "api/items/{id:regex(^\\d{{3}}-\\d{{4}}$)}",
            "/api/items/123-4567",
        ),
        ("several", "api/{low}-{high}.{kind}", "/api/10-20.json"),
        (
            "catch_all",
            "api/files/{*path}",
            "/api/files/a/b/c/d/e/f.txt",
        ),
    ] {
        let mut builder = RouterBuilder::new();
        builder.add(template, None, ()).expect(template);
        let router = builder.build();
        let mut params = Params::new();
        assert!(
            router.find(b"GET", path.as_bytes(), &mut params).is_some(),
            "{name}"
        );
        group.bench_function(name, |bencher| {
            bencher
                .iter(|| router.find(black_box(b"GET"), black_box(path.as_bytes()), &mut params));
        });
    }
    group.finish();
}

criterion_group!(benches, find, forms);
criterion_main!(benches);
