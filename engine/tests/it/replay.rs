//! What a run recorded: well-formed, the fold of it is the state, and a replay of it is the same run.

use graphloom::SerialOptions;

use super::blocks::Pace;
use super::generate::case;
use super::harness::{
    Draw, check_equal, check_records, drawn_limits, fold, paced, parallel, plan, runtimes, seeds,
    serial, summary,
};

#[test]
fn the_fold_of_the_events_is_the_state_after_each() {
    for seed in seeds("fold", 40) {
        let case = case(seed);
        let plan = plan(&case.json);
        for order in 0..3 {
            let pace = Pace {
                seed: order,
                waits: 4,
            };
            let serial_options = SerialOptions::seeded(seed ^ order).check_fold();
            let outcome = serial(&plan, paced(pace), serial_options);
            assert_eq!(
                outcome.failure, None,
                "seed {seed}, order {order}\n{}",
                case.json
            );
            check_records(&outcome.records, outcome.status);
            fold(&plan, &outcome);
        }
    }
}

#[test]
fn a_replay_of_a_parallel_run_is_the_same_run() {
    let runtimes = runtimes();
    for seed in seeds("replay", 40) {
        let case = case(seed);
        let plan = plan(&case.json);
        let mut draw = Draw(seed ^ 2);
        for (name, runtime) in &runtimes {
            let pace = Pace {
                seed: draw.next(),
                waits: *draw.of(&[0, 3, 9]),
            };
            let options = paced(pace).limits(drawn_limits(&mut draw)).record();
            let outcome = parallel(runtime, &plan, options);
            let what = format!("seed {seed}, {name}");
            check_records(&outcome.records, outcome.status);
            fold(&plan, &outcome);
            let pace = Pace {
                seed: draw.next(),
                waits: 3,
            };
            let order = SerialOptions::replay(outcome.records.clone()).check_fold();
            let again = serial(&plan, paced(pace), order);
            assert_eq!(summary(&outcome), summary(&again), "{what}\n{}", case.json);
            check_equal(&what, &case.json, &outcome.records, &again.records);
        }
    }
}
