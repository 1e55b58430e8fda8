//! `id.new`: a name that nothing else has.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Makes a UUID.
pub(super) struct New;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Any value: it says when to make an id, not what.
    #[serde(default, rename = "trigger")]
    _trigger: Value,
    /// Which version of UUID.
    #[serde(default)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Kind {
    /// Version 7: begins with the time, so that later ones sort behind.
    #[default]
    V7,
    /// Version 4: random all over, tells no time.
    V4,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The id.
    Id(String),
}

impl Block for New {
    const INFO: BlockInfo = BlockInfo::new("id.new", 1, "Makes a UUID, a name that nothing else has.")
        .details(
            "RFC 9562. A repeated attempt at a firing gives the same id, so that what is created under it is not \
             created twice. Ids of one run can be foretold from its seed: they are names, not secrets.",
        )
        .category(Category::Data)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Clock, Capability::Random])
        .examples(&[
            Example::new(
                "by time",
                "{}",
                r#"[["id", "019f2b66-1c00-7a3c-8d2f-0f1e2d3c4b5a"]]"#,
            )
            .varies(),
            Example::new(
                "random",
                r#"{"kind": "v4"}"#,
                r#"[["id", "5f0c6b1e-8a7d-4c3b-9e2f-1a2b3c4d5e6f"]]"#,
            )
            .varies(),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let mut bits = u128::from(cx.random()?) << 64 | u128::from(cx.random()?);
        let version = match input.kind {
            Kind::V4 => 4,
            Kind::V7 => {
                // The numbers repeat with the attempt, the clock does not: its time is kept.
                let time = cx.step("time", async { Ok(cx.now()?.as_millis()) }).await?;
                let millis = u128::from(time.max(0).unsigned_abs()) & 0xffff_ffff_ffff;
                bits = bits & (u128::MAX >> 48) | millis << 80;
                7
            }
        };
        out.emit(Output::Id(uuid(bits, version))).await?;
        Ok(())
    }
}

/// Writes the bits with version and variant in their places.
fn uuid(bits: u128, version: u128) -> String {
    let bits = bits & !(0xf << 76 | 0b11 << 62) | version << 76 | 0b10 << 62;
    let digits = format!("{bits:032x}");
    let mut out = String::with_capacity(36);
    for (n, digit) in digits.chars().enumerate() {
        if matches!(n, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 9562, appendix A.
    #[test]
    fn version_and_variant_are_in_their_places() {
        let v4 = 0x919108f7_52d1_3320_1bac_f847db4148a8_u128;
        assert_eq!(uuid(v4, 4), "919108f7-52d1-4320-9bac-f847db4148a8");
        let v7 = 0x017f22e2_79b0_0cc3_18c4_dc0c0c07398f_u128;
        assert_eq!(uuid(v7, 7), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        assert_eq!(uuid(u128::MAX, 4), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
