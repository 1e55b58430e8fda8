//! Pictures.

use std::fmt::Write;

use super::layout::layout;
use super::{Drawing, Look, label};

const CHARACTER: f64 = 7.3;
const BOX_HEIGHT: f64 = 44.0;
const ROW: f64 = 84.0;
const GAP: f64 = 90.0;
const MARGIN: f64 = 20.0;
const HEADING: f64 = 34.0;

const STYLE: &str = "text{font:12px ui-monospace,monospace;fill:#1f2933}.k{fill:#616e7c;font-size:11px}\
    .l{fill:#52606d;font-size:10px;paint-order:stroke;stroke:#fff;stroke-width:3px}.t{font-weight:bold;font-size:14px}\
    rect{fill:#f5f7fa;stroke:#7b8794}.entry{fill:#e3f8e8}.exit{fill:#e6f0ff}.note{fill:#fffbe6;stroke-dasharray:3}\
    path{fill:none;stroke:#7b8794}.d{stroke-dasharray:5 4}";

/// Returns a drawing as an SVG document that stands by itself: no script, no link, nothing from elsewhere.
pub(crate) fn svg(drawing: &Drawing) -> String {
    let mut canvas = Canvas {
        body: String::new(),
        width: 0.0,
        y: MARGIN,
    };
    // Writing to a text cannot fail.
    let _ = canvas.draw(drawing);
    let (width, height) = (canvas.width + MARGIN, canvas.y);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\">\n<style>{STYLE}</style>\n<defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" \
         refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><polygon points=\"0,0 8,4 0,8\" \
         fill=\"#7b8794\"/></marker></defs>\n<rect width=\"{width:.0}\" height=\"{height:.0}\" style=\"fill:#fff;stroke:none\"/>\n\
         {}</svg>\n",
        canvas.body
    )
}

struct Canvas {
    body: String,
    width: f64,
    /// Where the next drawing begins.
    y: f64,
}

impl Canvas {
    fn draw(&mut self, drawing: &Drawing) -> std::fmt::Result {
        if !drawing.title.is_empty() {
            let title = escape(&drawing.title);
            writeln!(
                self.body,
                "<text class=\"t\" x=\"{MARGIN}\" y=\"{:.0}\">{title}</text>",
                self.y + 14.0
            )?;
            self.y += HEADING;
            self.width = self.width.max(MARGIN + text_width(&drawing.title) * 1.3);
        }
        let ends: Vec<(usize, usize)> = drawing
            .arrows
            .iter()
            .map(|arrow| (arrow.from, arrow.to))
            .collect();
        let plan = layout(drawing.boxes.len(), &ends);
        let columns = self.columns(drawing, &plan.places, plan.n_layers);
        let column = |layer: usize| columns.get(layer).copied().unwrap_or((MARGIN, 0.0));
        let top = self.y;
        let middle = |row: f64| top + row * ROW + BOX_HEIGHT / 2.0;

        for (arrow, bends) in drawing.arrows.iter().zip(&plan.bends) {
            let (Some(from), Some(to)) = (plan.places.get(arrow.from), plan.places.get(arrow.to))
            else {
                continue;
            };
            let (x, width) = column(from.0);
            let mut points = vec![(x + width, middle(from.1))];
            for (layer, row) in bends {
                let (x, width) = column(*layer);
                let (a, b) = if from.0 <= to.0 {
                    (x, x + width)
                } else {
                    (x + width, x)
                };
                points.extend([(a, middle(*row)), (b, middle(*row))]);
            }
            points.push((column(to.0).0, middle(to.1)));
            self.arrow(&points, &arrow.label, arrow.dashed)?;
        }
        let mut bottom = top;
        for (a_box, (layer, row)) in drawing.boxes.iter().zip(&plan.places) {
            let (x, width) = column(*layer);
            let y = top + row * ROW;
            let class = match a_box.look {
                Look::Plain => "plain",
                Look::Entry => "entry",
                Look::Exit => "exit",
                Look::Note => "note",
            };
            let (name, kind) = (escape(&a_box.name), escape(&a_box.kind));
            writeln!(
                self.body,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BOX_HEIGHT}\" rx=\"6\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\">{name}</text><text class=\"k\" x=\"{:.1}\" y=\"{:.1}\">{kind}</text>",
                x + 10.0,
                y + 18.0,
                x + 10.0,
                y + 34.0,
            )?;
            bottom = bottom.max(y + BOX_HEIGHT);
            self.width = self.width.max(x + width);
        }
        self.y = bottom + MARGIN;
        drawing.inner.iter().try_for_each(|inner| self.draw(inner))
    }

    /// Returns where each layer begins and how wide it is.
    fn columns(
        &self,
        drawing: &Drawing,
        places: &[(usize, f64)],
        n_layers: usize,
    ) -> Vec<(f64, f64)> {
        let mut widths = vec![60.0_f64; n_layers];
        for (a_box, (layer, _)) in drawing.boxes.iter().zip(places) {
            if let Some(width) = widths.get_mut(*layer) {
                *width = width.max(text_width(&a_box.name).max(text_width(&a_box.kind)) + 20.0);
            }
        }
        let mut gaps = vec![GAP; n_layers];
        for arrow in &drawing.arrows {
            if let Some(gap) = places
                .get(arrow.from)
                .and_then(|(layer, _)| gaps.get_mut(*layer))
            {
                *gap = gap.max(text_width(&arrow.label) + 30.0);
            }
        }
        let mut x = MARGIN;
        let place = |(width, gap): (f64, f64)| {
            let here = x;
            x += width + gap;
            (here, width)
        };
        widths.into_iter().zip(gaps).map(place).collect()
    }

    fn arrow(&mut self, points: &[(f64, f64)], label: &str, dashed: bool) -> std::fmt::Result {
        let [first, .., last] = points else {
            return Ok(());
        };
        let mut path = format!("M{:.1},{:.1}", first.0, first.1);
        for pair in points.windows(2) {
            if let [(x0, y0), (x1, y1)] = pair {
                let bend = ((x1 - x0).abs() / 2.0).max(20.0);
                write!(
                    path,
                    " C{:.1},{y0:.1} {:.1},{y1:.1} {x1:.1},{y1:.1}",
                    x0 + bend,
                    x1 - bend
                )?;
            }
        }
        let class = if dashed { " class=\"d\"" } else { "" };
        writeln!(
            self.body,
            "<path{class} d=\"{path}\" marker-end=\"url(#a)\"/>"
        )?;
        self.width = self.width.max(last.0);
        if !label.is_empty() {
            // On the side that the arrow bends away from.
            let beside = if last.1 < first.1 { 14.0 } else { -6.0 };
            let (x, y) = (first.0 + 8.0, first.1 + beside);
            writeln!(
                self.body,
                "<text class=\"l\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
                escape(label)
            )?;
        }
        Ok(())
    }
}

fn text_width(text: &str) -> f64 {
    // Far Eastern characters are twice as wide.
    let wide = |c: char| if c as u32 >= 0x1100 { 2.0 } else { 1.0 };
    label(text).chars().map(wide).sum::<f64>() * CHARACTER
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in label(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Arrow, Box};

    #[test]
    fn labels_stay_text() {
        let nasty = "</text><script>alert(1)</script>\"'&\u{0}\u{202e}";
        let a_box = Box {
            name: nasty.to_owned(),
            kind: nasty.to_owned(),
            look: Look::Plain,
        };
        let arrow = Arrow {
            from: 0,
            to: 1,
            label: nasty.to_owned(),
            dashed: true,
        };
        let drawing = Drawing {
            title: nasty.to_owned(),
            boxes: vec![a_box.clone(), a_box],
            arrows: vec![arrow],
            inner: Vec::new(),
        };
        let picture = svg(&drawing);
        assert!(!picture.contains("<script"));
        assert!(!picture.contains(['\u{0}', '\u{202e}']));
        assert_eq!(picture.matches("</text>").count(), 6);
    }
}
