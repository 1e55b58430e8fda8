//! Which answer has the id that another operation asks for in its path.

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::{OpenApi, RefOr};

/// A parameter of a path, the operation that gives one, with which status, and where it is in the answer.
const GIVEN: &[(&str, &str, &str, &[&str], &str)] = &[
    (
        "graph",
        "POST",
        "/v1/graphs",
        &["201"],
        "$response.body#/id",
    ),
    (
        "run",
        "POST",
        "/v1/graphs/{graph}/runs",
        &["200", "202"],
        "$response.body#/run_id",
    ),
    (
        "run",
        "POST",
        "/v1/runs",
        &["200", "202"],
        "$response.body#/run_id",
    ),
    (
        "preset",
        "POST",
        "/v1/presets",
        &["201"],
        "$response.body#/id",
    ),
    (
        "run",
        "POST",
        "/v1/presets/{preset}/runs",
        &["200", "202"],
        "$response.body#/run_id",
    ),
    (
        "schedule",
        "POST",
        "/v1/schedules",
        &["201"],
        "$response.body#/id",
    ),
    (
        "webhook",
        "POST",
        "/v1/webhooks",
        &["201"],
        "$response.body#/id",
    ),
    ("file", "POST", "/v1/files", &["201"], "$response.body#/id"),
    ("key", "POST", "/v1/keys", &["201"], "$response.body#/id"),
    (
        "delivery",
        "GET",
        "/v1/deliveries",
        &["200"],
        "$response.body#/items/0/id",
    ),
];

/// Adds a link from each of them to every operation that asks for the id.
pub(super) fn add(all: &mut OpenApi) {
    for (parameter, method, path, statuses, place) in GIVEN {
        let asked = format!("{{{parameter}}}");
        let mut takers: Vec<String> = Vec::new();
        for (path, item) in &mut all.paths.paths {
            if path.contains(&asked) {
                let ids = super::operations(item)
                    .filter_map(|(_, operation)| operation.operation_id.clone());
                takers.extend(ids);
            }
        }
        let Some(item) = all.paths.paths.get_mut(*path) else {
            continue;
        };
        let giver = super::operations(item).find(|(its, _)| its == method);
        let Some((_, giver)) = giver else { continue };
        for status in *statuses {
            let Some(RefOr::T(response)) = giver.responses.responses.get_mut(*status) else {
                continue;
            };
            for taker in &takers {
                let link = LinkBuilder::new()
                    .operation_id(taker.clone())
                    .parameter(*parameter, *place)
                    .build();
                response.links.insert(taker.clone(), RefOr::T(link));
            }
        }
    }
}
