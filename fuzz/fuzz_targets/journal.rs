//! Lines of exports, rows of stores and heads of runs, from anywhere: each is read or refused, what is read is written back
//! as it was, and the fold takes or refuses it.
#![no_main]

use graphloom::journal::{read_line, read_row, write_line, write_row};
use graphloom::{Machine, RunHead};
use graphloom_fuzz::fixed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let fixed = &fixed()[0];
    let mut machine = Machine::new(&fixed.plan);
    let (mut line_again, mut body) = (String::new(), String::new());
    for line in text.lines() {
        if let Ok(head) = RunHead::from_json(line) {
            assert_eq!(RunHead::from_json(&head.to_json()).as_ref(), Ok(&head));
        }
        let Ok(mut record) = read_line(line) else {
            continue;
        };
        write_line(&record, &mut line_again);
        let again = read_line(&line_again).expect("what was written can be read");
        assert_eq!(format!("{again:?}"), format!("{record:?}"));
        let row = write_row(&record, &mut body);
        let kept = read_row(&row, &body).expect("what was written can be read");
        assert_eq!(format!("{kept:?}"), format!("{:?}", Some(&record)));
        // The same row with what stands in the line for a body.
        let _ = read_row(&row, line);
        record.seq = machine.next_seq();
        let before = machine.clone();
        if machine.apply(&record).is_err() {
            machine = before;
        }
    }
});
