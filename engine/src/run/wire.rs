//! How parts of a run's state are written down whose plain form would lose something: maps with keys that are no texts, and
//! a value that is null beside no value at all.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::value::Value;

/// A map as a list of pairs.
pub(super) mod pairs {
    use std::hash::Hash;

    use super::*;
    use crate::dense::IxMap;

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &IxMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map.iter())
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<IxMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Eq + Hash,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

/// A list with gaps: how long it is, and what stands where.
pub(super) mod sparse {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        list: &[Option<Value>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let there = list.iter().enumerate();
        let there: Vec<(usize, &Value)> = there
            .filter_map(|(at, value)| Some((at, value.as_ref()?)))
            .collect();
        (list.len(), there).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Option<Value>>, D::Error> {
        let (len, there) = <(u32, Vec<(usize, Value)>)>::deserialize(deserializer)?;
        let mut list = vec![None; len as usize];
        for (at, value) in there {
            if let Some(place) = list.get_mut(at) {
                *place = Some(value);
            }
        }
        Ok(list)
    }
}

/// A value or none, as a list of one or none.
pub(super) mod maybe {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        value: &Option<Value>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Value>, D::Error> {
        Ok(Vec::<Value>::deserialize(deserializer)?.pop())
    }
}

/// How a firing ended, or has not.
pub(super) mod how {
    use serde::de::Error;

    use super::*;
    use crate::event::{How, read_how, write_how};

    pub(crate) fn serialize<S: Serializer>(
        how: &Option<How>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        how.as_ref().map(write_how).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<How>, D::Error> {
        let how = Option::<Value>::deserialize(deserializer)?;
        how.map(|how| read_how(&how).map_err(D::Error::custom))
            .transpose()
    }
}

/// Failures, with all that events keep of them.
pub(super) mod failures {
    use std::sync::Arc;

    use serde::de::Error;

    use super::*;
    use crate::event::{Failure, read_failure, write_failure};

    pub(crate) fn serialize<S: Serializer>(
        failures: &[Failure],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(failures.iter().map(write_failure))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Failure>, D::Error> {
        let failures = Vec::<Value>::deserialize(deserializer)?;
        let read = |failure: &Value| read_failure(failure).map_err(D::Error::custom);
        failures.iter().map(read).map(|f| f.map(take)).collect()
    }

    fn take(failure: Arc<Failure>) -> Failure {
        Arc::unwrap_or_clone(failure)
    }

    /// One that fails a graph, or none.
    pub(crate) mod one {
        use super::*;

        pub(crate) fn serialize<S: Serializer>(
            failure: &Option<Arc<Failure>>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(failure.iter().map(|failure| write_failure(failure)))
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Arc<Failure>>, D::Error> {
            Ok(super::deserialize(deserializer)?.pop().map(Arc::new))
        }
    }
}
