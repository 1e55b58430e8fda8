//! Names by which a model knows tools and their parameters.

use std::collections::{HashMap, HashSet};

use graphloom::Text;

/// The longest name that all providers take.
const MAX_NAME: usize = 64;

/// Returns a name for each of these, in their order: letters, digits, `_` and `-`, lower-case, at most [`MAX_NAME`] long.
/// What would be one name is told apart by a number behind it: `search_1`, `search_2`.
pub(super) fn names<'a>(wanted: impl IntoIterator<Item = &'a str>) -> Vec<Text> {
    let cleaned: Vec<String> = wanted.into_iter().map(clean).collect();
    let mut times: HashMap<&str, u32> = HashMap::new();
    for name in &cleaned {
        *times.entry(name).or_default() += 1;
    }
    // A name that stands once stays: a number must not make another one equal to it.
    let single = cleaned
        .iter()
        .filter(|name| times.get(name.as_str()) == Some(&1));
    let mut taken: HashSet<String> = single.cloned().collect();
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut found = Vec::with_capacity(cleaned.len());
    for name in &cleaned {
        if times.get(name.as_str()) == Some(&1) {
            found.push(Text::from(name));
            continue;
        }
        let number = numbers.entry(name).or_default();
        let numbered = loop {
            *number += 1;
            let behind = format!("_{number}");
            let room = MAX_NAME - behind.len();
            let numbered = format!("{}{behind}", name.get(..room).unwrap_or(name));
            if taken.insert(numbered.clone()) {
                break numbered;
            }
        };
        found.push(Text::from(numbered));
    }
    found
}

fn clean(name: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' | '0'..='9' | '_' | '-' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        _ => '_',
    };
    let cleaned: String = name.chars().take(MAX_NAME).map(letter).collect();
    match cleaned.as_str() {
        "" => "tool".to_owned(),
        _ => cleaned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wanted: &[&str], expected: &[&str]) {
        assert_eq!(names(wanted.iter().copied()), expected, "{wanted:?}");
    }

    #[test]
    fn names_are_cleaned_and_told_apart() {
        check(
            &["Look it up!", "text.split", "A-b"],
            &["look_it_up_", "text_split", "a-b"],
        );
        check(&["größe", "日本"], &["gr__e", "__"]);
        check(&["", "x"], &["tool", "x"]);
        check(
            &["Search", "search", "SEARCH"],
            &["search_1", "search_2", "search_3"],
        );
        check(&["a", "a", "a_1"], &["a_2", "a_3", "a_1"]);
        let long = "n".repeat(100);
        let cut = "n".repeat(64);
        check(&[&long], &[&cut]);
        let (first, second) = (
            format!("{}_1", "n".repeat(62)),
            format!("{}_2", "n".repeat(62)),
        );
        check(&[&long, &long], &[&first, &second]);
    }
}
