//! Telling runs something.

use super::bench::{Bench, answer, events, unknown};
use super::sample::ODD;
use crate::Status;
use crate::host::{Append, Message, StoreError};
use crate::value::Text;

pub(super) async fn they_come_back_in_order(bench: Bench) {
    bench.create("r").await;
    bench.create("s").await;
    let mut sent = Vec::new();
    for (nth, odd) in ODD.iter().enumerate() {
        let message = Message::Answer {
            node: Text::from(*odd),
            signal: (nth % 2 == 0).then(|| Text::from(*odd)),
            value: crate::value!({"odd": (*odd), "nth": nth, "half": 0.5}),
        };
        for message in [message, Message::Cancel] {
            let number = bench.send("r", message.clone()).await.unwrap();
            sent.push((number, message));
            bench.send("s", Message::Cancel).await.unwrap();
        }
    }
    assert_eq!(bench.messages("r").await, sent);
    assert!(sent[0].0 >= 1, "from 1");
    assert!(sent.is_sorted_by(|(one, _), (other, _)| one < other));
    assert_eq!(bench.messages("s").await.len(), sent.len());
}

pub(super) async fn numbers_grow_even_when_all_were_heard(bench: Bench) {
    let lease = bench.begin("r").await;
    let mut last = 0;
    for seq in 0..5 {
        let number = bench.send("r", answer(seq)).await.unwrap();
        assert!(number > last, "{number} after {last}");
        last = number;
        let heard = Append::new(&lease, seq, events(seq, 1)).heard(vec![number]);
        bench.0.append(heard).await.unwrap();
        assert_eq!(bench.messages("r").await, []);
    }
}

pub(super) async fn a_run_must_go_on_to_be_told(bench: Bench) {
    assert_eq!(bench.send("r", Message::Cancel).await, unknown("r"));
    let messages = bench.0.messages(&Text::from("r")).await;
    assert_eq!(messages, unknown("r"));
    let lease = bench.begin("r").await;
    bench.end(&lease, 0, Status::Completed).await;
    let over = StoreError::Over {
        run: "r".to_owned(),
        status: Status::Completed,
    };
    assert_eq!(bench.send("r", Message::Cancel).await, Err(over));
}
