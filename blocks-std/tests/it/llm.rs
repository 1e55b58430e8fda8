//! Models, asked over each protocol through the engine and a scripted web client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graphloom::host::{
    Credential, EgressError, Extensions, ManualClock, MemoryCredentials, Secret,
};
use graphloom::value::to_value;
use graphloom::{
    BlockInfo, Capability, Effect, Engine, Observed, Registry, RunOptions, RunOutcome, Said,
    Status, Value, observe, value,
};
use graphloom_blocks::llm::{Asking, ChatRequest, Message, Models, ToolSpec};

use crate::faults::blocks::Probe;
use crate::stub_http::{Answer, Sent, StubHttp};
use crate::support::passing;

struct Asked {
    outcome: RunOutcome,
    sent: Vec<Sent>,
    /// What was heard while it came in.
    partial: String,
}

impl Asked {
    fn cost(&self, unit: &str) -> f64 {
        let mut costs = self.outcome.costs.iter();
        costs
            .find(|(own, _)| own == unit)
            .map_or(0.0, |(_, amount)| *amount)
    }

    fn answer(&self) -> &Value {
        self.outcome.output("out").first().unwrap()
    }

    fn failure(&self) -> &str {
        &self.outcome.errors.first().unwrap().message
    }
}

fn ask(request: ChatRequest, asking: Asking) -> Probe {
    Probe::new("t.ask", move |cx, _, out| {
        let (request, asking) = (request.clone(), asking.clone());
        Box::pin(async move {
            let answer = Models::of(cx).chat(cx, &request, &asking).await?;
            out.emit("out", to_value(&answer).unwrap()).await?;
            Ok(())
        })
    })
    .info(|info: BlockInfo| {
        info.effect(Effect::Idempotent).capabilities(&[
            Capability::Http,
            Capability::Credential,
            Capability::Clock,
            Capability::Ext,
        ])
    })
}

/// Asks one model once; the script is told how many questions came before.
async fn asked(
    request: ChatRequest,
    asking: Asking,
    script: impl Fn(usize) -> Result<Answer, EgressError> + Send + Sync + 'static,
) -> Asked {
    let count = AtomicUsize::new(0);
    let http = StubHttp::new(move |_| script(count.fetch_add(1, Ordering::SeqCst)));
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    registry.add(ask(request, asking)).unwrap();
    let clock = Arc::new(ManualClock::new());
    let credentials = ["openai", "anthropic", "open_router"]
        .into_iter()
        .fold(MemoryCredentials::new(), |all, name| {
            all.with(Credential::api_key(name, Secret::new(format!("sk-{name}"))))
        });
    let engine = Engine::builder(registry)
        .http(Arc::clone(&http) as _)
        .clock(Arc::clone(&clock) as _)
        .credentials(Arc::new(credentials))
        .extensions(Extensions::new().with(Models::default()))
        .build();
    let graph = value!({
        "format": 1,
        "nodes": {
            "ask": {"block": "t.ask"},
            "out": {"block": "io.output", "inputs": {"name": "out"}},
        },
        "links": [{"from": "ask.out", "to": "out.value"}],
    });
    let plan = engine.load(graph.to_string().as_bytes()).unwrap();
    let (observer, mut seen) = observe(1_000);
    let run = engine.run(&plan, RunOptions::new().observe(observer));
    let outcome = passing(&clock, run).await.unwrap();
    let mut partial = String::new();
    while let Some(observed) = seen.try_next() {
        if let Observed::Note(note) = observed
            && let Said::Partial { pin, text } = &note.said
        {
            assert_eq!(*pin, *"out");
            partial += text;
        }
    }
    Asked {
        outcome,
        sent: http.sent(),
        partial,
    }
}

fn question(model: &str) -> ChatRequest {
    let mut request = ChatRequest::new(
        model,
        vec![
            Message::System("be short".into()),
            Message::User("hi".into()),
        ],
    );
    request.tools = vec![ToolSpec::new("add", "adds", value!({"type": "object"}))];
    request
}

fn heard() -> Asking {
    let mut asking = Asking::step("ask");
    asking.pin = Some("out".into());
    asking
}

fn stream(pieces: &[&str]) -> Answer {
    Answer::new(200, "")
        .header("content-type", "text/event-stream; charset=utf-8")
        .pieces(pieces)
}

const RESPONSES: &[&str] = &[
    "event: response.created\ndata: {\"type\": \"response.created\"}\n\nevent: response.output_",
    "text.delta\ndata: {\"type\": \"response.output_text.delta\", \"delta\": \"he\"}\n\n: still here\n\n",
    "data: {\"type\": \"response.output_text.delta\", \"delta\": \"llo\"}\r\n\r",
    "\ndata: {\"type\": \"response.completed\", \"response\": {\"status\": \"completed\", \"output\": [\ndata: ",
    "{\"type\": \"message\", \"content\": [{\"type\": \"output_text\", \"text\": \"hello\"}]}], \"usage\": ",
    "{\"input_tokens\": 1000000, \"input_tokens_details\": {\"cached_tokens\": 400000}, \"output_tokens\": 100000}}}\n\n",
];

#[tokio::test]
async fn the_responses_protocol_is_heard_as_it_comes_and_counted() {
    let asked = asked(question("openai/gpt-4o"), heard(), |_| {
        Ok(stream(RESPONSES))
    })
    .await;
    assert_eq!(
        asked.outcome.status,
        Status::Completed,
        "{:?}",
        asked.outcome
    );
    assert_eq!(asked.answer().get("text"), Some(&value!("hello")));
    assert_eq!(asked.partial, "hello");
    let [sent] = &*asked.sent else {
        panic!("one question: {:?}", asked.sent);
    };
    assert_eq!(
        (&*sent.method, &*sent.url),
        ("POST", "https://api.openai.com/v1/responses")
    );
    assert_eq!(sent.header("authorization"), Some("Bearer sk-openai"));
    let body = sent.json();
    assert_eq!(body.get("model"), Some(&value!("gpt-4o")));
    assert_eq!(body.get("store"), Some(&value!(false)));
    assert_eq!(body.get("max_output_tokens"), Some(&value!(16_384)));
    assert!((asked.cost("input_tokens") - 1e6).abs() < 0.5);
    assert!((asked.cost("cached_tokens") - 4e5).abs() < 0.5);
    assert!((asked.cost("output_tokens") - 1e5).abs() < 0.5);
    assert!((asked.cost("llm_calls") - 1.0).abs() < 1e-9);
    assert!((asked.cost("llm_retries")).abs() < 1e-9);
    // 0.6 million at 2.5, 0.4 at 1.25, 0.1 at 10.
    assert!(
        (asked.cost("usd") - 3.0).abs() < 1e-9,
        "{}",
        asked.cost("usd")
    );
}

#[tokio::test]
async fn chat_completions_go_to_the_provider_that_the_name_tells() {
    let asked = asked(question("mistralai/any"), heard(), |_| {
        Ok(stream(&[
            ": PROCESSING\n\ndata: {\"choices\": [{\"delta\": {\"content\": \"a\"}}]}\n\n",
            "data: {\"choices\": [{\"delta\": {\"tool_calls\": [{\"index\": 0, \"id\": \"c\", ",
            "\"function\": {\"name\": \"add\", \"arguments\": \"{}\"}}]}, \"finish_reason\": \"tool_calls\"}]}\n\n",
            "data: {\"choices\": [], \"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 7}}\n\ndata: [DONE]\n\n",
        ]))
    })
    .await;
    let calls = asked.answer().get("calls").unwrap();
    assert_eq!(
        *calls,
        value!([{"id": "c", "name": "add", "arguments": "{}"}])
    );
    let sent = asked.sent.first().unwrap();
    assert_eq!(sent.url, "https://openrouter.ai/api/v1/chat/completions");
    assert_eq!(sent.json().get("model"), Some(&value!("mistralai/any")));
    assert!((asked.cost("output_tokens") - 7.0).abs() < 1e-9);
    // Nobody knows what it costs.
    assert!(asked.outcome.costs.iter().all(|(unit, _)| unit != "usd"));
}

#[tokio::test]
async fn messages_need_no_stream_and_have_a_key_of_their_own() {
    let asked = asked(question("claude-sonnet-4-5-20250929"), heard(), |_| {
        let body = r#"{"content": [{"type": "text", "text": "hey"}], "stop_reason": "end_turn",
            "usage": {"input_tokens": 2, "output_tokens": 3}}"#;
        Ok(Answer::json(200, body))
    })
    .await;
    assert_eq!(asked.answer().get("text"), Some(&value!("hey")));
    assert_eq!(asked.partial, "hey");
    let sent = asked.sent.first().unwrap();
    assert_eq!(sent.url, "https://api.anthropic.com/v1/messages");
    assert_eq!(sent.header("x-api-key"), Some("sk-anthropic"));
    assert_eq!(sent.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(sent.header("authorization"), None);
    assert_eq!(sent.json().get("system"), Some(&value!("be short")));
    assert_eq!(sent.json().get("max_tokens"), Some(&value!(64_000)));
}

#[tokio::test]
async fn what_may_pass_is_asked_again_and_a_bounded_number_of_times() {
    let ends = |n: usize| match n {
        0 => Ok(Answer::json(429, "{}").header("retry-after", "3")),
        // It breaks off in the middle.
        1 => Ok(stream(&RESPONSES[..3])),
        _ => Ok(stream(RESPONSES)),
    };
    let ended = asked(question("gpt-4o"), heard(), ends).await;
    assert_eq!(ended.answer().get("text"), Some(&value!("hello")));
    assert_eq!(ended.partial, "hellohello");
    assert!((ended.cost("llm_calls") - 3.0).abs() < 1e-9);
    assert!((ended.cost("llm_retries") - 2.0).abs() < 1e-9);

    let never = asked(question("gpt-4o"), heard(), |_| Ok(Answer::json(500, "{}"))).await;
    assert_eq!(
        (never.sent.len(), never.outcome.status),
        (3, Status::Failed)
    );
    assert!(never.failure().contains("500"), "{}", never.failure());

    let late = asked(question("gpt-4o"), heard(), |_| {
        Ok(Answer::json(429, "{}").header("retry-after", "3600"))
    });
    assert_eq!(late.await.sent.len(), 1);
}

#[tokio::test]
async fn what_will_not_pass_is_told_at_once() {
    for (status, body, expected) in [
        (
            401,
            r#"{"error": {"message": "bad key"}}"#,
            "credential \"openai\"",
        ),
        (
            400,
            r#"{"error": {"message": "no such parameter"}}"#,
            "no such parameter",
        ),
        (404, "<html>", "404"),
    ] {
        let asked = asked(question("gpt-4o"), heard(), move |_| {
            Ok(Answer::json(status, body))
        })
        .await;
        assert_eq!(asked.sent.len(), 1, "{status}");
        assert!(asked.failure().contains(expected), "{}", asked.failure());
    }
    let asked = asked(question("no-such-model"), heard(), |_| {
        Ok(Answer::new(200, ""))
    })
    .await;
    assert!(asked.sent.is_empty());
    assert!(
        asked.failure().contains("no-such-model"),
        "{}",
        asked.failure()
    );
}

#[tokio::test]
async fn long_conversations_are_shortened_and_answers_have_room() {
    let mut request = ChatRequest::new(
        "gpt-3.5-turbo",
        vec![Message::User("word ".repeat(20_000).into())],
    );
    request.max_tokens = Some(1_000_000);
    let mut asking = heard();
    asking.compress = true;
    let short = asked(request.clone(), asking, |_| Ok(stream(RESPONSES))).await;
    let body = short.sent.first().unwrap().json();
    assert_eq!(body.get("max_output_tokens"), Some(&value!(4_096)));
    let input = body.get("input").unwrap().to_string();
    // Half of 16,385 tokens, at four characters each.
    assert!((30_000..33_000).contains(&input.len()), "{}", input.len());

    let whole = asked(request, heard(), |_| Ok(stream(RESPONSES))).await;
    let body = whole.sent.first().unwrap().json();
    assert_eq!(body.get("max_output_tokens"), Some(&value!(1)));
}
