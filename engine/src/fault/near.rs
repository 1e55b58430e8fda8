//! Nearest names: which known names a misspelt one may have meant.

/// Returns at most three of `known` that are near to `found`, best first. Near: equal but for case or for `-`, `_`, `.`
/// and spaces, one a part of the other (from 3 characters), or an edit distance (insert, delete, replace, swap of
/// neighbours) of at most a third of the longer name, and 2 at least, as long as half of it stays.
///
/// Source of the distance: the restricted Damerau-Levenshtein recurrence (optimal string alignment).
#[must_use]
pub fn nearest<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let bare = fold(found);
    let mut scored: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|name| score(found, &bare, name).map(|s| (s, name)))
        .collect();
    scored.sort_unstable();
    scored.dedup();
    scored
        .into_iter()
        .take(3)
        .map(|(_, name)| name.to_owned())
        .collect()
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

fn score(found: &str, bare: &str, name: &str) -> Option<usize> {
    let other = fold(name);
    if bare == other {
        return Some(0);
    }
    let longer = found.chars().count().max(name.chars().count());
    let distance = distance(found, name);
    if distance <= (longer / 3).max(2) && distance * 2 <= longer {
        return Some(1 + distance * 2);
    }
    let part =
        bare.len() >= 3 && other.len() >= 3 && (other.contains(bare) || bare.contains(&other));
    part.then(|| 2 + bare.len().abs_diff(other.len()))
}

/// Edit distance over characters; names are short, so three rows of a table do.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(128).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (i, x) in a.chars().take(128).enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        let mut left = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let diagonal = last.get(j).copied().unwrap_or(j);
            let up = last.get(j + 1).copied().unwrap_or(j + 1);
            let mut cost = (diagonal + usize::from(x != y)).min(up + 1).min(left + 1);
            if let Some(p) = previous
                && j > 0
                && b.get(j - 1) == Some(&x)
                && p == y
            {
                cost = cost.min(before.get(j - 1).copied().unwrap_or(cost) + 1);
            }
            row.push(cost);
            left = cost;
        }
        previous = Some(x);
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let known = ["zip", "text", "texts", "delimiter", "strip", "list.concat"];
        for (found, best) in [
            ("txet", Some("text")),
            ("Text", Some("text")),
            ("delimeter", Some("delimiter")),
            ("list_concat", Some("list.concat")),
            ("zzzzzz", None),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(
                nearest(found, known).first().map(String::as_str),
                best,
                "{found}"
            );
        }
    }
}
