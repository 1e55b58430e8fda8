//! Spans arrive at a collector: all of them, also those of the last moment.

use rustix::process::Signal;
use serde_json::json;

use crate::harness::{Answer, Folder, greet, json as body};
use crate::program::Program;
use crate::receiver::Receiver;

/// Returns the fields of a message of Protocol Buffers that have this number; those that have a length, or are eight bytes.
fn fields(mut bytes: &[u8], number: u64) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let length = match tag & 7 {
            0 => {
                varint(&mut bytes);
                0
            }
            1 => 8,
            2 => usize::try_from(varint(&mut bytes)).expect("a length"),
            5 => 4,
            other => panic!("what is {other}?"),
        };
        let (field, rest) = bytes.split_at(length);
        bytes = rest;
        if tag >> 3 == number {
            found.push(field);
        }
    }
    found
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for at in 0.. {
        let (first, rest) = bytes.split_first().expect("more");
        *bytes = rest;
        number |= u64::from(first & 0x7f) << (7 * at);
        if first & 0x80 == 0 {
            break;
        }
    }
    number
}

struct Got {
    trace: String,
    span: String,
    parent: String,
    name: String,
    service: String,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Reads the spans of a request (`opentelemetry/proto/trace/v1/trace.proto`).
fn spans(request: &[u8]) -> Vec<Got> {
    let mut all = Vec::new();
    for resource in fields(request, 1) {
        let about = String::from_utf8_lossy(fields(resource, 1)[0]).into_owned();
        for span in fields(resource, 2)
            .into_iter()
            .flat_map(|scope| fields(scope, 2))
        {
            let one = |number| fields(span, number).first().copied().unwrap_or_default();
            all.push(Got {
                trace: hex(one(1)),
                span: hex(one(2)),
                parent: hex(one(4)),
                name: String::from_utf8(one(5).to_vec()).expect("text"),
                service: about.clone(),
            });
        }
    }
    all
}

// Whoever waits for the program to end keeps a thread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_spans_arrive_also_those_of_the_last_moment() {
    let receiver = Receiver::start().await;
    let folder = Folder::new();
    let endpoint = format!("http://127.0.0.1:{}", receiver.port);
    let args = [
        "--trace-otlp-endpoint",
        &endpoint,
        "--trace-service-name",
        "graphs-of-mine",
    ];
    let program = Program::start(&folder, &args);
    let graph = program.keep(&greet()).await;
    let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let request = program
        .ask(reqwest::Method::POST, &path)
        .header("traceparent", format!("00-{trace}-b7ad6b7169203331-01"));
    let ran = Answer::of(body(request, &json!({}))).await;
    assert_eq!(ran.status, 200, "{}", ran.text);
    program.signal(Signal::TERM);
    assert!(program.ended().success());

    let got = receiver.got();
    assert!(
        got.iter()
            .all(|got| got.header("content-type") == "application/x-protobuf")
    );
    let all: Vec<Got> = got.iter().flat_map(|got| spans(&got.body)).collect();
    let named = |name: &str| {
        let mut found = all.iter().filter(|span| span.name == name);
        let names: Vec<&str> = all.iter().map(|span| span.name.as_str()).collect();
        let one = found
            .next()
            .unwrap_or_else(|| panic!("{name} is not in {names:?}"));
        assert!(found.next().is_none(), "{name}");
        one
    };
    let request = named("POST /v1/graphs/{graph}/runs");
    assert_eq!(
        (request.trace.as_str(), request.parent.as_str()),
        (trace, "b7ad6b7169203331")
    );
    assert!(ran.header("traceparent").contains(&request.span));
    assert!(request.service.contains("graphs-of-mine"));
    let run = named("run");
    assert_eq!((run.trace.as_str(), &run.parent), (trace, &request.span));
    let first = named("POST /v1/graphs");
    assert_ne!(first.trace, trace);
    assert_eq!(first.parent, "");
}

#[tokio::test]
async fn a_collector_that_is_not_there_holds_up_nothing() {
    let folder = Folder::new();
    // Nobody listens there.
    let args = ["--trace-otlp-endpoint", "http://127.0.0.1:9"];
    let program = Program::start(&folder, &args);
    let graph = program.keep(&greet()).await;
    let path = format!("/v1/graphs/{graph}/runs?wait_ms=60000");
    assert_eq!(program.post(&path, &json!({})).await.status, 200);
    program.signal(Signal::TERM);
    let began = std::time::Instant::now();
    assert!(program.ended().success());
    assert!(began.elapsed() < std::time::Duration::from_secs(20));
}
