//! `expr.eval`: the value of an expression over named values.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::template::{Expression, Names};

/// Evaluates an expression over named values.
pub(super) struct Eval;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The expression: `order.total > 100 and country in ["CH", "LI"]`.
    expression: String,
    /// What it may refer to, by name; a link to `values.name` sets one of them.
    #[serde(default)]
    values: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What it gives: a value of any type.
    Result(Value),
}

impl Block for Eval {
    const INFO: BlockInfo = BlockInfo::new(
        "expr.eval",
        1,
        "Evaluates an expression over named values.",
    )
    .details(
        "Expressions are those of templates: `+ - * / // % **`, `== != < <= > >=`, `and or not`, `in`, `is`, `~` joins \
         texts, `a.b` and `a[0]` look inside, `a if test else b`, lists, dictionaries, filters (`xs|sum`, \
         `xs|map(attribute=\"name\")|list`, `x|default(0)`), methods of texts (`name.upper()`) and `range`. A name or \
         a key that is not there is an error, but for `is defined` and `default`. Numbers: `7 / 2` is 3.5, `7 // 2` is \
         3. Steps, depth and size are limited.",
    )
    .category(Category::Data)
    .examples(&[
        Example::new(
            "a condition",
            r#"{"expression": "value.a > 3 and name in list", "values": {"value": {"a": 4}, "name": "x", "list": ["x"]}}"#,
            r#"[["result", true]]"#,
        ),
        Example::new(
            "a dictionary",
            r#"{"expression": "{'sum': xs|sum, 'first': xs[0], 'none': missing|default(none)}", "values": {"xs": [1, 2.5]}}"#,
            r#"[["result", {"sum": 3.5, "first": 1, "none": null}]]"#,
        ),
        Example::new(
            "a name that is not there",
            r#"{"expression": "total > limit", "values": {"total": 1, "limits": 2}}"#,
            r#"[["error", "line 1, column 9: 'limit' is undefined: did you mean 'limits'?"]]"#,
        ),
        Example::new(
            "types that do not fit",
            r#"{"expression": "1 + 'a'"}"#,
            r#"[["error", "line 1, column 3: unsupported operand"]]"#,
        ),
        Example::new(
            "faulty",
            r#"{"expression": "1 + * 2"}"#,
            r#"[["error", "line 1, column 5: expected an expression"]]"#,
        ),
        Example::new(
            "without end",
            r#"{"expression": "range(9999)|map('string')|map('list')|map('length')|sum * range(10000)|sum ~ ('x' * 10001)"}"#,
            r#"[["error", "too large"]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let result = eval(&input)
            .map_err(|error| BlockError::input(format!("the expression has no value: {error}")))?;
        out.emit(Output::Result(result)).await?;
        Ok(())
    }
}

fn eval(input: &Input) -> Result<Value, String> {
    let expression = Expression::parse(&input.expression)?;
    Names::new(&input.values)?.eval(&expression, &[])
}
