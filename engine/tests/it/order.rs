//! The same graph on every driver at every speed: equal where the design promises it.

use std::collections::BTreeMap;

use graphloom::{RunOutcome, SerialOptions, Status};

use super::blocks::Pace;
use super::generate::{Case, Class, case};
use super::harness::{Draw, drawn_limits, paced, parallel, plan, runtimes, seeds, serial};

/// What of an outcome is promised, as text.
pub(crate) fn promised(case: &Case, outcome: &RunOutcome) -> String {
    let mut said = format!("{:?} {:?}", outcome.status, outcome.failure);
    if case.counts {
        said += &format!(
            " errors {} firings {}",
            outcome.node_errors, outcome.firings
        );
    }
    if case.counts && case.leftovers {
        said += &format!(" stalled {:?}", outcome.stalled);
    }
    for (name, class) in &case.outputs {
        let mut values: Vec<String> = outcome
            .output(name)
            .iter()
            .map(ToString::to_string)
            .collect();
        match class {
            Class::Exact => {}
            Class::Set => values.sort(),
            // Which values were paired is a race: only how many there are can be compared.
            Class::Count => values = vec![values.len().to_string()],
            Class::Nothing => values.clear(),
        }
        said += &format!("\n  {name} {class:?} {values:?}");
    }
    said
}

#[test]
fn every_driver_at_every_speed_gives_what_is_promised() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let runtimes = runtimes();
    for seed in seeds("order", 60) {
        let case = case(seed);
        let plan = plan(&case.json);
        let mut draw = Draw(seed ^ 1);
        let mut expected: Option<String> = None;
        // Told where a run hangs or panics.
        println!("seed {seed}");
        let mut compare = |what: &str, outcome: &RunOutcome| {
            assert_eq!(
                outcome.status,
                Status::Completed,
                "seed {seed}, {what}: {:?}\n{}",
                outcome.failure,
                case.json
            );
            let got = promised(&case, outcome);
            let expected = expected.get_or_insert_with(|| got.clone());
            assert!(
                *expected == got,
                "seed {seed}, {what}\n{}\nexpected {expected:.3000}\ngot {got:.3000}",
                case.json
            );
        };
        *seen
            .entry(if case.is_exact() { "exact" } else { "racy" })
            .or_default() += 1;
        for order in 0..4 {
            let outcome = serial(
                &plan,
                paced(Pace {
                    seed: order,
                    waits: 4,
                }),
                SerialOptions::seeded(draw.next()),
            );
            compare(&format!("serial {order}"), &outcome);
        }
        for (name, runtime) in &runtimes {
            for waits in [0, 3, 9] {
                let pace = Pace {
                    seed: draw.next(),
                    waits,
                };
                let options = paced(pace).limits(drawn_limits(&mut draw));
                let outcome = parallel(runtime, &plan, options);
                compare(&format!("{name}, {pace:?}"), &outcome);
            }
        }
    }
    println!("{seen:?}");
}
