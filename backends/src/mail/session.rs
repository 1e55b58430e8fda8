//! Talks to a server.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use graphloom::Text;
use graphloom::host::{EgressError, Mail, Redactor};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use url::Host;

use super::message::{self, wrong};
use super::options::MailOptions;
use crate::egress::{Place, Reach, Timer, may_dial};

/// Speaks TLS from the start (RFC 8314).
const TLS_PORT: u16 = 465;

/// When to come again where a server says that it cannot just now.
const LATER: Duration = Duration::from_secs(60);

/// How long a server may take to say goodbye: nothing depends on it.
const GOODBYE: Duration = Duration::from_secs(1);

/// Ports at which servers take mail from those who write it: not 25, where servers talk among themselves.
fn is_mail_port(port: u16) -> bool {
    matches!(port, 465 | 587 | 2525)
}

/// Hands a message to its server, and returns what the server said.
pub(super) async fn send(options: &MailOptions, mail: Mail) -> Result<Text, EgressError> {
    let limits = &options.limits;
    let timer = Timer::start(&options.clock, limits.total);
    let host =
        Host::parse(&mail.server).map_err(|_| wrong("the server is no name of a machine"))?;
    let borrowed = match &host {
        Host::Domain(name) => Host::Domain(name.as_str()),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    };
    let place = options
        .policy
        .judge(&borrowed, mail.port, is_mail_port, mail.grants())?;
    let login = login(&mail, &place)?;
    let message = message::write(&mail, limits, &*options.clock)?;
    let redactor = Redactor::new();
    mail.password
        .iter()
        .for_each(|password| redactor.learn(password));
    let told = |error: EgressError| cleaned(error, &redactor);

    let connected = connect(options, &host, &place);
    let connected = timer.within("the connection", limits.connect, connected);
    let mut server = connected.await?.map_err(told)?;
    if let Some(login) = &login {
        let ways = [Mechanism::Plain, Mechanism::Login];
        let taken = timer.within("the whole", limits.total, server.auth(&ways, login));
        taken.await?.map_err(|error| {
            told(match error.is_permanent() || error.is_client() {
                true => EgressError::Refused {
                    message: format!(
                        "{} does not take the credential: {}",
                        place.host,
                        deepest(&error)
                    ),
                },
                false => failed(&place, &error),
            })
        })?;
    }
    let formatted = message.formatted();
    let sent = server.send(message.envelope(), &formatted);
    let answer = timer.within("the whole", limits.total, sent).await?;
    let answer = answer.map_err(|error| told(failed(&place, &error)))?;
    // The message is the server's now, whatever it still says.
    let _ = timer.within("the whole", GOODBYE, server.quit()).await;
    Ok(Text::from(&*redactor.clean(&said(&answer))))
}

/// Returns name and password for the server, if the password may go there.
fn login(mail: &Mail, place: &Place) -> Result<Option<Credentials>, EgressError> {
    let (user, password) = match (&mail.user, &mail.password) {
        (Some(user), Some(password)) => (user, password),
        (None, None) => return Ok(None),
        _ => {
            return Err(wrong(
                "a server asks for a name and a password, or for neither",
            ));
        }
    };
    let (host, port) = (&place.host, place.port);
    if !password.hosts().matches(host, port) {
        return Err(EgressError::Refused {
            message: format!(
                "the credential may not go to {host}:{port}: it was given for {}. One that is added with \
                 `--host {host}:{port}` may",
                match password.hosts().is_empty() {
                    true => "no host".to_owned(),
                    false => password.hosts().to_string(),
                }
            ),
        });
    }
    Ok(Some(Credentials::new(
        user.to_string(),
        password.expose().to_owned(),
    )))
}

/// Connects to one of the addresses that may be dialled, with TLS.
async fn connect(
    options: &MailOptions,
    host: &Host<String>,
    place: &Place,
) -> Result<AsyncSmtpConnection, EgressError> {
    let no_connection = |message: String| EgressError::Connect {
        message: format!("{}: {message}", place.host),
    };
    let (name, addresses) = match host {
        Host::Ipv4(address) => (address.to_string(), vec![IpAddr::V4(*address)]),
        Host::Ipv6(address) => (address.to_string(), vec![IpAddr::V6(*address)]),
        Host::Domain(name) => {
            let found = options.resolver.resolve(name).await;
            let found = found.map_err(|error| no_connection(error.to_string()))?;
            let plain = name.strip_suffix('.').unwrap_or(name);
            (plain.to_owned(), found)
        }
    };
    let mut last = no_connection("it has no address".to_owned());
    // The address that is judged here is the one that is dialled, and TLS asks for the name.
    for address in may_dial(place.reach, &place.host, &addresses)? {
        let tls = tls(&name, &options.roots).map_err(no_connection)?;
        match greet(address, place, tls).await {
            Ok(server) => return Ok(server),
            Err(refusal @ EgressError::Refused { .. }) => return Err(refusal),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn tls(name: &str, roots: &[Vec<u8>]) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(name.to_owned());
    for root in roots {
        let root = Certificate::from_der(root.clone()).map_err(|error| deepest(&error))?;
        builder = builder.add_root_certificate(root);
    }
    builder.build_rustls().map_err(|error| deepest(&error))
}

async fn greet(
    address: IpAddr,
    place: &Place,
    tls: TlsParameters,
) -> Result<AsyncSmtpConnection, EgressError> {
    let no_connection = |error: lettre::transport::smtp::Error| EgressError::Connect {
        message: format!("{}: {}", place.host, deepest(&error)),
    };
    let socket = SocketAddr::new(address, place.port);
    let hello = ClientId::default();
    let (first, later) = match place.port {
        TLS_PORT => (Some(tls), None),
        _ => (None, Some(tls)),
    };
    let server = AsyncSmtpConnection::connect_tokio1(socket, None, &hello, first, None);
    let mut server = server.await.map_err(no_connection)?;
    if let Some(tls) = later {
        if server.can_starttls() {
            server.starttls(tls, &hello).await.map_err(no_connection)?;
        } else if !may_go_plain(place.reach, address) {
            return Err(EgressError::Refused {
                message: format!(
                    "{}:{} does not change to TLS (STARTTLS), and mail does not leave this machine without",
                    place.host, place.port
                ),
            });
        }
    }
    Ok(server)
}

/// Says whether mail may go without TLS: to this machine, where that was allowed.
fn may_go_plain(reach: Reach, address: IpAddr) -> bool {
    reach == Reach::Private && Reach::Loopback.covers(address)
}

/// Tells what an error means once a connection is there.
fn failed(place: &Place, error: &lettre::transport::smtp::Error) -> EgressError {
    let host = &place.host;
    let message = deepest(error);
    if error.is_permanent() {
        return wrong(format!("{host} does not take the message: {message}"));
    }
    if error.is_transient() {
        return EgressError::Busy {
            message: format!("{host} does not take the message now: {message}"),
            after: LATER,
        };
    }
    EgressError::Transport {
        message: format!("{host}: {message}"),
    }
}

/// The innermost cause, without line ends.
fn deepest(error: &dyn Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    let text = last.to_string();
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(500)
        .collect()
}

/// What a server said, with its code.
fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    let text: String = lines
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(500)
        .collect();
    format!("{} {text}", response.code())
}

fn cleaned(error: EgressError, redactor: &Redactor) -> EgressError {
    let clean = |message: String| redactor.clean(&message).into_owned();
    match error {
        EgressError::Request { message } => EgressError::Request {
            message: clean(message),
        },
        EgressError::Refused { message } => EgressError::Refused {
            message: clean(message),
        },
        EgressError::Connect { message } => EgressError::Connect {
            message: clean(message),
        },
        EgressError::Transport { message } => EgressError::Transport {
            message: clean(message),
        },
        EgressError::Busy { message, after } => EgressError::Busy {
            message: clean(message),
            after,
        },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_tls_mail_stays_on_this_machine_and_only_if_allowed() {
        let check = |reach, address: &str, expected| {
            assert_eq!(
                may_go_plain(reach, address.parse().unwrap()),
                expected,
                "{address}"
            );
        };
        check(Reach::Private, "127.0.0.1", true);
        check(Reach::Private, "::1", true);
        check(Reach::Private, "10.0.0.1", false);
        check(Reach::Private, "1.1.1.1", false);
        check(Reach::Public, "127.0.0.1", false);
    }
}
