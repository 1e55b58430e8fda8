//! Models, asked by the program itself over a real socket: what is sent, what comes out, what is left when it is stopped.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use graphloom::{Value, value};

use crate::harness::{Called, Folder, call, called, command, parse};
use crate::stub::{Request, Response, Server};

/// An answer of the Responses API, as it is streamed, with the mark in place of `{id}`.
fn said(request: &Request, text: &str) -> Response {
    let body = parse(&request.text());
    let text = text.replace("{id}", &mark(&body).unwrap_or_default());
    let (head, tail) = text.split_at(text.len() / 2);
    let delta = |delta: &str| {
        let event = value!({"type": "response.output_text.delta", "delta": delta});
        format!("event: response.output_text.delta\ndata: {event}\n\n")
    };
    let whole = value!({"type": "response.completed", "response": {
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": (text.as_str())}]}],
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }});
    let whole = format!("data: {whole}\r\n\r\n");
    Response::new(200, "")
        .header("content-type", "text/event-stream")
        .pieces(
            Duration::ZERO,
            &[&delta(head), ": here\n", &delta(tail), &whole],
        )
}

fn mark(body: &Value) -> Option<String> {
    let messages = body.get("input")?.as_list()?;
    let mut texts = messages
        .iter()
        .filter_map(|message| message.get("content")?.as_str());
    texts.find_map(|text| {
        let (_, rest) = text.split_once("<json_output id=\"")?;
        Some(rest.split_once('"')?.0.to_owned())
    })
}

/// A server, and the flags that make every model of OpenAI be asked there.
struct Stage {
    server: Server,
    folder: Folder,
    flags: Vec<String>,
}

impl Stage {
    fn new(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let server = Server::start(answer);
        let folder = Folder::new();
        let models = value!({
            "format": 1,
            "providers": {"openai": {"base_url": (server.url("/v1")), "needs_credential": false}},
        });
        let models = folder.file("models.json", &models.to_string());
        let flags = [
            "--json",
            "--allow-host",
            &server.address.to_string(),
            "--models",
            &models,
        ];
        Self {
            flags: flags.map(str::to_owned).to_vec(),
            server,
            folder,
        }
    }

    fn args<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        args.iter()
            .copied()
            .chain(self.flags.iter().map(String::as_str))
            .collect()
    }

    fn run(&self, graph: &Value, inputs: &Value) -> Called {
        let graph = self.folder.file("graph.json", &graph.to_string());
        let inputs = self.folder.file("inputs.json", &inputs.to_string());
        call(&self.args(&["run", &graph, "--inputs", &inputs]))
    }

    fn bodies(&self) -> Vec<Value> {
        let requests = self.server.requests();
        requests
            .iter()
            .map(|request| parse(&request.text()))
            .collect()
    }
}

fn ask() -> Value {
    value!({
        "format": 1,
        "nodes": {
            "ask": {"block": "llm.generate_text", "inputs": {"prompt": "hi"}},
            "out": {"block": "io.output", "inputs": {"name": "said"}},
        },
        "links": [{"from": "ask.response", "to": "out.value"}],
    })
}

#[test]
fn a_stream_is_heard_counted_and_put_out() {
    let stage = Stage::new(|request| said(request, "héllo 🦀"));
    let graph = stage.folder.file("graph.json", &ask().to_string());
    let ran = call(&stage.args(&["run", &graph, "--events"]));
    assert_eq!(ran.exit, 0, "{} {}", ran.out, ran.err);
    let lines: Vec<Value> = ran.out.lines().map(parse).collect();
    let result = lines.last().unwrap().to_string();
    assert!(
        result.contains("héllo 🦀") && result.contains("llm_calls"),
        "{result}"
    );
    let [body] = &*stage.bodies() else {
        panic!("one question");
    };
    assert_eq!(body.get("store"), Some(&value!(false)));
    assert_eq!(
        body.get("input"),
        Some(&value!([{"role": "user", "content": "hi"}]))
    );
    let request = stage.server.requests().remove(0);
    assert_eq!(
        (&*request.method, &*request.target),
        ("POST", "/v1/responses")
    );
    assert!(stage.server.is_left());
}

/// The cases stand in `blocks-std/tests/llm`; here they go over the wire.
#[test]
fn cases_come_out_over_a_real_socket() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../blocks-std/tests/llm");
    for name in [
        "text_from_template",
        "object_after_feedback",
        "objects_by_force",
        "conversation_goes_on",
        "summary_of_parts",
        "list_with_its_items",
        "decision_yes",
        "decision_no",
    ] {
        let case = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let case = parse(&case);
        let answers = case
            .get("answers")
            .and_then(Value::as_list)
            .unwrap()
            .to_vec();
        let n = AtomicUsize::new(0);
        let stage = Stage::new(move |request| {
            let n = n.fetch_add(1, Ordering::SeqCst);
            said(request, answers[n].get("text").unwrap().as_str().unwrap())
        });
        let ran = stage.run(case.get("graph").unwrap(), case.get("inputs").unwrap());
        assert_eq!(ran.exit, 0, "{name}: {} {}", ran.out, ran.err);
        let outputs = ran.json().get("outputs").cloned().unwrap();
        let expected = case.get("expected").unwrap().get("outputs").unwrap();
        assert_eq!(outputs, *expected, "{name}");
        let requests = case.get("requests").and_then(Value::as_list).unwrap();
        assert_eq!(stage.bodies().len(), requests.len(), "{name}");
    }
}

/// Sends a signal to a run that hears a model speak for ever, or waits for it to have time.
#[cfg(unix)]
fn stopped(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) {
    let stage = Stage::new(answer);
    let graph = stage.folder.file("graph.json", &ask().to_string());
    let child = command(&stage.args(&["run", &graph]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = Instant::now();
    while stage.server.requests().is_empty() {
        assert!(
            asked.elapsed() < Duration::from_secs(20),
            "nothing was asked"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    // The answer has begun, or been refused.
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    let status = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
    let ended = called(child.wait_with_output().unwrap());
    // The grace time is five seconds.
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(ended.exit, 130, "{} {}", ended.out, ended.err);
    let outcome = ended.json();
    assert_eq!(
        outcome.get("status"),
        Some(&value!("cancelled")),
        "{outcome}"
    );
    let receipt = outcome.get("cancelled").unwrap();
    assert_eq!(receipt.get("abandoned"), Some(&value!([])), "{receipt}");
    assert_eq!(receipt.get("in_doubt"), Some(&value!([])), "{receipt}");
    assert!(stage.server.is_left(), "a connection was left open");
    assert_eq!(stage.server.requests().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_stream_without_end_is_given_up() {
    stopped(|_| {
        Response::new(200, "")
            .header("content-type", "text/event-stream")
            .pieces(
                Duration::ZERO,
                &["data: {\"type\": \"response.output_text.delta\", \"delta\": \"and\"}\n\n"],
            )
            .hangs()
    });
}

#[cfg(unix)]
#[test]
fn a_wait_before_another_try_is_given_up() {
    stopped(|_| Response::json(429, "{}").header("retry-after", "50"));
}

#[test]
fn what_was_paid_is_not_asked_again_after_a_kill() {
    // The first answer has not the form, so that there is a second question; that one is never answered, and the process
    // is killed meanwhile.
    let n = AtomicUsize::new(0);
    let stage = Stage::new(move |request| match n.fetch_add(1, Ordering::SeqCst) {
        0 => said(request, "no form"),
        1 => Response::new(200, "").hangs(),
        _ => said(request, "<json_output id=\"{id}\">{\"a\": 1}</json_output>"),
    });
    let graph = value!({
        "format": 1,
        "nodes": {
            "ask": {
                "block": "llm.generate_object",
                "inputs": {"prompt": "x", "expected_format": {"a": "b"}},
            },
            "out": {"block": "io.output", "inputs": {"name": "object"}},
        },
        "links": [{"from": "ask.response", "to": "out.value"}],
    });
    let graph = stage.folder.file("graph.json", &graph.to_string());
    let store = graph.replace("graph.json", "store");
    let mut child = command(&stage.args(&["run", &graph, "--store", &store, "--run-id", "r"]))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let began = Instant::now();
    while stage.server.requests().len() < 2 {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "nothing was asked"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let ran = call(&stage.args(&["runs", "resume", "r", "--store", &store]));
    assert_eq!(ran.exit, 0, "{} {}", ran.out, ran.err);
    let outcome = ran.json();
    let outputs = outcome.get("outputs").unwrap();
    assert_eq!(*outputs, value!({"object": [{"a": 1}]}));
    let bodies = stage.bodies();
    assert_eq!(bodies.len(), 3);
    // It goes on where it was: the second question once more, with the same mark.
    assert_eq!(bodies[1].get("input"), bodies[2].get("input"));
    assert_ne!(bodies[0].get("input"), bodies[2].get("input"));
    assert!(stage.server.is_left());
}

/// A file of the reference data, which a checkout may not have.
#[expect(clippy::print_stdout, reason = "a test that is left out says so")]
fn shared(path: &str) -> Option<String> {
    let root = std::env::var_os("GRAPHLOOM_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        std::path::PathBuf::from,
    );
    let found = std::fs::read_to_string(root.join(path)).ok();
    if found.is_none() {
        println!(
            "skipped: no reference data at {}",
            root.join(path).display()
        );
    }
    found
}

#[test]
fn what_was_observed_of_autogpt_comes_out_over_a_real_socket() {
    let Some(file) = shared("conformance/autogpt/llm_golden.json") else {
        return;
    };
    let file = parse(&file);
    let cases = file.get("cases").and_then(Value::as_list).unwrap();
    assert!(cases.len() >= 4);
    for case in cases.iter() {
        let name = case.get("name").and_then(Value::as_str).unwrap();
        let calls = case.get("llm_calls").and_then(Value::as_list).unwrap();
        let last = calls.len() - 1;
        let (kind, n) = (name.to_owned(), AtomicUsize::new(0));
        let stage = Stage::new(move |request| {
            let is_last = n.fetch_add(1, Ordering::SeqCst) == last;
            let text = match &*kind {
                "llm_text_template" => "pong",
                "llm_conversation" => "answer",
                "llm_structured_retry_fail" => "no json here",
                _ if is_last => {
                    "<json_output id=\"{id}\">{\"final_summary\": \"FIN\"}</json_output>"
                }
                _ => "<json_output id=\"{id}\">{\"summary\": \"S\"}</json_output>",
            };
            said(request, text)
        });
        let ran = stage.run(case.get("graph").unwrap(), case.get("inputs").unwrap());
        let result = case.get("result").unwrap();
        let errors = result.get("node_error_count").unwrap();
        // A run that completed with errors of nodes has an exit code of its own.
        let exit = if *errors == value!(0) { 0 } else { 10 };
        assert_eq!(ran.exit, exit, "{name}: {} {}", ran.out, ran.err);
        let outcome = ran.json();
        let status = result.get("status").and_then(Value::as_str).unwrap();
        assert_eq!(
            outcome.get("status"),
            Some(&value!(status.to_lowercase())),
            "{name}"
        );
        let expected = result.get("outputs").and_then(Value::as_map).unwrap();
        let outputs = outcome.get("outputs").and_then(Value::as_map).unwrap();
        assert_eq!(outputs.len(), expected.len(), "{name}: {outputs:?}");
        for (output, values) in expected.iter() {
            // Their words of an error are theirs; that there is one is not.
            if values.to_string().contains("elided>") {
                assert!(outputs.contains_key(output), "{name}: {output}");
            } else {
                assert_eq!(outputs.get(output), Some(values), "{name}: {output}");
            }
        }
        let bodies = stage.bodies();
        assert_eq!(bodies.len(), calls.len(), "{name}");
        for (body, call) in bodies.iter().zip(calls.iter()) {
            assert_eq!(body.get("model"), call.get("model"), "{name}");
            assert_eq!(body.get("store"), Some(&value!(false)), "{name}");
            assert_eq!(
                (body.get("text"), body.get("tools")),
                (None, None),
                "{name}"
            );
            let sent = body.get("input").and_then(Value::as_list).unwrap();
            let messages = call.get("messages").and_then(Value::as_list).unwrap();
            assert_eq!(sent.len(), messages.len(), "{name}");
            for (sent, message) in sent.iter().zip(messages.iter()) {
                assert_eq!(sent.get("role"), message.get("role"), "{name}");
                if !message.to_string().contains("elided>") {
                    assert_eq!(sent, message, "{name}");
                }
            }
        }
    }
}

#[test]
fn a_real_agent_runs_to_its_end() {
    let Some(agent) = shared("autogpt-agents/agent_516d813b-d1bc-470f-add7-c63a4b2c2bad.json")
    else {
        return;
    };
    let stage = Stage::new(|request| said(request, "[{\"name\": \"Ada\"}]"));
    let inputs = value!({"Arguments": "1", "Description": "makes people"});
    let ran = stage.run(&parse(&agent), &inputs);
    assert_eq!(ran.exit, 0, "{} {}", ran.out, ran.err);
    let outputs = ran.json().get("outputs").cloned().unwrap();
    assert_eq!(outputs, value!({"return": ["[{\"name\": \"Ada\"}]"]}));
    let [body] = &*stage.bodies() else {
        panic!("one question");
    };
    assert_eq!(body.get("model"), Some(&value!("o3-mini")));
    // `o3-mini` gives so many at most, and there is room for them.
    assert_eq!(body.get("max_output_tokens"), Some(&value!(100_000)));
    let messages = body.get("input").and_then(Value::as_list).unwrap();
    let content = |index: usize| messages[index].get("content").unwrap().as_str().unwrap();
    assert_eq!((messages.len(), content(1)), (2, "1"));
    assert!(content(0).contains("# makes people"), "{}", content(0));
}
