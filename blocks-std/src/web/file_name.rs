//! What a file that came over the web is called.

/// A name has this many bytes at most.
const MAX_BYTES: usize = 255;

/// What a file is called of which nothing is known.
const UNNAMED: &str = "download";

/// Returns the name of a file: as the server says (`Content-Disposition`, RFC 6266), else as its address ends. It is a
/// name and never a path: whoever writes it down stays in the folder that is meant.
pub(super) fn of(disposition: Option<&str>, url: &str) -> String {
    let said = disposition
        .and_then(said)
        .map(|name| plain(&name))
        .filter(|name| !name.is_empty());
    said.or_else(|| {
        let path = url.split(['?', '#']).next()?;
        let (_, path) = path.split_once("://")?;
        let (_, path) = path.split_once('/')?;
        let last = path.rsplit('/').next()?;
        let name = plain(&String::from_utf8_lossy(&unescaped(last)));
        (!name.is_empty()).then_some(name)
    })
    .unwrap_or_else(|| UNNAMED.to_owned())
}

fn said(disposition: &str) -> Option<String> {
    let mut plain = None;
    for part in parts(disposition) {
        let Some((name, value)) = part.split_once('=') else {
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        if name.eq_ignore_ascii_case("filename*") {
            // charset'language'escaped (RFC 8187), where the charset is UTF-8 in all but name.
            let escaped = value.splitn(3, '\'').nth(2)?;
            return Some(String::from_utf8_lossy(&unescaped(escaped)).into_owned());
        }
        if name.eq_ignore_ascii_case("filename") {
            let quoted = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            plain = Some(
                quoted.map_or_else(|| value.to_owned(), |quoted| quoted.replace("\\\"", "\"")),
            );
        }
    }
    plain
}

/// Splits at the semicolons that do not stand in quotes.
fn parts(header: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    header.split(move |sign: char| {
        let ends = sign == ';' && !quoted;
        match sign {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = sign == '\\' && !escaped;
        ends
    })
}

/// Takes percent escapes out; what is none stays.
fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(first);
                rest = behind;
            }
        }
    }
    out
}

/// Returns the last step of what may be a path, without what cannot stand in a name.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let odd = |c: &char| {
        !c.is_control() && !"<>:\"|?*".contains(*c) && !('\u{202a}'..='\u{202e}').contains(c)
    };
    let mut name: String = last.chars().filter(odd).collect();
    while name.len() > MAX_BYTES {
        name.pop();
    }
    name.trim_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_names() {
        let check = |disposition: Option<&str>, url: &str, expected: &str| {
            assert_eq!(of(disposition, url), expected, "{disposition:?} {url}");
        };
        let url = "https://a.example/files/caf%C3%A9.pdf?x=/y#z";
        check(None, url, "café.pdf");
        check(Some("attachment"), url, "café.pdf");
        check(Some("attachment; filename=a.txt"), url, "a.txt");
        check(
            Some(r#"attachment; filename="a; \"b\".txt""#),
            url,
            "a; b.txt",
        );
        check(
            Some("inline; filename=a.txt; FILENAME*=UTF-8''%e2%82%ac.txt"),
            url,
            "€.txt",
        );
        check(
            Some(r#"attachment; filename="../../etc/passwd""#),
            url,
            "passwd",
        );
        check(
            Some(r"attachment; filename=..\..\boot.ini"),
            url,
            "boot.ini",
        );
        check(Some("attachment; filename=\"..\""), url, "café.pdf");
        check(Some("attachment; filename*=x"), url, "café.pdf");
        check(None, "https://a.example", "download");
        check(None, "https://a.example/", "download");
        check(None, "https://a.example/%2e%2e%2f", "download");
        check(None, "https://a.example/a%00%0a%zz.txt", "a%zz.txt");
        assert_eq!(
            of(None, &format!("https://a.example/{}", "é".repeat(300))).len(),
            254
        );
    }
}
