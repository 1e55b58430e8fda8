//! Reads a preset whole: everything that is wrong with it is found before it becomes a block.

use std::collections::BTreeSet;
use std::time::Duration;

use graphloom::block::{InputPin, OutputPin};
use graphloom::host::HostSet;
use graphloom::json::{Limits, Pointer, read_value};
use graphloom::{BlockInfo, Capability, Category, Effect, Example, Text, Value};

use super::Preset;
use super::credential::{Attach, Login};
use super::error::{PresetError, PresetErrors};
use super::pins::{Emission, input, output};
use super::reader::{Reader, Table};
use super::step::{ANSWER, Conditions, EACH, Read, Step};
use super::tree::{ITEM, Names, Ref};

const KEYS: &[&str] = &[
    "preset",
    "id",
    "version",
    "summary",
    "details",
    "vendor",
    "category",
    "effect",
    "autogpt",
    "credential",
    "hosts",
    "limits",
    "cost",
    "inputs",
    "steps",
    "outputs",
    "errors",
    "examples",
];

/// The version of the format that this program reads.
const FORMAT: u64 = 1;
/// The pin that names the credential.
pub(super) const CREDENTIAL: &str = "credential";
const MAX_STEPS: usize = 16;
/// What an answer may have, if the preset does not say: 10 MiB.
const MAX_BYTES: u64 = 10 << 20;
/// How long a request may take, if the preset does not say.
const TIMEOUT_MS: u64 = 60_000;

/// What is wrong in an answer, where the status does not tell; and where the message stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Failing {
    pub(super) when: Conditions,
    pub(super) message: Option<Ref>,
}

pub(super) fn load(bytes: &[u8]) -> Result<Preset, PresetErrors> {
    let value = read_value(bytes, &Limits::default()).map_err(|faults| {
        let message = faults.to_string();
        PresetErrors(vec![PresetError::Json { message }])
    })?;
    let mut reader = Reader::default();
    let preset = read(&value, &mut reader);
    match preset {
        Some(preset) if reader.errors.is_empty() => Ok(preset),
        _ => Err(PresetErrors(reader.errors)),
    }
}

fn read(value: &Value, reader: &mut Reader) -> Option<Preset> {
    let top = reader.table(value, &Pointer::root(), KEYS)?;
    let format = top.need(reader, "preset")?;
    if format.0.as_u64() != Some(FORMAT) {
        let message = format!("this program reads presets of format {FORMAT}");
        reader.invalid(&format.1, message);
        return None;
    }
    let hosts = hosts(&top, reader);
    let login = match top.get(CREDENTIAL) {
        Some((value, at)) => Some(Login::read(value, &at, reader)?),
        None => None,
    };
    let (inputs, names) = inputs(&top, reader);
    let (steps, names) = steps(&top, names, &hosts, reader);
    let (outputs, emissions) = outputs(&top, &names, reader);
    let failing = failing(&top, reader);
    let limits = top
        .get("limits")
        .and_then(|(value, at)| reader.table(value, &at, &["max_bytes", "timeout_ms"]));
    let limit = |reader: &mut Reader, key: &str, most: u64, default: u64| {
        let table = limits.as_ref();
        table
            .and_then(|table| table.count(reader, key, 1..=most))
            .unwrap_or(default)
    };
    let max_bytes = limit(reader, "max_bytes", 1 << 30, MAX_BYTES);
    let timeout = Duration::from_millis(limit(reader, "timeout_ms", 3_600_000, TIMEOUT_MS));
    let cost = top.get("cost").and_then(|(value, at)| {
        let table = reader.table(value, &at, &["unit", "amount"])?;
        let unit = table.need_text(reader, "unit")?;
        let (amount, at) = table.need(reader, "amount")?;
        let amount = amount
            .as_f64()
            .filter(|amount| amount.is_finite() && *amount >= 0.0);
        if amount.is_none() {
            reader.invalid(&at, "expected a number, 0 or more");
        }
        Some((unit, amount?))
    });
    check_credential(&top, login.as_ref(), &steps, reader);
    check_used(&top, &inputs, &steps, &emissions, reader);
    let mut capabilities = vec![Capability::Http];
    if login.is_some() {
        capabilities.push(Capability::Credential);
    }
    let blobs = steps.iter().any(|step| step.read == Read::Blob)
        || inputs.iter().any(|pin| pin.ty.to_string().contains("blob"));
    if blobs {
        capabilities.push(Capability::Blobs);
    }
    let mut inputs = inputs;
    if let Some(login) = &login {
        inputs.push(super::credential_pin(login));
    }
    let info = info(&top, &inputs, login.is_some(), capabilities, reader)?;
    if !reader.errors.is_empty() {
        return None;
    }
    Some(Preset {
        info,
        hosts,
        login,
        steps,
        inputs,
        outputs,
        emissions,
        failing,
        max_bytes,
        timeout,
        cost,
    })
}

fn hosts(top: &Table<'_>, reader: &mut Reader) -> HostSet {
    top.need(reader, "hosts");
    let texts = top.texts(reader, "hosts");
    let at = top.place("hosts");
    match HostSet::parse(texts.iter().map(Text::as_str)) {
        Ok(hosts) if hosts.is_empty() => {
            reader.invalid(&at, "a preset names the hosts that it asks")
        }
        Ok(hosts) => return hosts,
        Err(error) => reader.invalid(&at, error.to_string()),
    }
    HostSet::default()
}

fn inputs(top: &Table<'_>, reader: &mut Reader) -> (Vec<InputPin>, Names) {
    let mut pins = Vec::new();
    let mut names = Names::default();
    let Some((value, at)) = top.get("inputs") else {
        return (pins, names);
    };
    for (name, value) in reader
        .map(value, &at)
        .into_iter()
        .flat_map(|map| map.iter())
    {
        let at = at.push(name);
        if [ANSWER, EACH, ITEM, CREDENTIAL].contains(&name.as_str()) {
            reader.invalid(&at, "this name stands for something else in a preset");
        }
        pins.extend(input(name, value, &at, reader));
        names = names.with(name.clone());
    }
    (pins, names)
}

fn steps(
    top: &Table<'_>,
    mut names: Names,
    hosts: &HostSet,
    reader: &mut Reader,
) -> (Vec<Step>, Names) {
    let mut steps = Vec::new();
    let Some((value, at)) = top.need(reader, "steps") else {
        return (steps, names);
    };
    let list = value
        .as_list()
        .filter(|list| (1..=MAX_STEPS).contains(&list.len()));
    if list.is_none() {
        reader.invalid(&at, format!("expected a list of 1 to {MAX_STEPS} steps"));
    }
    for (index, value) in list.into_iter().flat_map(|list| list.iter()).enumerate() {
        if let Some(step) = Step::read(value, &at.push_index(index), &names, hosts, reader) {
            names = names.with(step.name.clone());
            steps.push(step);
        }
    }
    (steps, names)
}

fn outputs(top: &Table<'_>, names: &Names, reader: &mut Reader) -> (Vec<OutputPin>, Vec<Emission>) {
    let Some((value, at)) = top.need(reader, "outputs") else {
        return (Vec::new(), Vec::new());
    };
    let entries = reader
        .map(value, &at)
        .into_iter()
        .flat_map(|map| map.iter());
    let read = |(name, value): (&Text, &Value)| output(name, value, &at.push(name), names, reader);
    let outputs: (Vec<_>, Vec<_>) = entries.filter_map(read).unzip();
    if outputs.0.is_empty() {
        reader.invalid(&at, "a block has an output");
    }
    outputs
}

fn failing(top: &Table<'_>, reader: &mut Reader) -> Failing {
    let Some((value, at)) = top.get("errors") else {
        return Failing::default();
    };
    let names = Names::default().with(ANSWER);
    let Some(table) = reader.table(value, &at, &["message", "when"]) else {
        return Failing::default();
    };
    let message = table.text(reader, "message");
    let at = table.place("message");
    let when = table.get("when");
    Failing {
        message: message.and_then(|of| Ref::parse(&of, &at, &names, reader)),
        when: when.map_or_else(Conditions::default, |(value, at)| {
            Conditions::read(value, &at, &names, reader)
        }),
    }
}

/// The credential stands in an address exactly where the preset says that it does.
fn check_credential(top: &Table<'_>, login: Option<&Login>, steps: &[Step], reader: &mut Reader) {
    let in_path = login.is_some_and(|login| matches!(login.attach, Attach::Path));
    for (index, step) in steps.iter().enumerate() {
        let at = top.place("steps").push_index(index);
        if step.url.has_credential() && !(in_path && step.credential) {
            reader.invalid(
                &at.push("url"),
                "{credential} needs a credential with \"path\": true",
            );
        }
        if in_path && step.credential && !step.url.has_credential() {
            reader.invalid(
                &at.push("url"),
                "the credential goes into the path: there is no {credential}",
            );
        }
        if let Some(Login {
            attach: Attach::Header { name, .. },
            ..
        }) = login
            && step
                .headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
        {
            reader.invalid(
                &at.push("headers"),
                "the credential stands in this header line",
            );
        }
    }
    if login.is_some() && !steps.iter().any(|step| step.credential) {
        reader.invalid(&top.place(CREDENTIAL), "no step sends it");
    }
}

/// An input that goes nowhere is a mistake: whoever gives it expects something of it.
fn check_used(
    top: &Table<'_>,
    inputs: &[InputPin],
    steps: &[Step],
    emissions: &[Emission],
    reader: &mut Reader,
) {
    let mut used = BTreeSet::new();
    let mut see = |of: &Ref| used.extend(of.names().map(Text::to_string));
    steps.iter().for_each(|step| step.refs(&mut see));
    emissions
        .iter()
        .for_each(|emission| emission.value.refs(&mut see));
    for pin in inputs
        .iter()
        .filter(|pin| !used.contains(pin.name.as_str()))
    {
        reader.invalid(
            &top.place("inputs").push(&pin.name),
            "nothing uses this input",
        );
    }
}

/// Reads what the block says of itself. Its texts live as long as the program: they are leaked, once a preset.
fn info(
    top: &Table<'_>,
    inputs: &[InputPin],
    has_credential: bool,
    capabilities: Vec<Capability>,
    reader: &mut Reader,
) -> Option<BlockInfo> {
    let keep = |text: Text| -> &'static str { text.to_string().leak() };
    let id = top.need_text(reader, "id");
    let version = match top.need(reader, "version") {
        Some(_) => top.count(reader, "version", 1..=u64::from(u32::MAX)),
        None => None,
    };
    let summary = top.need_text(reader, "summary");
    let vendor = top.need_text(reader, "vendor");
    if vendor
        .as_ref()
        .is_some_and(|vendor| !vendor.starts_with("https://"))
    {
        let message = "expected the address of the page that the preset follows";
        reader.invalid(&top.place("vendor"), message);
    }
    let effects = [
        (Effect::Idempotent.as_str(), Effect::Idempotent),
        (Effect::AtMostOnce.as_str(), Effect::AtMostOnce),
    ];
    top.need(reader, "effect");
    let effect = top.word(reader, "effect", &effects);
    let (id, version, summary, vendor, effect) = (id?, version?, summary?, vendor?, effect?);
    let details = match top.text(reader, "details") {
        Some(details) => format!("{details}\n\nFollows <{vendor}>."),
        None => format!("Follows <{vendor}>."),
    };
    let categories: Vec<_> = Category::ALL
        .iter()
        .map(|one| (one.as_str(), *one))
        .collect();
    let category = top
        .word(reader, "category", &categories)
        .unwrap_or(Category::Web);
    let config: Vec<&'static str> = inputs
        .iter()
        .filter(|pin| pin.config)
        .map(|pin| keep(pin.name.clone()))
        .collect();
    let version = u32::try_from(version).ok()?;
    let mut info = BlockInfo::new(keep(id), version, keep(summary))
        .details(details.leak())
        .category(category)
        .effect(effect)
        .capabilities(capabilities.leak())
        .config(config.leak())
        .examples(examples(top, reader).leak());
    if let Some((value, at)) = top.get("autogpt") {
        let table = reader.table(value, &at, &["uuid", "name", "pins"])?;
        let uuid = table.need_text(reader, "uuid")?;
        let name = table.need_text(reader, "name")?;
        let mut pins: Vec<(&'static str, &'static str)> = Vec::new();
        if has_credential {
            pins.push(("credentials", CREDENTIAL));
        }
        if let Some((value, at)) = table.get("pins") {
            for (theirs, ours) in reader
                .map(value, &at)
                .into_iter()
                .flat_map(|map| map.iter())
            {
                match ours.as_str() {
                    Some(ours) => pins.push((keep(theirs.clone()), keep(Text::from(ours)))),
                    None => reader.wrong_type(&at.push(theirs), "a text", ours),
                }
            }
        }
        info = info
            .autogpt(keep(uuid), keep(name))
            .autogpt_pins(pins.leak());
    }
    Some(info)
}

fn examples(top: &Table<'_>, reader: &mut Reader) -> Vec<Example> {
    let Some((value, at)) = top.get("examples") else {
        return Vec::new();
    };
    let Some(list) = value.as_list() else {
        reader.wrong_type(&at, "a list", value);
        return Vec::new();
    };
    let mut examples = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let at = at.push_index(index);
        let Some(table) = reader.table(value, &at, &["name", "inputs", "outputs"]) else {
            continue;
        };
        let (Some(name), Some((inputs, _)), Some((outputs, _))) = (
            table.need_text(reader, "name"),
            table.need(reader, "inputs"),
            table.need(reader, "outputs"),
        ) else {
            continue;
        };
        let json = |value: &Value| -> &'static str { graphloom::json::to_json(value).leak() };
        let name: &'static str = name.to_string().leak();
        examples.push(Example::new(name, json(inputs), json(outputs)).varies());
    }
    examples
}
