//! Writing what is no value as JSON in wire form, without making a value of it first.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::write::float_text;

/// Writes numbers as values have them.
struct Wire;

impl Formatter for Wire {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        float_text(value, |text| writer.write_fmt(text))
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(writer, f64::from(value))
    }
}

/// Returns anything as compact JSON, the text that [`to_json`](super::to_json) gives for the value of it: values that are in
/// it have their wire form. Only a float that is no number and stands in no value is `null` here.
///
/// # Errors
/// What its [`Serialize`] refuses, and keys of maps that are no texts.
pub fn encode<T: Serialize + ?Sized>(it: &T) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::with_capacity(256);
    it.serialize(&mut Serializer::with_formatter(&mut bytes, Wire))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::json::to_json;
    use crate::value::tests::any_value;
    use crate::value::{Text, Value, to_value};

    #[derive(Serialize)]
    struct Whole {
        value: Value,
        text: Text,
        float: f64,
        maybe: Option<Value>,
        named: BTreeMap<Text, Value>,
        pair: (u8, f32),
    }

    proptest! {
        #[test]
        fn it_is_what_the_value_of_it_gives(value in any_value(), text in ".*", float in -1e300..1e300) {
            let whole = Whole {
                text: Text::from(text.as_str()),
                float,
                maybe: (float > 0.0).then(|| value.clone()),
                named: [(Text::from(text.as_str()), value.clone())].into(),
                pair: (7, 0.1),
                value,
            };
            let expected = to_json(&to_value(&whole).expect("it is a value"));
            prop_assert_eq!(encode(&whole).expect("it is JSON"), expected);
            prop_assert_eq!(encode(&whole.value).expect("it is JSON"), to_json(&whole.value));
        }
    }
}
