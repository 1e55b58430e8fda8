//! What happens by itself: schedules on a clock that the test turns.

use std::collections::HashSet;
use std::sync::Arc;

use graphloom_server::ScheduleOptions;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{A, Answer, B, Server, greet, write};
use crate::timed::{Killed, World, approve, review, runs, until};

const START: &str = "2026-11-21T12:00:30Z";

fn minutely(graph: &str) -> Value {
    json!({ "name": "each minute", "target": { "graph_id": graph }, "cron": "* * * * *" })
}

async fn create(server: &Server, schedule: &Value) -> Value {
    let answer = server.post("/v1/schedules", A, schedule).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.json()
}

async fn show(server: &Server, id: &str) -> Value {
    server.get(&format!("/v1/schedules/{id}"), A).await.json()
}

/// Waits until the last time of a schedule is this one, and returns the schedule.
async fn last(server: &Server, id: &str, at: &str) -> Value {
    until(&format!("the time {at}"), async || {
        let shown = show(server, id).await;
        (shown["last_at"] == at).then_some(shown)
    })
    .await
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

#[tokio::test]
async fn a_schedule_is_kept_changed_and_forgotten() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    let made = server.post("/v1/schedules", A, &minutely(&graph)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = made.header("location").to_owned();
    let tag = made.header("etag").to_owned();
    let kept = made.json();
    assert_eq!(kept["next_at"], "2026-11-21T12:01:00.000Z");
    assert_eq!(
        (&kept["misfire"], &kept["overlap"]),
        (&json!("once"), &json!("skip"))
    );
    assert_eq!(server.get(&path, A).await.header("etag"), tag);

    let disable = json!({ "enabled": false });
    let answer = Answer::of(
        server
            .ask(Method::PATCH, &path, A)
            .header("content-type", "application/merge-patch+json")
            .body("{}"),
    )
    .await;
    assert_eq!(answer.status, 428);
    let patched = write(&server, Method::PATCH, &path, &tag, &disable).await;
    assert_eq!(
        (patched.status, &patched.json()["next_at"]),
        (200, &Value::Null)
    );
    let stale = write(&server, Method::PATCH, &path, &tag, &disable).await;
    assert_eq!(
        (stale.status, stale.problem().as_str()),
        (412, "HTTP_PRECONDITION")
    );
    let whole = minutely(&graph);
    let replaced = write(&server, Method::PUT, &path, patched.header("etag"), &whole).await;
    assert_eq!(replaced.json()["next_at"], "2026-11-21T12:01:00.000Z");

    // Another tenant's is not there.
    assert_eq!(server.get(&path, B).await.status, 404);
    assert_eq!(
        server.get("/v1/schedules", B).await.json()["items"],
        json!([])
    );
    let foreign = Answer::of(server.ask(Method::DELETE, &path, B).header("if-match", "*")).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(
        server
            .post("/v1/schedules", B, &minutely(&graph))
            .await
            .status,
        422
    );

    let listed = server
        .get(&format!("/v1/schedules?target={graph}"), A)
        .await
        .json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        server.get("/v1/schedules?target=x", A).await.json()["items"],
        json!([])
    );
    let gone = write(
        &server,
        Method::DELETE,
        &path,
        replaced.header("etag"),
        &Value::Null,
    )
    .await;
    assert_eq!((gone.status, server.get(&path, A).await.status), (204, 404));
    server.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_told_all_at_once() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    let bad = json!({
        "name": "", "target": {}, "cron": "61 * * * *", "time_zone": "Europe/Pariss",
        "catch_up_limit": 0, "labels": { "graphloom.origin": "me" },
        "starts_at": "2027-01-01T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"
    });
    let answer = server.post("/v1/schedules", A, &bad).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (422, "HTTP_BODY")
    );
    let problem = answer.json();
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| error["pointer"].as_str().expect("a place"))
        .collect();
    assert_eq!(
        places,
        [
            "/name",
            "/catch_up_limit",
            "/ends_at",
            "/labels/graphloom.origin",
            "/target",
            "/time_zone",
            "/cron"
        ]
    );
    assert!(
        answer.text.contains("as Europe/Paris\""),
        "a suggestion: {}",
        answer.text
    );

    let with = |member: &str, value: Value| {
        let mut schedule = minutely(&graph);
        schedule[member] = value;
        schedule
    };
    for (schedule, status) in [
        (with("inputs", json!({ "nobody": 1 })), 422),
        (
            with("target", json!({ "graph_id": graph, "version": 9 })),
            422,
        ),
        (with("target", json!({ "graph_id": "nothing" })), 422),
        (
            with("target", json!({ "graph_id": graph, "preset_id": "x" })),
            422,
        ),
        (with("cronn", json!("* * * * *")), 422),
        (with("misfire", json!("twice")), 422),
        (with("starts_at", json!("tomorrow")), 422),
        // 84. Too few or too many fields, names that are none, and numbers out of their range.
        (with("cron", json!("*/5 * * * * * *")), 422),
        (with("cron", json!("* * * *")), 422),
        (with("cron", json!("")), 422),
        (with("cron", json!("@reboot")), 422),
        (with("cron", json!("*/0 * * * *")), 422),
        (with("cron", json!("-1 * * * *")), 422),
        (with("cron", json!("0 24 * * *")), 422),
        (with("cron", json!("0 0 0 * *")), 422),
        (with("cron", json!("0 0 * 13 *")), 422),
        (with("cron", json!("0 0 1 1 * 9999")), 422),
        (with("cron", json!("* ".repeat(5_000))), 422),
        (with("cron", json!(5)), 422),
        // 84. Times that never come.
        (with("cron", json!("0 0 30 2 *")), 422),
        (with("cron", json!("0 0 31 4,6,9,11 *")), 422),
        (with("starts_at", json!("9999-12-31T00:00:00Z")), 422),
        (with("starts_at", json!("9999-12-31T23:59:59+14:00")), 422),
        (with("starts_at", json!("10000-01-01T00:00:00Z")), 422),
        (with("ends_at", json!("2026-11-21T12:00:45Z")), 422),
        (
            with("callback", json!({ "url": "http://example.com/" })),
            422,
        ),
        (
            with("callback", json!({ "url": "https://127.0.0.1/" })),
            422,
        ),
    ] {
        let answer = server.post("/v1/schedules", A, &schedule).await;
        assert_eq!(answer.status, status, "{schedule}: {}", answer.text);
        answer.problem();
    }
    server.stop().await;
}

#[tokio::test]
async fn times_become_runs() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    let mut schedule = minutely(&graph);
    schedule["inputs"] = json!({ "who": "Ada" });
    schedule["labels"] = json!({ "team": "red" });
    let made = create(&server, &schedule).await;
    let tag = made["etag"].clone();
    world.clock.pass(30);
    let shown = last(&server, id(&made), "2026-11-21T12:01:00.000Z").await;
    let run = shown["last_run"].as_str().expect("a run");
    let run = until("the result", async || {
        let run = server.get(&format!("/v1/runs/{run}"), A).await.json();
        run["result"].is_object().then_some(run)
    })
    .await;
    assert_eq!(run["result"]["outputs"]["greeting"], json!(["Hello Ada!"]));
    assert_eq!(
        (&run["graph_id"], &run["labels"]["team"]),
        (&json!(graph), &json!("red"))
    );
    assert_eq!(shown["next_at"], "2026-11-21T12:02:00.000Z");
    let hash = |tag: &Value| {
        tag.as_str()
            .expect("a tag")
            .split('.')
            .next()
            .map(str::to_owned)
    };
    assert_eq!(
        hash(&shown["etag"]),
        hash(&tag),
        "times that pass change nothing that was written"
    );

    // A graph that is gone is told, and the schedule goes on.
    let path = format!("/v1/graphs/{graph}");
    assert_eq!(
        write(&server, Method::DELETE, &path, "*", &Value::Null)
            .await
            .status,
        204
    );
    world.clock.pass(60);
    let shown = until("an error", async || {
        let shown = show(&server, id(&made)).await;
        shown["last_error"].is_object().then_some(shown)
    })
    .await;
    assert_eq!(shown["last_error"]["code"], "HTTP_NOT_FOUND");
    assert_eq!(shown["last_error"]["at"], "2026-11-21T12:02:00.000Z");
    assert_eq!(shown["next_at"], "2026-11-21T12:03:00.000Z");
    server.stop().await;
}

/// 84. Gap and overlap, on the clocks of the zone.
#[tokio::test]
async fn the_next_times_are_shown() {
    let world = World::at("2026-03-27T12:00:00Z");
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    let schedule = json!({ "name": "night", "target": { "graph_id": graph }, "cron": "30 2 * * *",
        "time_zone": "Europe/Paris", "enabled": false });
    let made = create(&server, &schedule).await;
    let path = format!("/v1/schedules/{}/next", id(&made));
    let shown = server.get(&format!("{path}?n=3"), A).await.json();
    let local: Vec<&str> = shown["items"]
        .as_array()
        .expect("times")
        .iter()
        .map(|time| time["local"].as_str().expect("a text"))
        .collect();
    assert_eq!(
        local,
        [
            "2026-03-28T02:30:00+01:00[Europe/Paris]",
            "2026-03-29T03:00:00+02:00[Europe/Paris]",
            "2026-03-30T02:30:00+02:00[Europe/Paris]"
        ]
    );
    assert_eq!(shown["items"][1]["at"], "2026-03-29T01:00:00.000Z");
    let all = server.get(&format!("{path}?n=100"), A).await.json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(100));
    for bad in ["0", "101", "-1", "x"] {
        let answer = server.get(&format!("{path}?n={bad}"), A).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "HTTP_PARAMETER"),
            "{bad}"
        );
    }
    server.stop().await;
}

/// 84. What each form says comes next: with seconds, where clocks are put back, once in four years, to the end of the calendar.
#[tokio::test]
async fn each_form_has_the_times_that_it_says() {
    let world = World::at("2026-10-24T12:00:00Z");
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    for (cron, ends, expected) in [
        (
            "* * * * * *",
            None,
            &["2026-10-24T12:00:01.000Z", "2026-10-24T12:00:02.000Z"][..],
        ),
        (
            "30 2 * * *",
            None,
            &["2026-10-25T00:30:00.000Z", "2026-10-26T01:30:00.000Z"],
        ),
        (
            "30 2-3 * * *",
            None,
            &["2026-10-25T00:30:00.000Z", "2026-10-25T01:30:00.000Z"],
        ),
        (
            "0 0 29 2 *",
            None,
            &["2028-02-28T23:00:00.000Z", "2032-02-28T23:00:00.000Z"],
        ),
        (
            "@yearly",
            Some("9999-12-30T00:00:00Z"),
            &["2026-12-31T23:00:00.000Z", "2027-12-31T23:00:00.000Z"],
        ),
        (
            "@yearly",
            Some("2027-06-01T00:00:00Z"),
            &["2026-12-31T23:00:00.000Z"],
        ),
    ] {
        let mut schedule = minutely(&graph);
        schedule["cron"] = json!(cron);
        schedule["time_zone"] = json!("Europe/Paris");
        schedule["ends_at"] = json!(ends);
        schedule["enabled"] = json!(false);
        let made = create(&server, &schedule).await;
        let path = format!("/v1/schedules/{}/next?n=2", id(&made));
        let shown = server.get(&path, A).await.json();
        let times: Vec<&str> = shown["items"]
            .as_array()
            .expect("times")
            .iter()
            .map(|time| time["at"].as_str().expect("a text"))
            .collect();
        assert_eq!(times, expected, "{cron} {ends:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_passed_meanwhile_is_caught_up_as_the_schedule_says() {
    // Nobody is there from 12:00:30 to 15:00:30.
    for (misfire, limit, expected) in [
        ("once", 100, vec!["15:00:00"]),
        ("skip", 100, vec![]),
        ("all", 100, vec!["13:00:00", "14:00:00", "15:00:00"]),
        ("all", 2, vec!["14:00:00", "15:00:00"]),
    ] {
        let world = World::at(START);
        let server = world.start().await;
        let graph = server.keep(A, &greet()).await;
        let schedule = json!({ "name": "each hour", "target": { "graph_id": graph }, "cron": "0 * * * *",
            "misfire": misfire, "catch_up_limit": limit, "overlap": "allow" });
        let made = create(&server, &schedule).await;
        server.stop().await;
        world.clock.pass(3 * 3_600 + 90);
        let server = world.start().await;
        let shown = until("the next time", async || {
            let shown = show(&server, id(&made)).await;
            (shown["next_at"] == "2026-11-21T16:00:00.000Z").then_some(shown)
        })
        .await;
        let started = runs(&server, expected.len()).await;
        assert_eq!(started.len(), expected.len(), "{misfire}");
        let last = expected
            .last()
            .map(|time| format!("2026-11-21T{time}.000Z"));
        assert_eq!(shown["last_at"].as_str(), last.as_deref(), "{misfire}");
        let skipped = shown["last_skipped"]["why"].as_str();
        assert_eq!(
            skipped,
            (expected.len() < 3).then_some("misfire"),
            "{misfire}"
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn overlap_is_as_the_schedule_says() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &review()).await;
    for overlap in ["allow", "skip", "queue", "cancel_previous"] {
        let mut schedule = minutely(&graph);
        schedule["overlap"] = json!(overlap);
        let made = create(&server, &schedule).await;
        let id = id(&made);
        world.clock.pass(60);
        let first = until("the first run", async || {
            let run = show(&server, id).await["last_run"].as_str()?.to_owned();
            let status = server.get(&format!("/v1/runs/{run}"), A).await.json()["status"].clone();
            (status == "waiting").then_some(run)
        })
        .await;
        // Two more times come while the first run waits.
        for _ in 0..2 {
            let before = show(&server, id).await["next_at"].clone();
            world.clock.pass(60);
            until("the next time", async || {
                (show(&server, id).await["next_at"] != before).then_some(())
            })
            .await;
        }
        let shown = until("all is noted", async || {
            let shown = show(&server, id).await;
            let noted = match overlap {
                "allow" | "cancel_previous" => shown["last_run"] != first.as_str(),
                "skip" => shown["last_skipped"].is_object(),
                _ => shown["queued_at"].is_string(),
            };
            noted.then_some(shown)
        })
        .await;
        match overlap {
            "allow" => assert_eq!(shown["last_skipped"], Value::Null),
            "skip" => {
                assert_eq!(shown["last_run"], first.as_str());
                assert_eq!(shown["last_skipped"]["why"], "overlap");
            }
            "queue" => {
                assert_eq!(shown["last_run"], first.as_str());
                let queued = shown["queued_at"].as_str().expect("a time").to_owned();
                until("the other time is passed over", async || {
                    (show(&server, id).await["last_skipped"]["why"] == "overlap").then_some(())
                })
                .await;
                approve(&server, &first).await;
                // Messages are looked for by the clock.
                until("the one that waited", async || {
                    world.clock.pass(1);
                    let shown = show(&server, id).await;
                    (shown["last_at"] == queued.as_str()).then_some(())
                })
                .await;
            }
            _ => {
                until("the first is cancelled", async || {
                    world.clock.pass(1);
                    let run = server.get(&format!("/v1/runs/{first}"), A).await.json();
                    (run["status"] == "cancelled").then_some(())
                })
                .await;
            }
        }
        let path = format!("/v1/schedules/{id}");
        assert_eq!(
            write(&server, Method::DELETE, &path, "*", &Value::Null)
                .await
                .status,
            204
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn whoever_is_killed_between_starting_and_writing_has_started_one_run() {
    for kept in [0, 1] {
        let world = World::at(START);
        let dying = Arc::new(Killed::at(&world, "Schedule", false));
        let server = Server::with(world.app().records(dying.clone())).await;
        let graph = server.keep(A, &greet()).await;
        let made = create(&server, &minutely(&graph)).await;
        dying.after(kept);
        world.clock.pass(30);
        if kept == 1 {
            // It was started, and nobody has written that down.
            runs(&server, 1).await;
            assert_eq!(show(&server, id(&made)).await["last_run"], Value::Null);
        }
        server.stop().await;
        let server = world.start().await;
        world.clock.pass(60);
        // The time of the claim, and the one that came since.
        let shown = until("both times", async || {
            world.clock.pass(1);
            let shown = show(&server, id(&made)).await;
            (shown["last_at"] == "2026-11-21T12:02:00.000Z").then_some(shown)
        })
        .await;
        // Killed before the claim, both had passed: one run for them. Else one for each.
        let count = 1 + usize::try_from(kept).expect("0 or 1");
        assert_eq!(runs(&server, count).await.len(), count, "{shown}");
        server.stop().await;
    }
}

#[tokio::test]
async fn of_two_servers_one_starts_each_run() {
    let world = World::at(START);
    let (one, two) = (world.start().await, world.start().await);
    let graph = one.keep(A, &greet()).await;
    let mut schedule = minutely(&graph);
    schedule["overlap"] = json!("allow");
    schedule["misfire"] = json!("all");
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(create(&one, &schedule).await);
    }
    for minute in 1..=6 {
        world.clock.pass(60);
        for schedule in &made {
            last(
                &two,
                id(schedule),
                &format!("2026-11-21T12:0{minute}:00.000Z"),
            )
            .await;
        }
    }
    assert_eq!(runs(&two, 30).await.len(), 30);
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_clock_that_is_put_back_or_forward_runs_nothing_twice() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    let made = create(&server, &minutely(&graph)).await;
    world.clock.pass(30);
    last(&server, id(&made), "2026-11-21T12:01:00.000Z").await;
    world.clock.put(-600);
    for _ in 0..10 {
        world.clock.pass(60);
    }
    // 12:01 has come once more; the next one is 12:02.
    assert_eq!(
        show(&server, id(&made)).await["next_at"],
        "2026-11-21T12:02:00.000Z"
    );
    assert_eq!(runs(&server, 1).await.len(), 1);
    world.clock.put(3_600);
    world.clock.pass(5);
    let shown = last(&server, id(&made), "2026-11-21T13:01:00.000Z").await;
    assert_eq!(shown["last_skipped"]["why"], "misfire");
    assert_eq!(runs(&server, 2).await.len(), 2);
    server.stop().await;
}

/// 84. A thousand schedules, all due in the same second.
#[tokio::test]
async fn a_thousand_schedules_are_due_at_once() {
    let world = World::at(START);
    let server = world.start().await;
    let graph = server.keep(A, &greet()).await;
    let mut made = HashSet::new();
    for _ in 0..1_000 {
        made.insert(id(&create(&server, &minutely(&graph)).await).to_owned());
    }
    let one_more = server.post("/v1/schedules", A, &minutely(&graph)).await;
    assert_eq!(
        (one_more.status, one_more.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    world.clock.pass(30);
    let mut ran = HashSet::new();
    let mut runs = HashSet::new();
    until("all of them", async || {
        let mut path = "/v1/schedules?limit=200".to_owned();
        loop {
            let page = server.get(&path, A).await.json();
            for schedule in page["items"].as_array().expect("schedules") {
                if let Some(run) = schedule["last_run"].as_str() {
                    ran.insert(id(schedule).to_owned());
                    runs.insert(run.to_owned());
                }
            }
            let Some(next) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/v1/schedules?limit=200&cursor={next}");
        }
        (ran.len() == 1_000).then_some(())
    })
    .await;
    assert_eq!((&ran, runs.len()), (&made, 1_000));
    server.stop().await;
}

#[tokio::test]
async fn limits_are_the_operators() {
    let world = World::at(START);
    let options = ScheduleOptions::default()
        .min_interval(std::time::Duration::from_mins(5))
        .max_per_tenant(2);
    let server = Server::with(world.app().schedules(options)).await;
    let graph = server.keep(A, &greet()).await;
    let answer = server.post("/v1/schedules", A, &minutely(&graph)).await;
    assert_eq!(
        (answer.status, &answer.json()["errors"][0]["pointer"]),
        (422, &json!("/cron"))
    );
    let mut schedule = minutely(&graph);
    schedule["cron"] = json!("*/5 * * * *");
    for _ in 0..2 {
        create(&server, &schedule).await;
    }
    let answer = server.post("/v1/schedules", A, &schedule).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (429, "HTTP_TOO_MANY")
    );
    server.stop().await;
}
