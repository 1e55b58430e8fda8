//! `email.send`, and AutoGPT's block that sends mail.

use std::sync::{Arc, Mutex};

use graphloom::block::Literals;
use graphloom::graph::Coercion;
use graphloom::host::{BoxFuture, EgressError, Mail, Mailer};
use graphloom::{BlockRun, Code, Engine, Registry, RunOptions, Text, Value, value};

use super::{Keys, error, only};
use crate::support::json;

/// Takes every message, or refuses each for the same reason.
struct StubMail {
    sent: Mutex<Vec<Mail>>,
    refuses: Option<EgressError>,
}

impl Mailer for StubMail {
    fn send(&self, mail: Mail) -> BoxFuture<'_, Result<Text, EgressError>> {
        self.sent.lock().unwrap().push(mail);
        let said = self
            .refuses
            .clone()
            .map_or(Ok(Text::from("250 queued as 7")), Err);
        Box::pin(std::future::ready(said))
    }
}

fn registry() -> Registry {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    registry
}

async fn run_refusing(
    id: &str,
    inputs: Value,
    refuses: Option<EgressError>,
) -> (BlockRun, Vec<Mail>) {
    let mail = Arc::new(StubMail {
        sent: Mutex::default(),
        refuses,
    });
    let engine = Engine::builder(registry())
        .mailer(Arc::clone(&mail) as Arc<dyn Mailer>)
        .credentials(Arc::new(Keys::new()))
        .build();
    let inputs = inputs.as_map().unwrap().clone();
    let options = RunOptions::new().run_id("r1");
    let run = engine
        .run_block(id, inputs, Coercion::Strict, options)
        .await
        .unwrap();
    let sent = mail.sent.lock().unwrap().clone();
    (run, sent)
}

async fn run(id: &str, inputs: Value) -> (BlockRun, Vec<Mail>) {
    run_refusing(id, inputs, None).await
}

#[tokio::test]
async fn a_message_is_handed_over_whole() {
    let (ran, sent) = run(
        "email.send",
        value!({
            "to": "ada@example.com, Bob <bob@example.com>", "cc": ["c@example.com"], "bcc": "d@example.com",
            "subject": "Hello", "text": "plain", "html": "<b>rich</b>", "from": "me@example.com",
            "server": "mail.example.com", "port": 465, "credential": "login",
        }),
    )
    .await;
    assert_eq!(only(&ran), ("reply", &value!("250 queued as 7")));
    let [mail] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    assert_eq!((mail.server.as_str(), mail.port), ("mail.example.com", 465));
    assert_eq!(mail.to, ["ada@example.com", "Bob <bob@example.com>"]);
    assert_eq!(
        (mail.cc.as_slice(), mail.bcc.as_slice()),
        (
            [Text::from("c@example.com")].as_slice(),
            [Text::from("d@example.com")].as_slice()
        )
    );
    assert_eq!(
        (
            mail.subject.as_str(),
            mail.text.as_str(),
            mail.html.as_deref()
        ),
        ("Hello", "plain", Some("<b>rich</b>"))
    );
    assert_eq!(
        (mail.from.as_str(), mail.user.as_deref()),
        ("me@example.com", Some("ada"))
    );
    assert_eq!(mail.password.as_ref().unwrap().expose(), "lovelace");
    assert!(mail.key.as_ref().unwrap().starts_with("r1:0:"), "{mail:?}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_is() {
    let check = async |change: Value, part: &str, code: Code| {
        let mut inputs = value!({"to": "a@example.com", "subject": "s", "text": "t", "from": "me@example.com", "server": "mail.example.com"})
            .as_map().unwrap().clone();
        for (key, value) in change.as_map().unwrap().iter() {
            inputs.insert(key.clone(), value.clone());
        }
        let (ran, sent) = run("email.send", Value::Map(inputs)).await;
        assert!(error(&ran).contains(part), "{ran:?}");
        assert_eq!((ran.error.unwrap().code, sent.len()), (code, 0));
    };
    let input = Code::BlockInput;
    check(value!({"to": " , "}), "nobody gets", input).await;
    check(
        value!({"subject": "a\r\nbcc: x@example.com"}),
        "the subject has a line end",
        input,
    )
    .await;
    check(
        value!({"to": ["a@example.com\nbcc: x"]}),
        "an address has a line end",
        input,
    )
    .await;
    check(
        value!({"text": ("x".repeat(11 << 20))}),
        "10485760 bytes",
        input,
    )
    .await;
    let many: Value = (0..101)
        .map(|n| Value::from(format!("a{n}@example.com")))
        .collect();
    check(value!({"to": many}), "100 addresses at most", input).await;
    check(value!({"from": null}), "nobody sends", input).await;
    check(
        value!({"credential": "key"}),
        "user_password",
        Code::BlockCredential,
    )
    .await;
    check(
        value!({"credential": "none"}),
        "none of this name",
        Code::BlockCredential,
    )
    .await;
}

#[tokio::test]
async fn autogpt_has_its_own_pins() {
    let id = "autogpt.send_email";
    let inputs = || {
        value!({
            "to_email": "ada@example.com", "subject": "s", "body": "t",
            "config": {"smtp_server": "mail.example.com"},
            "credentials": {"id": "9", "provider": "login", "type": "user_password"},
        })
    };
    let (ran, sent) = run(id, inputs()).await;
    assert_eq!(only(&ran), ("status", &value!("Email sent successfully")));
    assert_eq!((sent[0].port, sent[0].from.as_str()), (25, "ada"));
    let refuses = EgressError::Refused {
        message: "not this host".to_owned(),
    };
    let (ran, _) = run_refusing(id, inputs(), Some(refuses)).await;
    assert!(error(&ran).contains("not this host"), "{ran:?}");
    assert_eq!(ran.error.unwrap().code, Code::BlockRefused);
}

#[test]
fn needs_are_told() {
    let registry = registry();
    let needs = |id: &str, inputs: &str| {
        let inputs = json(inputs.as_bytes());
        let needs = registry
            .get(id)
            .unwrap()
            .block()
            .needs(&Literals::new(inputs.as_map().unwrap()));
        (
            needs.hosts[0].to_string(),
            needs
                .credentials
                .first()
                .map(|need| need.provider.to_string()),
        )
    };
    assert_eq!(
        needs("email.send", r#"{"server": "m.example"}"#),
        ("m.example:587".to_owned(), None)
    );
    let smtp = Some("smtp".to_owned());
    let config = r#"{"config": {"smtp_server": "m.example", "smtp_port": 465}}"#;
    assert_eq!(
        needs("autogpt.send_email", config),
        ("m.example:465".to_owned(), smtp.clone())
    );
    assert_eq!(needs("autogpt.send_email", "{}"), ("*".to_owned(), smtp));
}
