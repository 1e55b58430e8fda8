//! Plans for people.

use std::fmt::Write;

use graphloom::Value;
use graphloom::json::to_json;

/// Returns what would run, of a plan's overview.
pub(crate) fn plan_page(overview: &Value) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = page(&mut text, overview, "");
    text
}

fn page(text: &mut String, plan: &Value, indent: &str) -> std::fmt::Result {
    let list = |key: &str| {
        plan.get(key)
            .and_then(Value::as_list)
            .cloned()
            .unwrap_or_default()
    };
    let line = |of: &Value, key: &str| {
        of.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let name = line(plan, "name");
    if !name.is_empty() {
        writeln!(text, "{indent}{name}")?;
    }
    writeln!(text, "{indent}{}", line(plan, "semantic_hash"))?;
    let Some(nodes) = plan.get("nodes").and_then(Value::as_list) else {
        return writeln!(text, "{indent}(shown above)");
    };
    for input in list("inputs").iter() {
        let needed = match input.get("default") {
            Some(default) => format!(", default {}", to_json(default)),
            None if input.get("required").and_then(Value::as_bool) == Some(true) => {
                ", required".to_owned()
            }
            None => String::new(),
        };
        writeln!(
            text,
            "{indent}input   {}: {}{needed}",
            line(input, "name"),
            line(input, "type")
        )?;
    }
    for output in list("outputs").iter() {
        writeln!(
            text,
            "{indent}output  {}: {}",
            line(output, "name"),
            line(output, "type")
        )?;
    }
    let width = nodes
        .iter()
        .map(|node| line(node, "id").chars().count())
        .max()
        .unwrap_or(0);
    for node in nodes.iter() {
        let mut notes = vec![line(node, "effect")];
        notes.extend(
            node.get("capabilities")
                .and_then(Value::as_list)
                .into_iter()
                .flat_map(words),
        );
        let (id, block) = (line(node, "id"), line(node, "block"));
        writeln!(
            text,
            "{indent}node    {id:width$}  {block} ({})",
            notes.join(", ")
        )?;
    }
    writeln!(
        text,
        "{indent}{} nodes, {} links",
        nodes.len(),
        plan.get("links").map(to_json).unwrap_or_default()
    )?;
    let capabilities = words(&list("capabilities"));
    let reaches = if capabilities.is_empty() {
        "nothing".to_owned()
    } else {
        capabilities.join(", ")
    };
    writeln!(text, "{indent}reaches outside for: {reaches}")?;
    needs(text, plan, indent)?;
    for cycle in list("cycles").iter() {
        writeln!(
            text,
            "{indent}circle: {}",
            words(cycle.as_list().into_iter().flat_map(|l| l.iter())).join(", ")
        )?;
    }
    for (name, graph) in plan
        .get("graphs")
        .and_then(Value::as_map)
        .into_iter()
        .flat_map(|graphs| graphs.iter())
    {
        writeln!(text, "{indent}graph {name}:")?;
        page(text, graph, &format!("{indent}  "))?;
    }
    Ok(())
}

/// Writes what is known before a run of hosts, credentials, models and costs.
fn needs(text: &mut String, plan: &Value, indent: &str) -> std::fmt::Result {
    let list = |key: &str| {
        plan.get(key)
            .and_then(Value::as_list)
            .cloned()
            .unwrap_or_default()
    };
    let known = |key: &str, arrives: &str| {
        let known = words(&list(key));
        let shown = known
            .iter()
            .map(|one| if one == "*" { arrives } else { one.as_str() });
        shown.collect::<Vec<_>>().join(", ")
    };
    let hosts = known("hosts", "whatever host arrives over a link");
    if !hosts.is_empty() {
        writeln!(text, "{indent}hosts: {hosts}")?;
    }
    let models = known("models", "whatever model arrives over a link");
    if !models.is_empty() {
        writeln!(text, "{indent}models: {models}")?;
    }
    for need in list("credentials").iter() {
        let word = |key: &str| need.get(key).and_then(Value::as_str);
        let provider = word("provider").unwrap_or_default();
        let name = word("name")
            .map(|name| format!(" \"{name}\""))
            .unwrap_or_default();
        let optional = match need.get("optional").and_then(Value::as_bool) {
            Some(true) => " (works without)",
            _ => "",
        };
        writeln!(text, "{indent}credential{name} of {provider}{optional}")?;
    }
    for cost in list("costs").iter() {
        let amount = |key: &str| cost.get(key).map(to_json);
        let unit = cost.get("unit").and_then(Value::as_str).unwrap_or_default();
        let low = amount("low").unwrap_or_default();
        let to = amount("high").map_or_else(|| " or more".to_owned(), |high| format!(" to {high}"));
        writeln!(text, "{indent}cost of one firing each: {low}{to} {unit}")?;
    }
    Ok(())
}

fn words<'v>(list: impl IntoIterator<Item = &'v Value>) -> Vec<String> {
    list.into_iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
