//! Every code of a fault: its page, a document that raises it and nothing else, and a repair that holds.

use std::collections::BTreeSet;

use graphloom::{Code, Faults};

pub(crate) mod blocks;
pub(crate) mod fixtures;
mod kept;
mod pages;
mod runs;
mod ten;

use fixtures::{Fixture, mend};

#[test]
fn every_code_has_a_fixture() {
    let all: BTreeSet<Code> = Code::ALL.iter().copied().collect();
    let mut with: BTreeSet<Code> = Fixture::all().iter().map(|fixture| fixture.code).collect();
    // These want more than a document.
    with.extend(runs::BY_HAND);
    with.extend(kept::by_hand());
    assert_eq!(with, all);
}

#[test]
fn a_fixture_raises_its_code_and_nothing_else() {
    let mut wrong = Vec::new();
    for fixture in Fixture::all() {
        let (codes, printed) = fixture.raised();
        if codes != [fixture.code] {
            wrong.push(format!("{}: {codes:?}\n{printed}", fixture.code));
            continue;
        }
        fixture.check_printed(&printed);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_repair_of_a_fixture_removes_the_fault_and_adds_none() {
    for fixture in Fixture::all() {
        let faults = fixture.faults(&fixture.document);
        for fault in faults.iter().filter(|fault| !fault.fix.is_empty()) {
            let mended = mend(&fixture.document, fault);
            let left = fixture.faults(mended.as_bytes());
            assert!(left.is_empty(), "{fault}\n{mended}\n{}", Faults(left));
        }
    }
}

#[test]
fn every_fault_says_what_was_expected_and_what_was_found() {
    for fixture in Fixture::all() {
        for fault in fixture.faults(&fixture.document) {
            assert!(
                fault.expected.is_some() && fault.actual.is_some(),
                "{fault}"
            );
        }
    }
}
