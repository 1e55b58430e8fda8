//! What led to what: the trail of a run and its state tell the same.

use graphloom::{SerialOptions, check_trail};

use super::blocks::Pace;
use super::generate::case;
use super::harness::{Draw, drawn_limits, paced, parallel, plan, runtimes, seeds, serial};

#[test]
fn the_trail_of_a_run_is_that_of_its_state_after_each_event() {
    let runtimes = runtimes();
    let mut compared = 0;
    for seed in seeds("trail", 24) {
        let case = case(seed);
        let plan = plan(&case.json);
        let mut draw = Draw(seed ^ 7);
        let mut check = |what: &str, records: &[graphloom::Record]| {
            let checked = check_trail(&plan, records);
            compared += checked.unwrap_or_else(|what_else| {
                panic!("seed {seed}, {what}: {what_else}\n{}", case.json)
            });
        };
        for order in 0..3 {
            let pace = Pace {
                seed: draw.next(),
                waits: 4,
            };
            let order = SerialOptions::seeded(seed ^ order);
            check("serial", &serial(&plan, paced(pace), order).records);
            let after = draw.below(200) as u64;
            let order = SerialOptions::seeded(seed).cancel_after(after);
            check("cancelled", &serial(&plan, paced(pace), order).records);
        }
        for (name, runtime) in &runtimes {
            let pace = Pace {
                seed: draw.next(),
                waits: *draw.of(&[0, 3, 9]),
            };
            let options = paced(pace).limits(drawn_limits(&mut draw)).record();
            check(name, &parallel(runtime, &plan, options).records);
        }
    }
    assert!(compared > 4_000, "{compared}");
}
