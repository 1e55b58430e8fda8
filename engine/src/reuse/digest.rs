//! What a firing was given, as hashes.

use crate::value::{BlobRef, CanonicalHasher, ContentHash, Text, Value};

/// The hashes of a firing's inputs, and the one of block and inputs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    /// What a result is kept under: block, version, and each input that has a value, with its name.
    pub(crate) key: ContentHash,
    /// Sorted by name.
    pub(crate) inputs: Vec<(Text, ContentHash)>,
}

impl Digest {
    /// Returns the digest of these inputs: literals, taken values and overrides as the block sees them. `None`: one of them
    /// holds a secret. A name for a secret would outlive it, and two ciphertexts of one secret are unlike.
    ///
    /// The hashes are of the values as code sees them: a block may write a map's keys in their order.
    pub(crate) fn of<'a>(
        block: &str,
        version: u32,
        inputs: impl Iterator<Item = (&'a Text, &'a Value)>,
    ) -> Option<Self> {
        let each = |(name, value): (&Text, &Value)| {
            let hash = || {
                let mut hasher = CanonicalHasher::new("input");
                hasher.write_exactly(value);
                hasher.finish()
            };
            (!holds_secret(value)).then(|| (name.clone(), hash()))
        };
        let mut inputs: Vec<(Text, ContentHash)> = inputs.map(each).collect::<Option<_>>()?;
        inputs.sort_unstable();
        let mut key = CanonicalHasher::new("result")
            .text(block)
            .u64(u64::from(version))
            .u64(inputs.len() as u64);
        for (name, hash) in &inputs {
            key.write_text(name);
            key.write_text(&hash.to_string());
        }
        Some(Self {
            key: key.finish(),
            inputs,
        })
    }

    /// Names the inputs that are not the same in `then`, one that only one of them has too.
    pub(crate) fn changed_since(&self, then: &[(Text, ContentHash)]) -> Vec<Text> {
        let only = |of: &[(Text, ContentHash)], other: &[(Text, ContentHash)]| -> Vec<Text> {
            let unlike = of.iter().filter(|input| !other.contains(input));
            unlike.map(|(name, _)| name.clone()).collect()
        };
        let mut changed = only(&self.inputs, then);
        changed.extend(only(then, &self.inputs));
        changed.sort_unstable();
        changed.dedup();
        changed
    }
}

/// Says whether a value holds a sealed secret, anywhere inside.
pub(crate) fn holds_secret(value: &Value) -> bool {
    match value {
        Value::Sealed(_) => true,
        Value::List(list) => list.iter().any(holds_secret),
        Value::Map(map) => map.values().any(holds_secret),
        _ => false,
    }
}

/// Adds the blobs that a value names.
pub(super) fn blobs_of<'v>(value: &'v Value, blobs: &mut Vec<&'v BlobRef>) {
    match value {
        Value::Blob(blob) => blobs.push(blob),
        Value::List(list) => list.iter().for_each(|item| blobs_of(item, blobs)),
        Value::Map(map) => map.values().for_each(|item| blobs_of(item, blobs)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::value;
    use crate::value::Sealed;

    fn digest(version: u32, inputs: &[(&str, Value)]) -> Option<Digest> {
        let inputs: Vec<(Text, Value)> = inputs
            .iter()
            .map(|(name, value)| (Text::from(*name), value.clone()))
            .collect();
        let inputs = inputs.iter().map(|(name, value)| (name, value));
        Digest::of("t.a", version, inputs)
    }

    #[test]
    fn the_key_is_of_block_version_and_inputs() {
        let one = digest(1, &[("a", value!(1)), ("b", value!({"x": 1, "y": [2]}))]).unwrap();
        // The order of the inputs says nothing; that of keys can be told by a block.
        let other = digest(1, &[("b", value!({"x": 1, "y": [2]})), ("a", value!(1))]).unwrap();
        assert_eq!(one, other);
        let keys = [
            one.key,
            digest(2, &[("a", value!(1)), ("b", value!({"x": 1, "y": [2]}))])
                .unwrap()
                .key,
            digest(1, &[("a", value!(1.0)), ("b", value!({"x": 1, "y": [2]}))])
                .unwrap()
                .key,
            digest(1, &[("a", value!(1)), ("b", value!({"y": [2], "x": 1}))])
                .unwrap()
                .key,
            digest(1, &[("a", value!(0.0))]).unwrap().key,
            digest(1, &[("a", value!(-0.0))]).unwrap().key,
            digest(1, &[("a", value!("-0.0"))]).unwrap().key,
            digest(1, &[("a", value!(1))]).unwrap().key,
            digest(1, &[("a", value!(1)), ("b", Value::Null)])
                .unwrap()
                .key,
            digest(1, &[("b", value!(1))]).unwrap().key,
        ];
        let unlike: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(unlike.len(), keys.len());
    }

    #[test]
    fn changed_inputs_are_named() {
        let then = digest(1, &[("a", value!(1)), ("b", value!(2)), ("c", value!(3))]).unwrap();
        let now = digest(1, &[("a", value!(1)), ("b", value!(0)), ("d", value!(3))]).unwrap();
        assert_eq!(now.changed_since(&then.inputs), ["b", "c", "d"]);
        assert!(now.changed_since(&now.inputs).is_empty());
    }

    #[test]
    fn a_secret_has_no_digest_however_deep_it_lies() {
        let sealed = Value::Sealed(Arc::new(Sealed::new("k", "c")));
        let deep = value!({"list": [1, {"key": (sealed)}]});
        assert!(holds_secret(&deep));
        assert_eq!(digest(1, &[("a", value!(1)), ("b", deep)]), None);
    }
}
