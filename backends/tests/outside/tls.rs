//! Case 51: only a server whose certificate is good and signed by someone who is trusted is talked to.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use graphloom::host::EgressError;
use graphloom_backends::http::GuardedHttp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::harness::{Names, get, options, raw, read_head, secret, send, text};
use crate::stub::{Response, Server};

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) der: Vec<u8>,
}

pub(crate) fn authority(name: &str) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Authority {
        issuer: Issuer::new(params, key),
        der,
    }
}

/// The configuration of a server that shows a certificate for `name`, signed by someone or by itself.
pub(crate) fn shows(
    name: &str,
    by: Option<&Authority>,
    change: impl Fn(&mut CertificateParams),
) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    change(&mut params);
    let signed = match by {
        Some(authority) => params.signed_by(&key, &authority.issuer),
        None => params.self_signed(&key),
    };
    let chain = vec![signed.unwrap().der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    Arc::new(config)
}

/// A server that does so.
fn server(
    name: &str,
    by: Option<&Authority>,
    change: impl Fn(&mut CertificateParams),
) -> SocketAddr {
    let config = shows(name, by, change);
    raw(move |mut socket| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = Stream::new(&mut tls, &mut socket);
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecure");
        let _ = stream.flush();
    })
}

#[tokio::test]
async fn certificates_are_looked_at() {
    let (known, unknown) = (authority("one"), authority("another"));
    let names = Names::new()
        .with("good.example", &[&["127.0.0.1"]])
        .with("evil.example", &[&["127.0.0.1"]]);
    let trusting = options(&names, &["*.example:*"]).trust(known.der.clone());
    let client = GuardedHttp::new(trusting);
    let request = |address: SocketAddr| {
        get(format!("https://good.example:{}/", address.port())).header(
            "authorization",
            secret("canary-0123456789", &["good.example:*"]),
        )
    };
    let good = server("good.example", Some(&known), |_| {});
    assert_eq!(text(&client, request(good)).await.unwrap(), "secure");
    let expired = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(2999, 1, 1);
    for (what, address) in [
        ("expired", server("good.example", Some(&known), expired)),
        ("not valid yet", server("good.example", Some(&known), early)),
        (
            "not valid for name",
            server("evil.example", Some(&known), |_| {}),
        ),
        (
            "UnknownIssuer",
            server("good.example", Some(&unknown), |_| {}),
        ),
        ("UnknownIssuer", server("good.example", None, |_| {})),
    ] {
        let sent = send(&client, request(address)).await;
        let Err(EgressError::Connect { message }) = sent else {
            panic!("{what}: {sent:?}")
        };
        assert!(
            message.contains("certificate") && message.contains(what),
            "{what}: {message}"
        );
    }
    // Who does not trust the authority does not talk to any of them.
    let client = GuardedHttp::new(options(&names, &["*.example:*"]));
    assert!(matches!(
        send(&client, request(good)).await,
        Err(EgressError::Connect { .. })
    ));
    // A server without TLS is none with it.
    let plain = raw(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    assert!(matches!(
        send(&client, request(plain)).await,
        Err(EgressError::Connect { .. })
    ));
}

/// The same host without TLS is another place.
#[tokio::test]
async fn from_https_to_http_no_secret_goes_along() {
    let known = authority("one");
    let plain = Server::start(|_| Response::new(200, "plain"));
    let location = format!("http://good.example:{}/", plain.address.port());
    let config = shows("good.example", Some(&known), |_| {});
    let secure = raw(move |mut socket| {
        let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = Stream::new(&mut tls, &mut socket);
        read_head(&mut stream);
        let head =
            format!("HTTP/1.1 307 Moved\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.flush();
    });
    let names = Names::new().with("good.example", &[&["127.0.0.1"]]);
    let client = GuardedHttp::new(options(&names, &["*.example:*"]).trust(known.der.clone()));
    let request = get(format!("https://good.example:{}/", secure.port()))
        .header("x-mine", secret("canary-0123456789", &["good.example:*"]))
        .header("authorization", "typed in");
    assert_eq!(text(&client, request).await.unwrap(), "plain");
    let seen = plain.requests().pop().unwrap();
    assert_eq!(
        (seen.header("x-mine"), seen.header("authorization")),
        (None, None)
    );
}
