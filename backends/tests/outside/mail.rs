//! Mail against a server of a few lines.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{EgressError, Grants, Mail, Mailer, ManualClock};
use graphloom_backends::egress::EgressPolicy;
use graphloom_backends::mail::{GuardedMail, MailLimits, MailOptions};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::harness::{Names, hosts, raw, secret};
use crate::tls::{authority, shows};

/// What a server heard.
type Heard = Arc<Mutex<Vec<String>>>;

/// How a server behaves.
#[derive(Clone, Default)]
struct Script {
    tls: Option<Arc<ServerConfig>>,
    /// Speaks TLS from the start.
    at_once: bool,
    /// What it answers to a line that begins so, in place of what it should.
    odd: Vec<(&'static str, &'static str)>,
}

fn server(script: Script) -> (u16, Heard) {
    let heard = Heard::default();
    let own = Arc::clone(&heard);
    let address = raw(move |mut socket| {
        let config = script.tls.clone();
        match config.filter(|_| script.at_once) {
            Some(config) => in_tls(&mut socket, config, &script, &own),
            None => {
                if talk(&mut socket, &script, &own, true, script.tls.is_some()) {
                    let config = script.tls.clone().unwrap();
                    let mut tls = ServerConnection::new(config).unwrap();
                    talk(
                        &mut Stream::new(&mut tls, &mut socket),
                        &script,
                        &own,
                        false,
                        false,
                    );
                }
            }
        }
    });
    (address.port(), heard)
}

fn in_tls(socket: &mut TcpStream, config: Arc<ServerConfig>, script: &Script, heard: &Heard) {
    let mut tls = ServerConnection::new(config).unwrap();
    talk(
        &mut Stream::new(&mut tls, socket),
        script,
        heard,
        true,
        false,
    );
}

/// Talks until the end, or until TLS is to begin; says whether it is.
fn talk(
    stream: &mut (impl Read + Write),
    script: &Script,
    heard: &Heard,
    greets: bool,
    offers_tls: bool,
) -> bool {
    if greets && stream.write_all(b"220 here\r\n").is_err() {
        return false;
    }
    let mut is_message = false;
    while let Some(line) = line(stream) {
        heard.lock().unwrap().push(line.clone());
        if is_message && line != "." {
            continue;
        }
        let verb = line.split(' ').next().unwrap_or_default().to_uppercase();
        let odd = script.odd.iter().find(|(start, _)| line.starts_with(start));
        let answer = match (odd, verb.as_str()) {
            (Some((_, answer)), _) => answer,
            (None, "EHLO") if offers_tls => "250-here\r\n250-STARTTLS\r\n250 8BITMIME",
            (None, "EHLO") => "250-here\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
            (None, "AUTH") => "235 welcome",
            (None, "DATA") => "354 go on",
            (None, "STARTTLS") => "220 go on",
            (None, ".") => "250 kept as 17",
            (None, "QUIT") => "221 bye",
            (None, _) => "250 fine",
        };
        is_message = verb == "DATA" && answer.starts_with('3');
        if stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .is_err()
            || stream.flush().is_err()
        {
            return false;
        }
        if verb == "STARTTLS" && odd.is_none() {
            return true;
        }
    }
    false
}

fn line(stream: &mut impl Read) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while !line.ends_with(b"\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => line.push(byte[0]),
            _ => return None,
        }
    }
    Some(String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn names() -> Names {
    Names::new()
        .with("smtp.example", &[&["127.0.0.1"]])
        .with("far.example", &[&["192.0.2.1"]])
}

fn options(allowed: &[&str]) -> MailOptions {
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(784_111_777));
    MailOptions::new()
        .resolver(Arc::new(names()))
        .clock(Arc::new(clock))
        .policy(EgressPolicy::new().allow_hosts(hosts(allowed)))
}

fn client(allowed: &[&str]) -> GuardedMail {
    GuardedMail::new(options(allowed))
}

fn mail(server: &str, port: u16) -> Mail {
    let mut mail = Mail::new(server, port, "Ada <ada@example.com>");
    mail.to = vec![Text::from("bob@example.org")];
    mail.subject = Text::from("Grüße");
    mail.text = Text::from("Hello\n.\nBob");
    mail
}

fn with_password(mut mail: Mail, to: &[&str]) -> Mail {
    mail.user = Some(Text::from("ada"));
    mail.password = Some(secret("canary-0123456789", to));
    mail
}

#[tokio::test]
async fn a_message_is_handed_over() {
    let (port, heard) = server(Script::default());
    let mut mail = with_password(mail("smtp.example", port), &["smtp.example:*"]);
    mail.cc = vec![Text::from("Cleo <cleo@example.org>")];
    mail.bcc = vec![Text::from("dan@example.org")];
    mail.html = Some(Text::from("<p>Hello</p>"));
    mail.key = Some(Text::from("run-1.send.0"));
    let said = client(&["smtp.example:*"]).send(mail).await.unwrap();
    assert_eq!(said.as_str(), "250 kept as 17");
    let heard = heard.lock().unwrap().join("\n");
    for part in [
        "AUTH PLAIN",
        "MAIL FROM:<ada@example.com>",
        "RCPT TO:<bob@example.org>",
        "RCPT TO:<cleo@example.org>",
        "RCPT TO:<dan@example.org>",
        "From: Ada <ada@example.com>",
        "Subject: =?utf-8?b?",
        "Message-ID: <run-1.send.0@example.com>",
        "Date: Sun, 06 Nov 1994 08:49:37 +0000",
        "multipart/alternative",
        "<p>Hello</p>",
        // A dot alone would end the message.
        "\n..\n",
        "QUIT",
    ] {
        assert!(heard.contains(part), "{part}\n{heard}");
    }
    assert!(
        !heard.contains("Bcc") && !heard.contains("dan@example.org>, "),
        "{heard}"
    );
}

#[tokio::test]
async fn tls_is_spoken_where_it_is_offered() {
    let (known, unknown) = (authority("one"), authority("another"));
    let good = Some(shows("smtp.example", Some(&known), |_| {}));
    let secure = || GuardedMail::new(options(&["smtp.example:*"]).trust(known.der.clone()));
    let (port, heard) = server(Script {
        tls: good,
        ..Script::default()
    });
    let message = |port| with_password(mail("smtp.example", port), &["smtp.example:*"]);
    let said = secure().send(message(port)).await.unwrap();
    assert_eq!(said.as_str(), "250 kept as 17");
    let first: Vec<String> = heard.lock().unwrap().iter().take(2).cloned().collect();
    assert!(
        first[0].starts_with("EHLO") && first[1] == "STARTTLS",
        "{first:?}"
    );
    for config in [
        shows("smtp.example", Some(&unknown), |_| {}),
        shows("evil.example", Some(&known), |_| {}),
    ] {
        let (port, heard) = server(Script {
            tls: Some(config),
            ..Script::default()
        });
        let sent = secure().send(message(port)).await;
        assert!(matches!(sent, Err(EgressError::Connect { .. })), "{sent:?}");
        assert!(!heard.lock().unwrap().join(" ").contains("AUTH"));
    }
}

#[tokio::test]
async fn servers_are_judged_as_everything_else() {
    let (port, heard) = server(Script::default());
    for host in [
        "smtp.example",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "[::ffff:7f00:1]",
        "169.254.169.254",
        "metadata.google.internal",
    ] {
        for port in [587, 465, 2525] {
            let sent = client(&[]).send(mail(host, port)).await;
            assert!(
                matches!(sent, Err(EgressError::Refused { .. })),
                "{host}: {sent:?}"
            );
        }
    }
    for other in [0, 22, 25, 80, 443, port] {
        let sent = client(&["other.example:*"])
            .send(mail("far.example", other))
            .await;
        assert!(
            matches!(sent, Err(EgressError::Refused { .. })),
            "{other}: {sent:?}"
        );
    }
    for host in [
        "",
        "a b",
        "user@smtp.example",
        "smtp.example/x",
        "smtp.example:25",
        "a\r\nb",
    ] {
        let sent = client(&["*:*"]).send(mail(host, 587)).await;
        assert!(
            matches!(sent, Err(EgressError::Request { .. })),
            "{host:?}: {sent:?}"
        );
    }
    let granted =
        mail("smtp.example", port).granted(Grants::all().only_hosts(hosts(&["a.example:*"])));
    assert!(matches!(
        client(&["*:*"]).send(granted).await,
        Err(EgressError::Refused { .. })
    ));
    // The password goes to its hosts only.
    for to in [&[][..], &["other.example:*"], &["smtp.example"]] {
        let sent = client(&["*:*"])
            .send(with_password(mail("smtp.example", port), to))
            .await;
        let Err(EgressError::Refused { message }) = sent else {
            panic!("{sent:?}")
        };
        assert!(
            message.contains("--host smtp.example:") && !message.contains("canary"),
            "{message}"
        );
    }
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_in_a_message_becomes_a_header_line_or_a_command() {
    let (port, heard) = server(Script::default());
    let evil = |change: fn(&mut Mail)| {
        let mut mail = mail("smtp.example", port);
        change(&mut mail);
        mail
    };
    let all = [
        evil(|mail| mail.subject = Text::from("Hi\r\nBcc: eve@example.com")),
        evil(|mail| mail.subject = Text::from("Hi\nX: y")),
        evil(|mail| mail.subject = Text::from("Hi\0")),
        evil(|mail| mail.from = Text::from("ada@example.com\r\nBcc: eve@example.com")),
        evil(|mail| mail.from = Text::from("nobody")),
        evil(|mail| mail.to = vec![Text::from("bob@example.org>\r\nDATA")]),
        evil(|mail| mail.to = vec![Text::from("bob@example.org, eve@example.com")]),
        evil(|mail| mail.cc = vec![Text::from("")]),
        evil(|mail| mail.bcc = vec![Text::from("\u{85}eve@example.com")]),
        evil(|mail| mail.key = Some(Text::from("a>\r\nX: y"))),
        evil(|mail| mail.key = Some(Text::from(""))),
        evil(|mail| mail.to.clear()),
        evil(|mail| mail.to = vec![Text::from("a@example.org"); 101]),
        evil(|mail| mail.user = Some(Text::from("ada"))),
    ];
    for mail in all {
        let shown = format!("{mail:?}");
        let sent = client(&["*:*"]).send(mail).await;
        assert!(
            matches!(sent, Err(EgressError::Request { .. })),
            "{shown}: {sent:?}"
        );
    }
    let small = options(&["*:*"]).limits(MailLimits::default().max_message_bytes(100));
    let sent = GuardedMail::new(small)
        .send(mail("smtp.example", port))
        .await;
    assert!(
        matches!(&sent, Err(EgressError::Request { message }) if message.contains("limit is 100")),
        "{sent:?}"
    );
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_a_server_refuses_is_told_without_the_password() {
    let told = |odd: &'static [(&str, &str)]| async move {
        let (port, _) = server(Script {
            odd: odd.to_vec(),
            ..Script::default()
        });
        let mail = with_password(mail("smtp.example", port), &["*:*"]);
        let error = client(&["*:*"]).send(mail).await.unwrap_err();
        assert!(
            !error.to_string().contains("canary") && !error.to_string().contains("Y2FuYXJ5"),
            "{error}"
        );
        error
    };
    let error = told(&[(
        "AUTH",
        "535 not canary-0123456789 AGFkYQBjYW5hcnktMDEyMzQ1Njc4OQ==",
    )])
    .await;
    assert!(
        matches!(&error, EgressError::Refused { message } if message.contains("credential")),
        "{error:?}"
    );
    let error = told(&[("RCPT", "550 no such person")]).await;
    assert!(
        matches!(&error, EgressError::Request { message } if message.contains("no such person")),
        "{error:?}"
    );
    let error = told(&[("MAIL", "451 come back")]).await;
    assert!(matches!(error, EgressError::Busy { .. }), "{error:?}");
    let error = told(&[("EHLO", "554 go away")]).await;
    assert!(matches!(error, EgressError::Connect { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let address = raw(|mut stream| while stream.read(&mut [0; 64]).is_ok_and(|n| n > 0) {});
    let short = Duration::from_millis(60);
    let options = MailOptions::new()
        .policy(EgressPolicy::new().allow_hosts(hosts(&["127.0.0.1:*"])))
        .limits(MailLimits::default().connect(short));
    let sent = GuardedMail::new(options)
        .send(mail("127.0.0.1", address.port()))
        .await;
    let what = "the connection";
    assert_eq!(sent, Err(EgressError::Timeout { what, after: short }));
    let options = MailOptions::new()
        .policy(EgressPolicy::new().allow_hosts(hosts(&["127.0.0.1:*"])))
        .limits(MailLimits::default().total(short));
    let sent = GuardedMail::new(options)
        .send(mail("127.0.0.1", address.port()))
        .await;
    let what = "the whole";
    assert_eq!(sent, Err(EgressError::Timeout { what, after: short }));
}
