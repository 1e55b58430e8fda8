//! Patterns, templates and expressions that mean harm: they end soon, with a typed error or the documented outcome.

use std::time::{Duration, Instant};

use graphloom::{Value, value};

use super::{engine, failed, graph, run};

/// Runs one block on these inputs; returns the code of its failure, or nothing.
async fn ends(block: &str, inputs: &Value) -> String {
    let document = graph(
        &format!(r#""b":{{"block":"{block}","inputs":{inputs}}}"#),
        "",
    );
    let since = Instant::now();
    let outcome = run(&engine([]), &document).await;
    let took = since.elapsed();
    let shown: String = inputs.to_string().chars().take(200).collect();
    assert!(took < Duration::from_secs(180), "{block} {shown}: {took:?}");
    failed(&outcome).to_owned()
}

#[tokio::test]
async fn no_pattern_takes_for_ever() {
    let long = "a".repeat(50 << 10);
    for pattern in [
        "(a+)+$",
        "(a|a)*b",
        "(a*)*c",
        "(.*)(.*)(.*)(.*)(.*)[b]",
        r"^(\w+\s?)*$",
        "(?:a?){50}a{50}",
        "x*",
    ] {
        let inputs = value!({"text": format!("{long}!"), "pattern": pattern});
        assert_eq!(ends("text.regex_test", &inputs).await, "", "{pattern}");
        assert_eq!(ends("text.regex", &inputs).await, "", "{pattern}");
        assert_eq!(ends("text.regex_split", &inputs).await, "", "{pattern}");
    }
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    let many = "(a)".repeat(20_000);
    for pattern in [
        "(a{1,1000}){1,1000}",
        "\\w{1,100000}",
        "(((a{100}){100}){100}){100}",
        "((((((((a{9}){9}){9}){9}){9}){9}){9}){9}){9}",
        r"(a)\1",
        "(?=a)",
        "(?<n>a)(?<n>b)",
        "[",
        "\\",
        "a{99999999999}",
        "\\p{Nonsense}",
        "(?P<0>a)",
        &deep,
        &many,
        &"a|".repeat(40_000),
    ] {
        for block in ["text.regex_test", "text.regex", "text.regex_split"] {
            let inputs = value!({"text": "aaaa", "pattern": pattern});
            let shown: String = pattern.chars().take(40).collect();
            assert_eq!(ends(block, &inputs).await, "BLOCK_INPUT", "{block} {shown}");
        }
    }
}

#[tokio::test]
async fn searches_that_look_far_ahead_again_and_again_stop_with_the_run() {
    // Each `a` is found by a search that looks for a `b` up to the end.
    let inputs = value!({"text": "a".repeat(2 << 20), "pattern": "(?s).*b|a"});
    let document = graph(
        &format!(r#""b":{{"block":"text.regex_split","inputs":{inputs}}}"#),
        "",
    );
    let options = graphloom::RunOptions::new()
        .limits(graphloom::RunLimits::default().timeout(Some(Duration::from_secs(2))));
    let since = Instant::now();
    let outcome = super::run_with(&engine([]), &document, options).await;
    assert_eq!(failed(&outcome), "RUN_TIMEOUT");
    assert!(since.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn a_replacement_makes_no_text_without_end() {
    let inputs =
        value!({"text": "a".repeat(100_000), "pattern": "a+", "replacement": "$0".repeat(100_000)});
    assert_eq!(ends("text.regex_replace", &inputs).await, "BLOCK_INPUT");
    let inputs =
        value!({"text": "a".repeat(100_000), "pattern": "", "replacement": "b".repeat(100_000)});
    assert_eq!(ends("text.regex_replace", &inputs).await, "BLOCK_INPUT");
    let groups = format!("{}a+{}", "(".repeat(100), ")".repeat(100));
    let inputs = value!({"text": "a".repeat(700 << 10), "pattern": groups});
    assert_eq!(ends("text.regex", &inputs).await, "BLOCK_INPUT");
    for replacement in ["$", "${", "${}", "$9", "${nope}", "$é", "${1", "$1a"] {
        let inputs = value!({"text": "a", "pattern": "(a)", "replacement": replacement});
        let code = ends("text.regex_replace", &inputs).await;
        assert_eq!(code, "BLOCK_INPUT", "{replacement}");
    }
}

#[tokio::test]
async fn no_text_is_a_moment_that_is_none() {
    let long = "9".repeat(1 << 20);
    let digits = "1".repeat(1_000);
    for text in [
        "",
        " ",
        "2026-02-30",
        "2026-03-08T25:00",
        "2026-03-08T09:05:07+99:00",
        "2026-03-08T09:05[Mars/Base]",
        "2026-07-01T00:00+05:00[Europe/Paris]",
        "10000-01-01",
        "2026-03-08\0",
        "２０２６-03-08",
        &long,
        &digits,
    ] {
        for format in [
            "iso8601",
            "rfc2822",
            "%Y-%m-%d",
            "%s",
            "%Q",
            "%c",
            "%",
            "%9999999Y",
            "%E %O",
            "nonsense",
        ] {
            let inputs = value!({"text": text, "format": format});
            let shown: String = text.chars().take(40).collect();
            let code = ends("time.parse", &inputs).await;
            let fits = format == "%s" && !text.trim().is_empty() && text.len() < 20;
            assert!(code == "BLOCK_INPUT" || fits, "{shown} {format}: {code}");
        }
        let inputs = value!({"moment": text, "days": i64::MAX});
        assert_eq!(ends("time.add", &inputs).await, "BLOCK_INPUT");
    }
    for amount in [i64::MAX, i64::MIN, 8_000_000, -8_000_000] {
        for unit in ["years", "months", "weeks", "days"] {
            let inputs = value!({"moment": "2026-03-08T00:00Z", unit: amount});
            assert_eq!(
                ends("time.add", &inputs).await,
                "BLOCK_INPUT",
                "{unit} {amount}"
            );
        }
    }
    for unit in ["hours", "minutes", "seconds", "milliseconds"] {
        let inputs = value!({"moment": "2026-03-08T00:00Z", unit: i64::MIN});
        assert_eq!(ends("time.add", &inputs).await, "BLOCK_INPUT", "{unit}");
    }
    let inputs = value!({"moment": "2026-03-08T00:00Z", "format": "%255Y".repeat(100_000)});
    assert_eq!(ends("time.format", &inputs).await, "BLOCK_INPUT");
}

#[tokio::test]
async fn what_is_no_name_is_told_or_left_alone() {
    let values = value!({"a": "{{ b }}", "b": "canary", "xs": [1], "d": {"k": 1}});
    // Not of templates: text like any other.
    for literal in [
        "${env:PATH}",
        "%{x}",
        "$(id)",
        "`id`",
        "{ { b } }",
        "<%= b %>",
        "#{b}",
    ] {
        let inputs = value!({"template": literal, "values": values.clone()});
        assert_eq!(ends("text.template", &inputs).await, "", "{literal}");
    }
    let deep = format!("{{{{ {}1{} }}}}", "[".repeat(5_000), "]".repeat(5_000));
    let many = "{{ xs }}".repeat(500_000);
    for template in [
        "{{ self }}",
        "{{ self.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ a.__init__ }}",
        "{{ xs.__class__ }}",
        "{{ d['__class__'] }}",
        "{{ xs.append.__self__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ config }}",
        "{{ request }}",
        "{{ environ }}",
        "{{ lipsum }}",
        "{{ cycler }}",
        "{{ undefined_name }}",
        "{{ d.nope }}",
        "{{ xs[5] }}",
        "{{ xs|map(attribute='nope')|list }}",
        "{{ []|first }}",
        "{% for x in nope %}{% endfor %}",
        "{% if nope %}{% endif %}",
        "{{ nope == 1 }}",
        "{{ nope.deeper is defined }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% for i in range(10000) %}{% for j in range(10000) %}{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 'x' * 100000000 }}",
        "{{ range(100000000) }}",
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ '%999999999d' % 1 }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ 'x'.ljust(999999999) }}",
        "{{ 'x'|center(999999999) }}",
        "{{ xs|tojson(2) }}",
        &deep,
    ] {
        let inputs = value!({"template": template, "values": values.clone()});
        let shown: String = template.chars().take(60).collect();
        assert_eq!(
            ends("text.template", &inputs).await,
            "BLOCK_INPUT",
            "{shown}"
        );
    }
    let inputs = value!({"template": many, "values": {"xs": "x".repeat(1 << 10)}});
    assert_eq!(ends("text.template", &inputs).await, "BLOCK_INPUT");
}

#[tokio::test]
async fn no_expression_takes_for_ever() {
    let deep = format!("{}1{}", "(".repeat(20_000), ")".repeat(20_000));
    let long = format!("1{}", " + 1".repeat(20_000));
    let signs = format!("{}1", "- ".repeat(20_000));
    for expression in [
        "",
        " ",
        "a",
        "1 1",
        "1 +",
        "}}",
        "1 }} {{ 2",
        "{% if a %}",
        "x = 1",
        "'",
        "\\",
        "1..2",
        "x.__class__",
        "range",
        "'a'.upper",
        "9 ** 1000 * 9.5 ** 1000",
        "170141183460469231731687303715884105727 + 1",
        "10 ** 30",
        "1 / 0",
        "1e308 * 10",
        "{1: 2}",
        "'x' * 10000 * 10000",
        "[[0] * 10000] * 10000",
        "range(10000)|map('string')|map('center', 10000)|list",
        "'a' in 1",
        "xs|sort",
        "xs.append(xs)",
        &deep,
        &long,
        &signs,
    ] {
        let inputs = value!({"expression": expression, "values": {"xs": [1, "a"]}});
        let shown: String = expression.chars().take(60).collect();
        let code = ends("expr.eval", &inputs).await;
        let fine = expression == "xs.append(xs)" && code.is_empty();
        assert!(code == "BLOCK_INPUT" || fine, "{shown}: {code}");
    }
}
