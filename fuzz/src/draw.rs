//! Values drawn from bytes, the odd ones often.

use std::sync::Arc;

use graphloom::Value;
use graphloom::value::{BlobRef, Map, Sealed};

use crate::Bytes;

const KEYS: [&str; 10] = [
    "a",
    "value",
    "$map",
    "$float",
    "$blob",
    "$sealed",
    "bytes",
    "media_type",
    "$serde_json::private::Number",
    "",
];

const NUMBERS: [f64; 10] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    1e308,
    5e-324,
    9_007_199_254_740_993.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

/// Draws a value that is nested at most so deep.
pub fn value(bytes: &mut Bytes<'_>, depth: u32) -> Value {
    match bytes.below(if depth == 0 { 9 } else { 12 }) {
        0 => Value::Null,
        1 => Value::from(bytes.byte() % 2 == 0),
        2 => Value::from(i64::from(bytes.byte()) - 128),
        3 => Value::from(bytes.word()),
        4 => Value::from(bytes.word() as i64),
        5 => Value::from(f64::from_bits(bytes.word())),
        6 => Value::from(NUMBERS[bytes.below(NUMBERS.len())]),
        7 => Value::from(bytes.text()),
        8 if bytes.byte() % 2 == 0 => Value::Blob(Arc::new(blob(bytes))),
        8 => Value::Sealed(Arc::new(Sealed::new(bytes.text(), bytes.text()))),
        9 => {
            let n = bytes.below(5);
            (0..n).map(|_| value(bytes, depth - 1)).collect()
        }
        _ => {
            let n = bytes.below(5);
            let entry = |bytes: &mut Bytes<'_>| (key(bytes), value(bytes, depth - 1));
            Value::from((0..n).map(|_| entry(bytes)).collect::<Map>())
        }
    }
}

fn key(bytes: &mut Bytes<'_>) -> String {
    match bytes.below(KEYS.len() + 2) {
        known if known < KEYS.len() => KEYS[known].to_owned(),
        _ => bytes.text(),
    }
}

fn blob(bytes: &mut Bytes<'_>) -> BlobRef {
    let mut blob = BlobRef::new(bytes.text(), bytes.word());
    if bytes.byte() % 2 == 0 {
        blob.media_type = Some(bytes.text().into());
    }
    blob
}
