use super::*;

fn check(page: &str, expected: &str) {
    let found = read(page, "https://a.example/b/c?d#e", 1 << 20).markdown;
    assert_eq!(found.trim_end(), expected, "{page}");
}

#[test]
fn blocks_are_blocks() {
    check(
        "<h1>One  <b>two</b></h1><p>a\n b<p>c<div>d</div>e",
        "# One **two**\n\na b\n\nc\n\nd\n\ne",
    );
    check("a<br>b<hr>c", "a  \nb\n\n---\n\nc");
    check(
        "<blockquote><p>a</p><p>b</p></blockquote>c",
        "> a\n>\n> b\n\nc",
    );
    check(
        "<pre><code class='x language-rust'>fn a() {\n    *b &lt; c\n}\n</code></pre>",
        "```rust\nfn a() {\n    *b < c\n}\n```",
    );
    check("<pre>```</pre>", "````\n```\n````");
    check("", "");
}

#[test]
fn lists_are_lists() {
    check(
        "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
        "- a\n- b\n  - c\n- d\n\ne",
    );
    check(
        "<ol start=9><li><p>a</p><p>b</p></li><li>c</li></ol>",
        "9. a\n\n   b\n10. c",
    );
    check("<li>a</li></ul></ol>b", "- a\n\nb");
    check("<ul><li><blockquote>a</blockquote></li></ul>", "- > a");
}

#[test]
fn words_are_stressed_linked_and_escaped() {
    check(
        "a<b> b </b>c <i></i><em>d</em> <code>e*`f</code>",
        "a **b** c *d* ``e*`f``",
    );
    check(
        "<a href='../x y?z=(1)'>A <b>b</b></a>",
        "[A **b**](https://a.example/x%20y?z=%281%29)",
    );
    check(
        "<a href='#f'>f</a> <a href=mailto:a@b.c>m</a>",
        "[f](https://a.example/b/c?d#f) [m](mailto:a@b.c)",
    );
    check(
        "<a href='javascript:alert(1)'>x</a><a href='data:,a'>y</a><a>z</a>",
        "xyz",
    );
    check(
        "<a href=/x><div>a</div><div>b</div></a>",
        "[a](https://a.example/x)\n\n[b](https://a.example/x)",
    );
    check(
        "<base href=https://o.example/p/><a href=q>q</a>",
        "[q](https://o.example/p/q)",
    );
    check(
        "<img src=/i.png alt='a [b]'><img src=data:image/png,x>",
        "![a b](https://a.example/i.png)",
    );
    check("a * b [c] &lt;d>", "a \\* b \\[c\\] \\<d>");
    check("<p># a<p>1. b<p>- c", "\\# a\n\n1\\. b\n\n\\- c");
}

#[test]
fn tables_are_tables_unless_they_are_layout() {
    let table = "<table><tr><th>a<th>b|c</tr><tr><td>1<br>2<td><p>3</p><p>4</p></table>d";
    check(table, "| a | b\\|c |\n| --- | --- |\n| 1 2 | 3 4 |\n\nd");
    check("<table><tr><td>a<tr><td>b</table>", "a\n\nb");
    let nested = "<table><tr><td>a<table><tr><td>b<td>c</table><td>d</table>";
    check(nested, "| a b c | d |\n| --- | --- |");
    check("<td>a<td>b<tr>c", "a b\n\nc");
}

#[test]
fn nothing_is_read_of_what_is_not_said() {
    check(
        "<head><style>a{}</style><script>b</script></head>c<svg><title>d</title><svg></svg>e</svg>f",
        "cf",
    );
    check(
        "<template>a</template><iframe>b</iframe><!-- c --><noscript>d</noscript>",
        "d",
    );
    let page = read(
        "<title> A\n &amp; B</title><svg><title>no</title></svg><title>two</title>x",
        "",
        100,
    );
    assert_eq!(
        (page.title.as_str(), page.markdown.as_str(), page.cut),
        ("A & B", "x\n", false)
    );
}

#[test]
fn pages_of_any_kind_are_read_in_bounded_time_and_room() {
    for part in [
        "<ul><li>a",
        "<blockquote>a",
        "<b>a",
        "<a href=x>a",
        "<table><tr><td>a",
        "<div>",
        "</ul>",
        "<svg>",
        "<td>a<p>",
        "<pre>a",
        "<h1>a",
    ] {
        let page = part.repeat(50_000);
        let read = read(&page, "https://a.example", 8 << 20);
        assert!(
            read.markdown.len() <= (8 << 20) + (4 << 20),
            "{part}: {}",
            read.markdown.len()
        );
    }
}

#[test]
fn there_is_an_end_to_it() {
    let page = read(&"<p>abc".repeat(100), "", 20);
    assert!(page.cut && page.markdown.len() < 30, "{page:?}");
}
