//! Mermaid flowcharts.

use std::fmt::Write;

use super::{Drawing, Look, label};

/// Returns a drawing as a Mermaid flowchart.
pub(crate) fn mermaid(drawing: &Drawing) -> String {
    let mut text = String::from("flowchart LR\n");
    // Writing to a text cannot fail.
    let _ = part(&mut text, drawing, &mut 0, "  ");
    text
}

/// Boxes are called `n0`, `n1`, …: a name of the drawing's own could be a word of the language.
fn part(text: &mut String, drawing: &Drawing, next: &mut usize, indent: &str) -> std::fmt::Result {
    let first = *next;
    *next += drawing.boxes.len();
    for (i, a_box) in drawing.boxes.iter().enumerate() {
        let (open, close) = match a_box.look {
            Look::Plain => ("[", "]"),
            Look::Entry => ("([", "])"),
            Look::Exit => ("[[", "]]"),
            Look::Note => (">", "]"),
        };
        let (name, kind) = (escape(&a_box.name), escape(&a_box.kind));
        writeln!(
            text,
            "{indent}n{}{open}\"{name}<br/>{kind}\"{close}",
            first + i
        )?;
    }
    let n = drawing.boxes.len();
    for arrow in drawing
        .arrows
        .iter()
        .filter(|arrow| arrow.from < n && arrow.to < n)
    {
        let line = if arrow.dashed { "-.->" } else { "-->" };
        let label = escape(&arrow.label);
        let label = if label.is_empty() {
            label
        } else {
            format!("|\"{label}\"|")
        };
        writeln!(
            text,
            "{indent}n{} {line}{label} n{}",
            first + arrow.from,
            first + arrow.to
        )?;
    }
    for inner in &drawing.inner {
        writeln!(
            text,
            "{indent}subgraph g{next}[\"{}\"]",
            escape(&inner.title)
        )?;
        *next += 1;
        part(text, inner, next, &format!("{indent}  "))?;
        writeln!(text, "{indent}end")?;
    }
    Ok(())
}

/// Writes everything but letters, digits and a few signs as Mermaid's entity codes, `#` with the number: inside the
/// quotes of a label that is text, whatever it says.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in label(text).chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | '-' | '/' | ',' | '…' | '→') {
            out.push(c);
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_text() {
        assert_eq!(escape("who.result → x-1"), "who.result → x-1");
        assert_eq!(
            escape("\"]; click n0 \"javascript:x\"\n"),
            "#34;#93;#59; click n0 #34;javascript#58;x#34;"
        );
        assert_eq!(
            escape("<b>&#35;`%%{init}"),
            "#60;b#62;#38;#35;35#59;#96;#37;#37;#123;init#125;"
        );
    }
}
