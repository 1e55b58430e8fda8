//! Documents against the standard blocks: either a plan or faults, and every repair that a fault offers can be made.
#![no_main]

use graphloom::Grants;
use graphloom::graph::GraphLimits;
use graphloom::json::{self, Limits};
use graphloom::plan::diagnose;
use graphloom_fuzz::registry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let diagnosis = diagnose(bytes, registry(), &Grants::all(), &GraphLimits::default());
    assert_ne!(
        diagnosis.plan.is_some(),
        !diagnosis.faults.is_empty(),
        "a plan or faults: {:?}",
        diagnosis.faults
    );
    let fixes = diagnosis
        .faults
        .iter()
        .filter(|fault| !fault.fix.is_empty());
    for fault in fixes {
        // Patches are on the document as it is written; wire forms and doubled keys are another matter.
        let Some(mut document) = plain(bytes) else {
            return;
        };
        let made = json::apply(&mut document, &fault.fix);
        assert!(
            made.is_ok(),
            "the repair of {fault:?} cannot be made: {made:?}"
        );
    }
});

fn plain(bytes: &[u8]) -> Option<graphloom::Value> {
    let parsed = json::parse(bytes, &Limits::default());
    let tree = parsed.tree.filter(|_| parsed.faults.is_empty())?;
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.contains("$map") && !text.contains("$float") && !text.contains("$blob"))
        .then(|| tree.root.to_value())
}
