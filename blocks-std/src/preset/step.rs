//! One request of a preset, as read.

use graphloom::host::HostSet;
use graphloom::json::Pointer;
use graphloom::{Text, Value};

use super::address::Address;
use super::body::Body;
use super::reader::{Reader, Table};
use super::tree::{Names, Ref, Scope, Tree, is_one};

/// The answer of the request, where `take` and `errors` look.
pub(super) const ANSWER: &str = "answer";
/// The item that a request is sent for.
pub(super) const EACH: &str = "each";

const KEYS: &[&str] = &[
    "name",
    "when",
    "each",
    "method",
    "url",
    "query",
    "headers",
    "json",
    "form",
    "multipart",
    "read",
    "accept",
    "redirects",
    "credential",
    "take",
];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Header lines that are the client's business.
const RESERVED: &[&str] = &[
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "proxy-authorization",
    "cookie",
];

#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) name: Text,
    pub(super) when: Conditions,
    /// Sent once for each item of this list, until one gives something.
    pub(super) each: Option<Ref>,
    pub(super) method: Text,
    pub(super) url: Address,
    pub(super) query: Vec<(Text, Tree)>,
    pub(super) headers: Vec<(Text, Tree)>,
    pub(super) body: Body,
    pub(super) read: Read,
    /// Statuses other than 200 to 299 that are no errors.
    pub(super) accept: Vec<u16>,
    pub(super) redirects: u8,
    /// The credential goes with it.
    pub(super) credential: bool,
    pub(super) take: Option<Tree>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Json,
    Text,
    Blob,
    Nothing,
}

/// What must hold; each value is what there must be, or a list of what there may be. Null: nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions(Vec<(Ref, Value)>);

impl Conditions {
    pub(super) fn read(value: &Value, at: &Pointer, names: &Names, reader: &mut Reader) -> Self {
        let mut all = Vec::new();
        for (name, value) in reader.map(value, at).into_iter().flat_map(|map| map.iter()) {
            if let Some(of) = Ref::parse(name, &at.push(name), names, reader) {
                all.push((of, value.clone()));
            }
        }
        Self(all)
    }

    pub(super) fn hold(&self, scope: &Scope) -> bool {
        self.0
            .iter()
            .all(|(of, wanted)| is_one(&of.find(scope).unwrap_or_default(), wanted))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn refs(&self, see: &mut impl FnMut(&Ref)) {
        self.0.iter().for_each(|(of, _)| see(of));
    }
}

impl Step {
    pub(super) fn read(
        value: &Value,
        at: &Pointer,
        names: &Names,
        hosts: &HostSet,
        reader: &mut Reader,
    ) -> Option<Self> {
        let table = reader.table(value, at, KEYS)?;
        let name = table.need_text(reader, "name")?;
        if !is_name(&name) || [ANSWER, EACH].contains(&name.as_str()) || names.has(&name) {
            let message = format!("\"{name}\" is taken, or no name: small letters, digits and _");
            reader.invalid(&table.place("name"), message);
        }
        let when = table
            .get("when")
            .map(|(value, at)| Conditions::read(value, &at, names, reader));
        let each = match table.text(reader, EACH) {
            Some(of) => Some(Ref::parse(&of, &table.place(EACH), names, reader)?),
            None => None,
        };
        let names = &if each.is_some() {
            names.with(EACH)
        } else {
            names.clone()
        };
        let method = table.need_text(reader, "method")?;
        if !METHODS.contains(&method.as_str()) {
            let message = format!("\"{method}\" is none of {}", METHODS.join(", "));
            reader.invalid(&table.place("method"), message);
        }
        let (url, place) = table.need(reader, "url")?;
        let url = Address::read(url, &place, names, hosts, reader)?;
        let whole = matches!(url, Address::Whole(_));
        let credential = table.flag(reader, "credential", !whole);
        if credential && whole {
            let message =
                "a credential does not go to an address that comes from outside the preset";
            reader.invalid(&table.place("credential"), message);
        }
        let headers = fields(&table, "headers", names, reader);
        check_headers(&headers, &table, reader);
        let body = body(&table, names, reader)?;
        if !matches!(body, Body::None) && is_read(&method) {
            reader.invalid(at, format!("a {method} request has no body"));
        }
        let reads = [
            ("json", Read::Json),
            ("text", Read::Text),
            ("blob", Read::Blob),
            ("nothing", Read::Nothing),
        ];
        let take = match table.get("take") {
            Some((tree, at)) => Some(Tree::read(tree, &at, &names.with(ANSWER), reader)?),
            None => None,
        };
        if each.is_some() && take.is_none() {
            reader.invalid(at, "a step with \"each\" ends with the first item whose \"take\" gives something: it has none");
        }
        Some(Self {
            name,
            when: when.unwrap_or_default(),
            each,
            query: fields(&table, "query", names, reader),
            headers,
            body,
            read: table.word(reader, "read", &reads).unwrap_or(Read::Json),
            accept: accept(&table, reader),
            redirects: table
                .count(reader, "redirects", 0..=10)
                .and_then(|count| u8::try_from(count).ok())
                .unwrap_or(0),
            credential,
            take,
            method,
            url,
        })
    }

    /// Says whether it only reads, so that nothing was done if it fails.
    pub(super) fn only_reads(&self) -> bool {
        is_read(&self.method)
    }

    pub(super) fn refs(&self, see: &mut impl FnMut(&Ref)) {
        self.when.refs(see);
        if let Some(of) = &self.each {
            see(of);
        }
        self.url.refs(see);
        for (_, tree) in self.query.iter().chain(&self.headers) {
            tree.refs(see);
        }
        self.body.refs(see);
        if let Some(tree) = &self.take {
            tree.refs(see);
        }
    }
}

/// Says whether a text can be the name of a step or a pin.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.len() <= 64 && name.bytes().all(fits) && name.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_read(method: &str) -> bool {
    matches!(method, "GET" | "HEAD")
}

fn fields(table: &Table<'_>, key: &str, names: &Names, reader: &mut Reader) -> Vec<(Text, Tree)> {
    let Some((value, at)) = table.get(key) else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for (name, value) in reader
        .map(value, &at)
        .into_iter()
        .flat_map(|map| map.iter())
    {
        let at = at.push(name);
        let fits = |c: char| !c.is_control() && c != '"';
        if name.is_empty() || !name.chars().all(fits) {
            reader.invalid(
                &at,
                "a name without quotes and control characters is expected",
            );
        }
        if let Some(tree) = Tree::read(value, &at, names, reader) {
            fields.push((name.clone(), tree));
        }
    }
    fields
}

fn check_headers(headers: &[(Text, Tree)], table: &Table<'_>, reader: &mut Reader) {
    for (name, tree) in headers {
        let at = table.place("headers").push(name);
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !name.bytes().all(fits) || RESERVED.contains(&name.as_str()) {
            reader.invalid(
                &at,
                "this header line is not for a preset to write, or not in small letters",
            );
        }
        if let Tree::Literal(value) = tree
            && value
                .as_str()
                .is_none_or(|text| text.chars().any(char::is_control))
        {
            reader.invalid(&at, "a header line is a text without control characters");
        }
    }
}

fn body(table: &Table<'_>, names: &Names, reader: &mut Reader) -> Option<Body> {
    let given: Vec<&str> = ["json", "form", "multipart"]
        .into_iter()
        .filter(|key| table.get(key).is_some())
        .collect();
    Some(match given.as_slice() {
        [] => Body::None,
        ["json"] => {
            let (value, at) = table.get("json")?;
            Body::Json(Tree::read(value, &at, names, reader)?)
        }
        ["form"] => Body::Form(fields(table, "form", names, reader)),
        ["multipart"] => Body::Multipart(fields(table, "multipart", names, reader)),
        more => {
            reader.invalid(
                &table.at,
                format!("one body is enough: found {}", more.join(" and ")),
            );
            Body::None
        }
    })
}

fn accept(table: &Table<'_>, reader: &mut Reader) -> Vec<u16> {
    let Some((value, at)) = table.get("accept") else {
        return Vec::new();
    };
    let statuses: Option<Vec<u16>> = value.as_list().and_then(|list| {
        let status = |item: &Value| {
            u16::try_from(item.as_u64()?)
                .ok()
                .filter(|n| (300..600).contains(n))
        };
        list.iter().map(status).collect()
    });
    if statuses.is_none() {
        reader.invalid(&at, "expected a list of statuses, 300 to 599");
    }
    statuses.unwrap_or_default()
}
