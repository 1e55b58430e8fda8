//! Inputs that mean harm, each against one block: a typed error or the documented outcome, in bounded time.

use graphloom::{Value, value};

use super::soon;
use crate::support::engine;

/// What a block does with an input.
enum Does {
    /// Fails, and says this.
    Fails(&'static str),
    /// Emits this at the first pin.
    Gives(Value),
    /// Emits something.
    Ends,
}
use Does::{Ends, Fails, Gives};

async fn check(block: &str, inputs: Value, does: Does) {
    let engine = engine();
    let inputs = inputs.as_map().unwrap().clone();
    let brief: String = Value::from(inputs.clone())
        .to_string()
        .chars()
        .take(120)
        .collect();
    let run = soon(&engine, block, inputs).await;
    let error = run.error.map(|failure| failure.to_string());
    let first = run.outputs.first().map(|(_, value)| value);
    let fits = match &does {
        Fails(part) => error.as_deref().is_some_and(|error| error.contains(part)),
        Gives(value) => first == Some(value),
        Ends => error.is_none(),
    };
    let first = first.map(|value| value.to_string().chars().take(200).collect::<String>());
    assert!(fits, "{block} {brief}: {error:?} {first:?}");
}

#[tokio::test]
async fn templates_reach_nothing_and_end() {
    let fill = |format: &str, does| {
        check(
            "text.fill_template",
            value!({ "values": {"x": "v"}, "format": format }),
            does,
        )
    };
    fill("{{ self.__class__ }}", Ends).await;
    fill("{{ ''.__class__.__mro__[1].__subclasses__() }}", Fails("")).await;
    fill(
        "${env:PATH} %{x} $(id) `id`",
        Gives(value!("${env:PATH} %{x} $(id) `id`")),
    )
    .await;
    fill("{% include '/etc/passwd' %}", Fails("")).await;
    fill("{% import 'os' as os %}", Fails("")).await;
    fill(
        "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}",
        Fails("steps"),
    )
    .await;
    fill(
        &format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000)),
        Fails("nested deeper"),
    )
    .await;
    fill(&"{% if 1 %}".repeat(5_000), Fails("")).await;
    fill("{{ 'a' * 10000 * 10000 * 10000 }}", Fails("")).await;
    fill("{{ 10 ** 100000 }}", Fails("too large")).await;
}

#[tokio::test]
async fn what_a_template_puts_in_is_not_a_template() {
    let inputs = value!({ "values": {"x": "{{ secret }}", "secret": "s"}, "format": "{{ x }}" });
    check("text.fill_template", inputs, Gives(value!("{{ secret }}"))).await;
}

#[tokio::test]
async fn a_template_makes_no_more_than_its_limit() {
    let big = "x".repeat(1 << 20);
    let inputs = value!({ "values": {"x": big}, "format": "{{ x }}".repeat(100_000) });
    check("text.fill_template", inputs, Fails("bytes of text")).await;
}

#[tokio::test]
async fn patterns_end() {
    let text = "a".repeat(5_000);
    // Without look-around the time is linear; with it there is a limit to what is tried.
    for pattern in ["(a*)*b", "(a|a)*b", "(?:a|aa)+$b"] {
        check(
            "text.extract",
            value!({ "text": text.as_str(), "pattern": pattern }),
            Ends,
        )
        .await;
    }
    let inputs = value!({ "text": text.as_str(), "pattern": "(?=(a+)+b)(a+)+b" });
    check("text.extract", inputs, Ends).await;
    let inputs = value!({ "text": text.as_str(), "pattern": r"(?:(a+)+\1)+b" });
    check("text.extract", inputs, Fails("")).await;
    let deep = format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000));
    check(
        "text.extract",
        value!({ "text": "a", "pattern": deep }),
        Fails("pattern"),
    )
    .await;
}

#[tokio::test]
async fn markup_expands_nothing() {
    let parse = |xml: String, does| check("autogpt.parse_xml", value!({ "input_xml": xml }), does);
    parse(
        format!("{}x{}", "<a>".repeat(100_000), "</a>".repeat(100_000)),
        Fails(""),
    )
    .await;
    parse("<a>".repeat(200_000), Fails("")).await;
    let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>"#;
    parse(bomb.to_owned(), Fails("")).await;
    parse(
        r#"<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>"#.to_owned(),
        Fails(""),
    )
    .await;
}

#[tokio::test]
async fn tables_end() {
    let read = |text: String, does| {
        check(
            "autogpt.read_spreadsheet",
            value!({ "contents": text }),
            does,
        )
    };
    read("a\n\"".to_owned() + &"x".repeat(1 << 20), Ends).await;
    read("a\n".to_owned() + &",".repeat(1 << 20), Fails("more cells")).await;
    read("\n".repeat(200_000), Ends).await;
}

#[tokio::test]
async fn numbers_stay_numbers() {
    let power = |a: Value, b: Value, does| {
        check(
            "math.calculate",
            value!({ "operation": "power", "a": a, "b": b }),
            does,
        )
    };
    power(value!(10), value!(1e300), Fails("")).await;
    power(value!(1e308), value!(10), Fails("")).await;
    power(value!(-8), value!(0.5), Fails("")).await;
    power(value!(0), value!(-1), Fails("")).await;
    check(
        "math.calculate",
        value!({ "operation": "divide", "a": 1, "b": 0 }),
        Fails(""),
    )
    .await;
}

/// A workbook of some hundred kilobytes that unpacks to more than is allowed.
#[cfg(feature = "spreadsheet")]
#[tokio::test]
async fn a_workbook_that_unpacks_without_end_is_refused() {
    use std::io::Write;

    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    bomb.start_file("xl/sharedStrings.xml", options).unwrap();
    let nothing = vec![0; 1 << 20];
    for _ in 0..260 {
        bomb.write_all(&nothing).unwrap();
    }
    let bytes = bomb.finish().unwrap().into_inner();
    assert!(bytes.len() < 1 << 20, "{}", bytes.len());
    let file = format!("data:application/zip;base64,{}", base64(&bytes));
    check(
        "spreadsheet.read",
        value!({ "file": file }),
        Fails("unpacked"),
    )
    .await;
}

#[cfg(feature = "spreadsheet")]
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    out
}
