//! Where requests go, and where they do not.

use graphloom::host::{EgressError, Grants};
use graphloom_backends::http::{EgressPolicy, GuardedHttp, HttpLimits, HttpOptions};

use crate::harness::{Names, client, get, hosts, is_refused, options, send, text};
use crate::stub::{Response, Server};

/// Cases 41 to 43 of the threats: whatever way an address is written, it is judged as it is read.
#[tokio::test]
async fn private_addresses_are_refused_however_written() {
    let names = Names::new()
        .with("localhost", &[&["127.0.0.1", "::1"]])
        .with("localhost.", &[&["127.0.0.1"]])
        .with("metadata.google.internal", &[&["1.2.3.4"]])
        .with("cname.example", &[&["127.0.0.1"]])
        .with("inside.example", &[&["10.1.2.3", "fd00::1"]]);
    let client = client(&names, &[]);
    for host in [
        "169.254.169.254",
        "[fd00:ec2::254]",
        "metadata.google.internal",
        "metadata.google.internal.",
        "100.100.100.200",
        "168.63.129.16",
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "①②⑦.0.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:a9fe:a9fe]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[fc00::1]",
        "[ff02::1]",
        "cname.example",
        "inside.example",
    ] {
        for url in [
            format!("http://{host}/"),
            format!("https://{host}:8443/x?y"),
        ] {
            let sent = send(&client, get(&url)).await;
            assert!(is_refused(&sent), "{url}: {sent:?}");
            // What its text tells is told without a request; what a name leads to is not.
            let told = EgressPolicy::new().check(&url);
            let is_name = ["localhost", "cname.example", "inside.example"];
            let is_name = is_name.contains(&host.to_lowercase().trim_end_matches('.'));
            assert_eq!(told.is_ok(), is_name, "{url}: {told:?}");
        }
    }
}

/// Cases 47 and 52: what is no address of the web, or could be read in two ways.
#[tokio::test]
async fn odd_addresses_are_refused_before_anything_is_looked_up() {
    let names = Names::new();
    let client = client(&names, &["*:*"]);
    let everywhere = EgressPolicy::new().allow_hosts(hosts(&["*:*"]));
    for url in [
        "",
        "/path",
        "example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "data:text/plain,hi",
        "blob:https://example.com/1",
        "unix:/var/run/docker.sock",
        "http+unix://%2Fvar%2Frun/docker.sock",
        "ws://example.com/",
        "gopher://example.com/",
        "javascript:alert(1)",
        "http://",
        "http:///",
        "http://good@evil.example/",
        "http://good:word@evil.example/",
        "http://@@evil.example/",
        "http://evil.example#@good.example\n",
        "http://exa\tmple.com/",
        "http://exa\nmple.com/",
        "http://example.com/\r\nx: y",
        " http://example.com/",
        "http://example.com/ ",
        "http://exam ple.com/",
        "http://example.com:99999/",
        "http://example.com:-1/",
        "http://[fe80::1%25eth0]/",
        "http://[::1/",
        "http://256.256.256.256/",
        "http://1.2.3.4.5/",
        "http://0x100000000/",
        "http://a%00b/",
        "http://a%2fb/",
        "\\\\.\\pipe\\docker",
    ] {
        let sent = send(&client, get(url)).await;
        assert!(
            matches!(sent, Err(EgressError::Request { .. })),
            "{url}: {sent:?}"
        );
        let told = everywhere.check(url);
        assert!(
            matches!(told, Err(EgressError::Request { .. })),
            "{url}: {told:?}"
        );
    }
    assert_eq!(names.asked(), [""; 0]);
}

/// The rest of case 47: one parser tells the host, and that one is judged.
#[tokio::test]
async fn the_host_that_is_judged_is_the_one_that_is_asked() {
    let names = Names::new();
    let limits = HttpLimits::default().breaker_failures(0);
    let client = GuardedHttp::new(options(&names, &[]).limits(limits));
    for (url, host) in [
        ("http://evil.example#@good.example/", "evil.example"),
        ("http://evil.example?@good.example/", "evil.example"),
        ("http://evil.example\\@good.example/", "evil.example"),
        ("http:/evil.example/", "evil.example"),
        ("http:evil.example/", "evil.example"),
        ("HTTP://EVIL.example/", "evil.example"),
        ("http://еvil.example/", "xn--vil-qdd.example"),
        ("http://evil。example/", "evil.example"),
    ] {
        let sent = send(&client, get(url)).await;
        assert!(
            matches!(sent, Err(EgressError::Connect { .. })),
            "{url}: {sent:?}"
        );
        assert_eq!(names.asked().pop().as_deref(), Some(host), "{url}");
    }
}

#[tokio::test]
async fn ports_of_other_services_are_refused() {
    let names = Names::new().with("a.example", &[&["192.0.2.1"]]);
    let client = client(&names, &["b.example:22"]);
    for port in [
        0, 1, 21, 22, 23, 25, 53, 110, 143, 389, 445, 465, 587, 993, 3306, 5432, 6379, 6667, 11211,
        27017,
    ] {
        let sent = send(&client, get(format!("http://a.example:{port}/"))).await;
        let Err(EgressError::Refused { message }) = sent else {
            panic!("{port}: {sent:?}")
        };
        assert!(message.contains(&format!("a.example:{port}")), "{message}");
    }
    assert_eq!(names.asked(), [""; 0]);
    // A pattern with a port opens it, for this host only.
    let sent = send(&client, get("http://b.example:22/")).await;
    assert!(matches!(sent, Err(EgressError::Connect { .. })), "{sent:?}");
}

#[tokio::test]
async fn a_host_that_is_allowed_may_be_here() {
    let server = Server::start(|request| Response::new(200, format!("saw {}", request.target)));
    let port = server.address.port();
    let names = Names::new().with("api.example", &[&["127.0.0.1"]]);
    let client = client(
        &names,
        &[&format!("api.example:{port}"), &format!("127.0.0.1:{port}")],
    );
    for host in ["api.example", "127.0.0.1", "127.1", "2130706433"] {
        let request = get(format!("http://{host}:{port}/a?b=c#d")).query("e", "f g&h");
        assert_eq!(
            text(&client, request).await.unwrap(),
            "saw /a?b=c&e=f+g%26h"
        );
    }
    // The same machine by another name was not allowed.
    let sent = send(&client, get(format!("http://[::ffff:7f00:1]:{port}/"))).await;
    assert!(is_refused(&sent), "{sent:?}");
    // What nothing may be sent to stays so.
    let open = crate::harness::client(&names, &["*:*"]);
    for host in ["169.254.169.254", "0.0.0.0", "metadata.google.internal"] {
        assert!(
            is_refused(&send(&open, get(format!("http://{host}/"))).await),
            "{host}"
        );
    }
}

/// Case 44: a name is judged by what it means when the connection is made, each time.
#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let server = Server::start(|_| Response::new(200, "secret"));
    let port = server.address.port();
    let url = format!("http://rebind.example:{port}/");
    // Public first: there is nothing there. Then here: it is not dialled.
    let names = Names::new().with("rebind.example", &[&["192.0.2.1"], &["127.0.0.1"]]);
    let client = client(&names, &[]);
    for _ in 0..3 {
        assert!(is_refused(&send(&client, get(&url)).await));
    }
    assert_eq!(names.asked().len(), 3);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn of_mixed_addresses_only_good_ones_are_dialled() {
    let here = Server::start(|_| Response::new(200, "here"));
    let port = here.address.port();
    // Nothing is sent to 0.0.0.0, though it would lead to the same server.
    let names = Names::new().with(
        "mixed.example",
        &[&["0.0.0.0", "169.254.169.254", "127.0.0.1"]],
    );
    let client = client(&names, &["mixed.example:*"]);
    let answer = text(&client, get(format!("http://mixed.example:{port}/"))).await;
    assert_eq!(answer.unwrap(), "here");
    let names = Names::new().with("mixed.example", &[&["0.0.0.0", "169.254.169.254"]]);
    let client = crate::harness::client(&names, &["mixed.example:*"]);
    let sent = send(&client, get(format!("http://mixed.example:{port}/"))).await;
    assert!(is_refused(&sent), "{sent:?}");
    assert_eq!(here.requests().len(), 1);
}

#[tokio::test]
async fn the_host_and_the_run_can_narrow_it() {
    let names = Names::new();
    let policy = EgressPolicy::new()
        .only_hosts(hosts(&["*.example"]))
        .deny_hosts(hosts(&["bad.example"]));
    let client = GuardedHttp::new(
        HttpOptions::new()
            .policy(policy)
            .resolver(std::sync::Arc::new(names.clone())),
    );
    for (url, is_sent) in [
        ("http://a.example/", true),
        ("http://bad.example/", false),
        ("http://a.example.org/", false),
        ("http://1.1.1.1/", false),
    ] {
        assert_eq!(
            !is_refused(&send(&client, get(url)).await),
            is_sent,
            "{url}"
        );
    }
    let granted = |grants: Grants| get("http://a.example/").granted(grants);
    let all = Grants::all();
    for (grants, is_sent) in [
        (all.clone().only_hosts(hosts(&["a.example"])), true),
        (all.clone().only_hosts(hosts(&["b.example"])), false),
        (all.clone().deny_hosts(hosts(&["a.example"])), false),
        (all.only_hosts(hosts(&[])), false),
    ] {
        let sent = send(&client, granted(grants.clone())).await;
        assert_eq!(!is_refused(&sent), is_sent, "{grants:?}");
    }
}
