//! Any sequence of calls is answered as the model answers it.

use std::sync::Arc;

use proptest::test_runner::{Config, TestCaseError, TestRunner};

use crate::host::Store;

use super::{Answer, Call, Model, Step, World, runner, steps};

const LONGEST: usize = 60;

pub(super) fn run(open: &impl AsyncFn() -> Arc<dyn Store>, sequences: u32) {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    // The environment asks for a multiple by giving another number than proptest's own 256.
    let cases = u64::from(sequences) * u64::from(config.cases) / 256;
    let config = Config {
        cases: u32::try_from(cases.max(1)).unwrap_or(u32::MAX),
        ..config
    };
    let outcome = TestRunner::new(config).run(&steps(LONGEST), |steps| {
        let store = async { sequence(open().await.as_ref(), &steps).await };
        runner::runtime()
            .block_on(store)
            .map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

async fn sequence(store: &dyn Store, steps: &[Step]) -> Result<(), String> {
    let (mut world, mut model) = (World::default(), Model::default());
    for step in steps {
        let Some(call) = world.call(step, &model) else {
            continue;
        };
        let answer = check(store, &mut model, &call).await?;
        world.note(&answer);
        for look in world.looks(&call) {
            check(store, &mut model, &look)
                .await
                .map_err(|why| format!("after {call:?}: {why}"))?;
        }
    }
    for look in world.last_looks() {
        check(store, &mut model, &look).await?;
    }
    Ok(())
}

/// Calls a store, and returns its answer.
///
/// # Errors
/// What it answered and what the model did, where they differ.
pub async fn check(store: &dyn Store, model: &mut Model, call: &Call) -> Result<Answer, String> {
    let answer = call.on(store).await;
    let expected = model.answer(call, &answer);
    if answer == expected {
        return Ok(answer);
    }
    Err(format!(
        "{call:?} was answered\n  {answer:?}\nin place of\n  {expected:?}"
    ))
}
