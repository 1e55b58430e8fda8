//! `autogpt.sample_data`: some rows of many.

use std::collections::HashMap;

use graphloom::block::types::number_from_text;
use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Capability, Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::twister::Twister;
use crate::python::repr;

/// Takes some rows of many.
pub(super) struct SampleData;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The rows; a map is one row.
    data: Data,
    /// How many rows to take.
    #[serde(default = "ten")]
    sample_size: i64,
    /// How to choose them.
    #[serde(default)]
    sampling_method: Method,
    /// Waits for more rows instead of failing when there are too few. There are never more, so that nothing is emitted.
    #[serde(default)]
    accumulate: bool,
    /// Makes the choice the same each time; the numbers are Python's.
    random_seed: Option<i64>,
    /// The key that tells the groups of a stratified sample apart.
    stratify_key: Option<String>,
    /// The key of the weight in a weighted sample.
    weight_key: Option<String>,
    /// The key that tells the groups of a cluster sample apart.
    cluster_key: Option<String>,
}

fn ten() -> i64 {
    10
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum Data {
    One(Map),
    Many(Vec<Row>),
}

#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(super) enum Row {
    Map(Map),
    List(List),
}

#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Method {
    #[default]
    Random,
    Systematic,
    Top,
    Bottom,
    Stratified,
    Weighted,
    Reservoir,
    Cluster,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The rows taken.
    SampledData(Vec<Row>),
    /// Their places among all rows, from 0.
    SampleIndices(Vec<usize>),
}

impl Block for SampleData {
    const INFO: BlockInfo = BlockInfo::new("autogpt.sample_data", 1, "Takes some rows of many.")
        .details(
            "`random` and `reservoir` take any, `systematic` every nth, `top` the first, `bottom` the last, `stratified` \
             some of each group, `cluster` whole groups, `weighted` any by weight, the same row more than once.",
        )
        .category(Category::Data)
        .capabilities(&[Capability::Random])
        .autogpt("4a448883-71fa-49cf-91cf-70d793bd7d87", "DataSamplingBlock")
        .examples(&[
            Example::new(
                "last",
                r#"{"data": [{"a": 1}, {"a": 2}, {"a": 3}], "sample_size": 2, "sampling_method": "bottom"}"#,
                r#"[["sampled_data", [{"a": 2}, {"a": 3}]], ["sample_indices", [1, 2]]]"#,
            ),
            Example::new(
                "too few",
                r#"{"data": [{"a": 1}], "sample_size": 2}"#,
                r#"[["error", "cannot be larger"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let rows = match &input.data {
            Data::One(row) => vec![Row::Map(row.clone())],
            Data::Many(rows) => rows.clone(),
        };
        let n = rows.len();
        if usize::try_from(input.sample_size).is_ok_and(|size| size > n) {
            if input.accumulate {
                return Ok(());
            }
            return Err(BlockError::input(format!(
                "Sample size ({}) cannot be larger than the dataset size ({n}).",
                input.sample_size
            )));
        }
        let seed = match input.random_seed {
            Some(seed) => seed.unsigned_abs(),
            None => cx.random()?,
        };
        let indices = chosen(&rows, &input, &mut Twister::new(seed))?;
        let taken = indices.iter().filter_map(|index| rows.get(*index).cloned());
        out.emit(Output::SampledData(taken.collect())).await?;
        out.emit(Output::SampleIndices(indices)).await?;
        Ok(())
    }
}

fn chosen(rows: &[Row], input: &Input, random: &mut Twister) -> Result<Vec<usize>, BlockError> {
    let n = rows.len();
    let Ok(size) = usize::try_from(input.sample_size) else {
        return match input.sampling_method {
            Method::Top | Method::Bottom => Ok(Vec::new()),
            _ => Err(BlockError::input("the sample size is negative")),
        };
    };
    let all: Vec<usize> = (0..n).collect();
    Ok(match input.sampling_method {
        Method::Random => random.sample(&all, size),
        Method::Systematic => {
            let Some(step) = n.checked_div(size) else {
                return Err(BlockError::input("the sample size is 0: no row is the nth"));
            };
            let start = random.below(step);
            all.into_iter()
                .skip(start)
                .step_by(step)
                .take(size)
                .collect()
        }
        Method::Top => all.into_iter().take(size).collect(),
        Method::Bottom => all.into_iter().skip(n - size).collect(),
        Method::Stratified => stratified(rows, input, size, random)?,
        Method::Weighted => {
            let weights = weights(rows, input)?;
            if size == 0 {
                return Ok(Vec::new());
            }
            random
                .choices(&weights, size)
                .ok_or_else(|| BlockError::input("all weights together must be more than 0"))?
        }
        Method::Reservoir => {
            let mut kept: Vec<usize> = all.iter().copied().take(size).collect();
            for index in size..n {
                let at = random.below(index + 1);
                if let Some(place) = kept.get_mut(at) {
                    *place = index;
                }
            }
            kept
        }
        Method::Cluster => {
            let mut groups = groups(
                rows,
                needed(input.cluster_key.as_deref(), "Cluster", "cluster")?,
                None,
            )?;
            let mut taken = Vec::new();
            while taken.len() < size && !groups.is_empty() {
                taken.extend(groups.remove(random.below(groups.len())));
            }
            if taken.len() > size {
                random.sample(&taken, size)
            } else {
                taken
            }
        }
    })
}

fn needed<'k>(key: Option<&'k str>, name: &str, method: &str) -> Result<&'k str, BlockError> {
    key.filter(|key| !key.is_empty()).ok_or_else(|| {
        BlockError::input(format!(
            "{name} key must be provided for {method} sampling."
        ))
    })
}

fn value<'r>(row: &'r Row, key: &str) -> &'r Value {
    const NULL: &Value = &Value::Null;
    match row {
        Row::Map(map) => map.get(key).unwrap_or(NULL),
        Row::List(_) => NULL,
    }
}

/// Returns the places of the rows that are alike; with a name, a row without a value is an error.
fn groups(rows: &[Row], key: &str, name: Option<&str>) -> Result<Vec<Vec<usize>>, BlockError> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, row) in rows.iter().enumerate() {
        let value = value(row, key);
        if let (Value::Null, Some(name)) = (value, name) {
            return Err(BlockError::input(format!(
                "{name} value for key '{key}' is None"
            )));
        }
        // Equal numbers are one group, whatever their type.
        let same = match (value, value.as_f64()) {
            (Value::Bool(truth), _) => repr(&Value::Float(f64::from(u8::from(*truth)))),
            (_, Some(number)) => repr(&Value::Float(number)),
            (other, None) => repr(other),
        };
        let place = *places.entry(same).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    Ok(groups)
}

fn stratified(
    rows: &[Row],
    input: &Input,
    size: usize,
    random: &mut Twister,
) -> Result<Vec<usize>, BlockError> {
    let key = needed(input.stratify_key.as_deref(), "Stratify", "stratified")?;
    let groups = groups(rows, key, Some("Stratify"))?;
    let share = |group: &Vec<usize>| {
        let share = group.len() as f64 / rows.len() as f64 * size as f64;
        (share as usize).max(1)
    };
    let mut sizes: Vec<usize> = groups.iter().map(share).collect();
    // What is missing goes to the largest group, what is too much is taken where most is taken.
    let sum: usize = sizes.iter().sum();
    let first_largest = |of: &dyn Fn(usize) -> usize, n: usize| {
        (0..n).fold(0, |best, at| if of(at) > of(best) { at } else { best })
    };
    let n = groups.len();
    if sum < size {
        let at = first_largest(&|at| groups.get(at).map_or(0, Vec::len), n);
        if let Some(place) = sizes.get_mut(at) {
            *place += size - sum;
        }
    }
    for _ in size..sum {
        let at = first_largest(&|at| sizes.get(at).copied().unwrap_or(0), n);
        if let Some(place) = sizes.get_mut(at) {
            *place = place.saturating_sub(1);
        }
    }
    let mut taken = Vec::with_capacity(size);
    for (group, size) in groups.iter().zip(sizes) {
        if size > group.len() {
            return Err(BlockError::input(
                "Sample larger than population or is negative",
            ));
        }
        taken.extend(random.sample(group, size));
    }
    Ok(taken)
}

fn weights(rows: &[Row], input: &Input) -> Result<Vec<f64>, BlockError> {
    let key = needed(input.weight_key.as_deref(), "Weight", "weighted")?;
    rows.iter()
        .map(|row| {
            match value(row, key) {
                Value::Text(text) => number_from_text(text),
                Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
                other => other.as_f64(),
            }
            .ok_or_else(|| {
                BlockError::input(format!("Weight value for key '{key}' is not a number"))
            })
        })
        .collect()
}
