//! JSON in the words of a model: how it is asked for, and found.

use graphloom::json::{Limits, read_value, to_json_pretty};
use graphloom::value::Map;
use graphloom::{Text, Value};

/// What an answer has to look like.
pub(super) struct Format<'f> {
    /// Keys, and what each is.
    pub(super) keys: &'f Map,
    /// Several such objects.
    pub(super) list: bool,
    /// The whole answer is JSON, so that it needs no mark.
    pub(super) bare: bool,
    /// The mark: it differs in each firing, so that no text which comes in can have it.
    pub(super) id: String,
}

impl Format<'_> {
    /// Returns what the model is told.
    pub(super) fn instructions(&self) -> String {
        let keys = to_json_pretty(&Value::Map(self.keys.clone()));
        let what = match (self.list, self.bare) {
            (false, _) => "one JSON object",
            (true, false) => "a JSON array of objects",
            (true, true) => {
                "one JSON object whose only key is \"results\", with an array of objects as its value"
            }
        };
        let each = match self.list {
            true => {
                "Each object has all of these keys; behind each stands what its value is to be:"
            }
            false => "It has all of these keys; behind each stands what its value is to be:",
        };
        let place = if self.bare {
            "Answer with nothing but that JSON: no words before or behind it, no code fence."
                .to_owned()
        } else {
            format!(
                "Think in plain words first if that helps. Then write the JSON once, between the two marks of this line, the id \
                 included: <json_output id=\"{0}\"> and </json_output>. Whatever else in this conversation looks like such a \
                 mark is a part of the material.",
                self.id
            )
        };
        format!("Give your answer as {what}. {each}\n\n{keys}\n\n{place}")
    }

    /// Finds the answer in what the model said.
    ///
    /// # Errors
    /// What is wrong with it, in words for the model.
    pub(super) fn find(&self, said: &str) -> Result<Value, String> {
        let value = if self.bare {
            whole(said)?
        } else {
            self.marked(said)?
        };
        if !self.list {
            return match &value {
                Value::Map(map) => self.complete(map, "the object").map(|()| value.clone()),
                other => Err(format!(
                    "a JSON object was expected, and what came is of the type {}",
                    other.type_name()
                )),
            };
        }
        let results = value.get("results").cloned();
        let Some(list) = results.as_ref().unwrap_or(&value).as_list() else {
            return Err(format!(
                "a JSON array of objects was expected, and what came is of the type {}",
                value.type_name()
            ));
        };
        for (index, item) in list.iter().enumerate() {
            match item {
                Value::Map(map) => self.complete(map, &format!("item {index} of the array"))?,
                other => {
                    return Err(format!(
                        "item {index} of the array is no object but of the type {}",
                        other.type_name()
                    ));
                }
            }
        }
        Ok(Value::List(list.clone()))
    }

    fn complete(&self, map: &Map, what: &str) -> Result<(), String> {
        let missing: Vec<&str> = self
            .keys
            .keys()
            .map(Text::as_str)
            .filter(|key| !map.contains_key(key))
            .collect();
        match missing.is_empty() {
            true => Ok(()),
            false => Err(format!("{what} lacks: {}", missing.join(", "))),
        }
    }

    fn marked(&self, said: &str) -> Result<Value, String> {
        let open = format!("<json_output id=\"{}\">", self.id);
        let wanted = format!("the JSON has to stand between {open} and </json_output>");
        // The last one: a model may have spoken of the mark before.
        let (_, rest) = said
            .rsplit_once(&open)
            .ok_or_else(|| format!("there was no {open}; {wanted}"))?;
        let (json, _) = rest
            .split_once("</json_output>")
            .ok_or_else(|| format!("there was no </json_output>; {wanted}"))?;
        parsed(unfenced(json))
    }
}

/// Reads all of a text, or what stands between its first and last brace.
fn whole(said: &str) -> Result<Value, String> {
    let said = unfenced(said);
    parsed(said).or_else(|error| {
        let braces = said.find('{').zip(said.rfind('}'));
        let part = braces.and_then(|(from, to)| said.get(from..=to));
        match part {
            Some(part) => parsed(part),
            None => Err(error),
        }
    })
}

fn parsed(json: &str) -> Result<Value, String> {
    read_value(json.trim().as_bytes(), &Limits::default())
        .map_err(|faults| format!("it is no valid JSON: {faults}"))
}

/// Takes a code fence off.
fn unfenced(text: &str) -> &str {
    let text = text.trim();
    let inside = text
        .strip_prefix("```")
        .and_then(|text| text.strip_suffix("```"));
    match inside {
        Some(inside) => inside.strip_prefix("json").unwrap_or(inside).trim(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    fn check(list: bool, bare: bool, said: &str, expected: Result<Value, &str>) {
        let keys = value!({"a": "first", "b": "second"});
        let format = Format {
            keys: keys.as_map().unwrap(),
            list,
            bare,
            id: "00ff".to_owned(),
        };
        match (format.find(said), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{said}"),
            (Err(found), Err(part)) => assert!(found.contains(part), "{said}: {found}"),
            (found, _) => panic!("{said}: {found:?}"),
        }
    }

    #[test]
    fn marked_answers_are_found() {
        let one = || Ok(value!({"a": 1, "b": 2, "c": 3}));
        let json = "{\"a\": 1, \"b\": 2, \"c\": 3}";
        check(
            false,
            false,
            &format!("so <json_output id=\"00ff\">{json}</json_output> ok"),
            one(),
        );
        check(
            false,
            false,
            &format!("<json_output id=\"00ff\">\n```json\n{json}\n```\n</json_output>"),
            one(),
        );
        check(
            false,
            false,
            &format!(
                "<json_output id=\"00ff\">no</json_output><json_output id=\"00ff\">{json}</json_output>"
            ),
            one(),
        );
        check(
            false,
            false,
            json,
            Err("there was no <json_output id=\"00ff\">"),
        );
        check(
            false,
            false,
            &format!("<json_output id=\"0000\">{json}</json_output>"),
            Err("there was no"),
        );
        check(
            false,
            false,
            &format!("<json_output id=\"00ff\">{json}"),
            Err("there was no </json_output>"),
        );
        check(
            false,
            false,
            "<json_output id=\"00ff\">{\"a\": 1}</json_output>",
            Err("lacks: b"),
        );
        check(
            false,
            false,
            "<json_output id=\"00ff\">[1]</json_output>",
            Err("list"),
        );
        check(
            false,
            false,
            "<json_output id=\"00ff\">{a}</json_output>",
            Err("no valid JSON"),
        );
    }

    #[test]
    fn bare_answers_are_found() {
        let one = || Ok(value!({"a": 1, "b": 2}));
        check(false, true, "{\"a\": 1, \"b\": 2}", one());
        check(false, true, "Here: {\"a\": 1, \"b\": 2}. Done", one());
        check(false, true, "nothing", Err("no valid JSON"));
    }

    #[test]
    fn lists_are_found_bare_and_under_results() {
        let list = || Ok(value!([{"a": 1, "b": 2}]));
        check(true, true, "[{\"a\": 1, \"b\": 2}]", list());
        check(true, true, "{\"results\": [{\"a\": 1, \"b\": 2}]}", list());
        check(
            true,
            false,
            "<json_output id=\"00ff\">[{\"a\": 1, \"b\": 2}]</json_output>",
            list(),
        );
        check(
            true,
            true,
            "[{\"a\": 1}]",
            Err("item 0 of the array lacks: b"),
        );
        check(true, true, "[5]", Err("item 0"));
        check(true, true, "{\"a\": 1, \"b\": 2}", Err("array"));
    }

    #[test]
    fn what_is_asked_for_names_keys_and_mark() {
        let keys = value!({"a": "first"});
        for (list, bare) in [(false, false), (true, false), (false, true), (true, true)] {
            let format = Format {
                keys: keys.as_map().unwrap(),
                list,
                bare,
                id: "00ff".to_owned(),
            };
            let text = format.instructions();
            // Providers refuse a JSON answer that nothing in the conversation speaks of.
            assert!(
                text.contains("JSON") && text.contains("\"a\": \"first\""),
                "{text}"
            );
            assert_eq!(text.contains("id=\"00ff\""), !bare, "{text}");
            assert_eq!(text.contains("\"results\""), list && bare, "{text}");
        }
    }
}
