//! Tests of whole templates.

use graphloom::{Value, value};

use super::{render, render_strictly};

fn filled(source: &str, values: &Value) -> Result<String, String> {
    render(source, values.as_map().unwrap(), false)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the values are written in place"
)]
fn check(source: &str, values: Value, expected: &str) {
    assert_eq!(filled(source, &values).as_deref(), Ok(expected), "{source}");
}

fn fails(source: &str, part: &str) {
    let error = filled(source, &value!({"a": [1], "d": {}, "n": null})).unwrap_err();
    let shown: String = source.chars().take(80).collect();
    assert!(error.contains(part), "{shown}: {error}");
}

#[test]
fn values_print_as_python_prints_them() {
    let values = value!({"a": [1, "b", null, true, {"k": 1.0}], "f": 1e22, "e": "é\n"});
    check(
        "{{ a }} {{ f }} {{ e }}",
        values.clone(),
        "[1, 'b', None, True, {'k': 1.0}] 1e+22 é\n",
    );
    check(
        "{{ [e] }}{{ (1,) }}{{ {1: 'x'} }}",
        values,
        "['é\\n'](1,){1: 'x'}",
    );
}

#[test]
fn white_space_goes_where_it_is_told_to() {
    check("a\n {{- 1 -}} \n b\n", value!({}), "a1b");
    check("{% if true %}\nx\n{%- endif %}\r\n", value!({}), "\nx");
    check(
        "{%- raw -%} {{ a }} {%- endraw -%} b",
        value!({}),
        "{{ a }}b",
    );
    check("x {#- a comment -#} y", value!({}), "xy");
    check("{{ {'a': {'b': 1}}['a'] }}", value!({}), "{'b': 1}");
}

#[test]
fn operators_bind_as_in_jinja() {
    check(
        "{{ -8**2 }} {{ 2**3**2 }} {{ 1 < 2 < 3 }} {{ 1 ~ 2 * 3 }}",
        value!({}),
        "64 64 True 16",
    );
    check(
        "{{ not a }} {{ a and 1 }} {{ a or 1 }}",
        value!({"a": []}),
        "True [] 1",
    );
    check("{{ 1 if a else 2 }}{{ 1 if a }}", value!({"a": 0}), "2");
    check(
        "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 7 }}",
        value!({}),
        "3 -4 2 1.0",
    );
    check("{{ 'a' in 'cat' and 2 not in [1] }}", value!({}), "True");
    check(
        "{{ a[1:] }}{{ a[::-1] }}{{ a[-1] }}{{ 'abc'[5:] }}",
        value!({"a": [1, 2]}),
        "[2][2, 1]2",
    );
}

#[test]
fn loops_tell_where_they_are() {
    check(
        "{% for x in a if x != 2 %}{{ loop.index }}{{ x }}{{ ',' if not loop.last }}{% else %}none{% endfor %}",
        value!({"a": [1, 2, 3]}),
        "11,23",
    );
    check(
        "{% for n in t recursive %}{{ loop.depth }}{{ n.v }}{{ loop(n.c) }}{% endfor %}",
        value!({"t": [{"v": "a", "c": [{"v": "b", "c": []}]}]}),
        "1a2b",
    );
    check(
        "{% for x in [1, 2] %}{{ y }}{% set y = x %}{% endfor %}{{ y }}",
        value!({"y": 0}),
        "000",
    );
}

#[test]
fn macros_see_where_they_stand() {
    check(
        "{% macro m(a, b='y') %}[{{ a }}{{ b }}{{ g }}{{ caller() if caller }}]{% endmacro %}{{ m(1) }}{% call m('x', b=2) %}in{% endcall %}",
        value!({"g": "!"}),
        "[1y!][x2!in]",
    );
}

#[test]
fn escaping_leaves_html_alone() {
    let values = value!({"a": "<i>"});
    let check = |source: &str, expected: &str| {
        assert_eq!(
            render(source, values.as_map().unwrap(), true).as_deref(),
            Ok(expected),
            "{source}"
        );
    };
    check("<b>{{ a }}</b>{{ a|safe }}", "<b>&lt;i&gt;</b><i>");
    check(
        "{{ ('<p>'|safe) ~ a }} {{ a|upper }}",
        "<p>&lt;i&gt; &lt;I&gt;",
    );
    check("{% set x %}<u>{{ a }}{% endset %}{{ x }}", "<u>&lt;i&gt;");
    check("{% autoescape false %}{{ a }}{% endautoescape %}", "<i>");
}

#[test]
fn lists_can_be_collected() {
    check(
        "{% set out = [] %}{% for x in a %}{% set _ = out.append(x * 2) %}{% endfor %}{{ out|join('-') }}",
        value!({"a": [1, 2]}),
        "2-4",
    );
    check(
        "{% set _ = d.update(k=1) %}{{ d }}{{ d.pop('k') }}{{ d }}",
        value!({"d": {}}),
        "{'k': 1}1{}",
    );
    check(
        "{{ a.append(a) }}{{ a }}",
        value!({"a": [1]}),
        "None[1, [1]]",
    );
}

#[test]
fn what_is_missing_prints_nothing_and_gives_nothing() {
    check(
        "[{{ x }}{{ x|upper }}{{ x|length }}{% for i in x %}{% endfor %}]",
        value!({}),
        "[0]",
    );
    fails("{{ x.y }}", "'x' is undefined");
    fails("{{ x + 1 }}", "'x' is undefined");
    fails("{{ x|int }}", "'x' is undefined");
    fails("{{ d.x.y }}", "no attribute 'x'");
    fails("{{ a|nosuch }}", "No filter named 'nosuch'.");
    fails("{{ n|length }}", "'NoneType' has no len()");
}

#[test]
fn faults_of_syntax_name_their_line() {
    fails("a\nb {{ 1 2 }}", "line 2");
    fails("{% for x in a %}", "endfor");
    fails("{{ a", "no end");
    fails("{% endif %}", "unknown tag 'endif'");
    fails("{{ 'abc }}", "no end '");
    fails("{{ (1] }}", "unexpected ']'");
}

#[test]
fn limits_hold() {
    fails(
        "{% for i in range(9999) %}{% for j in range(9999) %}{{ i }}{% endfor %}{% endfor %}",
        "steps",
    );
    fails("{{ 'a' * 10001 }}", "too large");
    fails("{{ range(10001) }}", "too large");
    fails("{{ 1001 ** 2 }}", "too large");
    fails("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "deeper");
    fails(
        &format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000)),
        "deeper",
    );
    fails(&format!("{{{{ {}1 }}}}", "- ".repeat(10_000)), "deeper");
    fails(&format!("{{{{ {}1 }}}}", "not ".repeat(10_000)), "deeper");
    fails(&format!("{{{{ 1{} }}}}", "+1".repeat(10_000)), "operations");
    fails(&format!("{{{{ 1{} }}}}", "+1".repeat(1_000)), "deeper");
    fails(&"{% if true %}".repeat(10_000), "deeper");
    fails(
        "{% for i in range(60) %}{% set _ = a.append(a) %}{% endfor %}",
        "steps",
    );
    fails(
        "{% set b = [] %}{% for i in range(9999) %}{% set _ = b.append('x' * 10000) %}{% endfor %}",
        "bytes",
    );
    let nested = "{% set x = [x] %}".repeat(20_000);
    check(&format!("{nested}{{{{ x|length }}}}"), value!({}), "1");
    fails(&format!("{nested}{{{{ x == x }}}}"), "steps");
}

#[test]
fn filters_do_what_they_do_in_jinja() {
    check(
        "{{ a|sort(reverse=true)|join(',') }} {{ a|sum }} {{ a|max }}",
        value!({"a": [1, 10, 2]}),
        "10,2,1 13 10",
    );
    check(
        "{{ a|groupby('k')|map('first')|list }}",
        value!({"a": [{"k": 2}, {"k": 1}]}),
        "[1, 2]",
    );
    check(
        "{% for g in a|groupby('k') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}",
        value!({"a": [{"k": 2}]}),
        "21",
    );
    check(
        "{{ a|batch(2, '-')|list }} {{ a|slice(2)|list }}",
        value!({"a": [1, 2, 3]}),
        "[[1, 2], [3, '-']] [[1, 2], [3]]",
    );
    check(
        "{{ 'a b c d'|truncate(5, leeway=0) }} {{ 'x<b>y</b>'|striptags }}",
        value!({}),
        "a... xy",
    );
    check(
        "{{ {'b': 1, 'a': 2}|dictsort }} {{ 'a b&c'|urlencode }}",
        value!({}),
        "[('a', 2), ('b', 1)] a%20b%26c",
    );
    check(
        "{{ [1, 2, 3]|select('odd')|list }} {{ 5|format('%05.1f') }}",
        value!({}),
        "[1, 3] 005.0",
    );
}

#[test]
fn texts_have_pythons_methods() {
    check(
        "{{ 'a,b,c'.split(',', 1) }} {{ ' x y '.split() }} {{ 'a.b'.rpartition('.') }}",
        value!({}),
        "['a', 'b,c'] ['x', 'y'] ('a', '.', 'b')",
    );
    check(
        "{{ '{:>5}|{x}|{:,.2f}'.format('a', 1234.5, x=3) }}",
        value!({}),
        "    a|3|1,234.50",
    );
    check(
        "{{ '%-5s|%05.1f|%x' % ('a', 3.14159, 255) }}",
        value!({}),
        "a    |003.1|ff",
    );
    check(
        "{{ 'abcabc'.find('c', 3) }} {{ 'abc'.center(6, '*') }} {{ '-5'.zfill(4) }}",
        value!({}),
        "5 *abc** -005",
    );
    check(
        "{{ '%g %g %e' % (100000, 1e10, 12.5) }}",
        value!({}),
        "100000 1e+10 1.250000e+01",
    );
}

#[test]
fn strictly_what_is_not_defined_is_an_error_with_its_place() {
    let values = value!({"name": "Ada", "user": {"mail": null}, "xs": []});
    let values = values.as_map().unwrap();
    let check = |source: &str, expected: &str| {
        let filled = render_strictly(source, values, false);
        assert_eq!(filled.as_deref(), Ok(expected), "{source}");
    };
    check("{{ nme|default('x') }}{{ user.mial|d('y') }}", "xy");
    check(
        "{{ nme is defined }}{{ nme is undefined }}{{ name is defined }}",
        "FalseTrueTrue",
    );
    check("{{ name if nme is defined }}{{ 'y' if xs }}|", "|");
    check(
        "{{ user.mail }}{{ [user, xs]|tojson }}",
        r#"None[{"mail":null},[]]"#,
    );
    check(
        "{% macro m(a) %}{{ a|d(1) }}{{ caller is defined }}{% endmacro %}{{ m() }}",
        "1False",
    );
    let fails = |source: &str, part: &str| {
        let error = render_strictly(source, values, false).unwrap_err();
        assert!(error.contains(part), "{source}: {error}");
    };
    fails(
        "\n {{ nme }}",
        "line 2, column 5: 'nme' is undefined: did you mean 'name'?",
    );
    fails(
        "é{{ name ~ user.mial }}",
        "line 1, column 17: 'dict object' has no attribute 'mial': did you mean 'mail'?",
    );
    fails("{{ user['x'] }}", "line 1, column 8");
    fails(
        "{% if a.b %}{% endif %}",
        "line 1, column 7: 'a' is undefined",
    );
    fails("{{ xs|first }}", "line 1, column 7");
    fails("{{ [user]|map(attribute='x')|join }}", "line 1, column 11");
    fails("{{ name + 1 }}", "line 1, column 9");
    fails("{{ (1 if xs) + 1 }}", "there is no else");
    fails("{{ nme.x is defined }}", "'nme' is undefined");
    fails("{{ self }}", "'self' is undefined");
    fails("{{ 1|tojson(2) }}", "line 1, column 6");
    let html = render_strictly(
        "{{ s|tojson }}",
        value!({"s": "</script>'&"}).as_map().unwrap(),
        true,
    );
    assert_eq!(html.as_deref(), Ok(r#""\u003c/script\u003e\u0027\u0026""#));
}
