//! The pins of the blocks of the family `flow`.

use graphloom::Gather;
use graphloom::Value;

graphloom::pins! {
    /// `flow.batch`: Collects what arrives into lists of a size; the last one may be shorter.
    pub mod batch: Batch = "flow.batch" {
        in {
            /// The items, one at a time.
            items: Gather<Value>,
            /// How many items make a list, from 1 to 100,000.
            size: i64,
        }
        out {
            /// The next list; the last one may be shorter.
            batch: Vec<Value>,
        }
    }

    /// `flow.each`: Emits the items of a list or map one after the other, each with its key.
    pub mod each: Each = "flow.each" {
        in {
            /// The list or map to go through.
            items: Value,
        }
        out {
            /// The next item.
            item: Value,
            /// Its place in the list, from 0, or its key in the map.
            key: Value,
        }
    }

    /// `flow.gate`: Lets a value pass if a condition is true, and sends it another way if not.
    pub mod gate: Gate = "flow.gate" {
        in {
            /// The value.
            value: Value,
            /// Whether it may pass. Over an ordinary link each value needs one of its own; over a sticky link the last one
            /// holds for all that follow.
            open: bool,
        }
        out {
            /// The value, if it may pass.
            passed: Value,
            /// The value, if it may not.
            stopped: Value,
        }
    }

    /// `flow.if`: Compares two values and sends one on its way: yes or no.
    pub mod r#if: If = "flow.if" {
        in {
            /// The value to compare.
            value: Value,
            /// How to compare.
            operator: String,
            /// What to compare it with.
            other: Value,
            /// What to emit when the comparison holds, instead of the value; null counts.
            yes_value: Value,
            /// What to emit when it does not, instead of the value; null counts.
            no_value: Value,
        }
        out {
            /// Whether the comparison holds.
            result: bool,
            /// The value, or what stands for it, when it does.
            yes: Value,
            /// The value, or what stands for it, when it does not.
            no: Value,
        }
    }

    /// `flow.map`: Runs a sub-graph for each item of a list, several at a time, and keeps their order.
    pub mod map: Map = "flow.map" {
        in {
            /// The name of the sub-graph to run for each item.
            graph: String,
            /// The items.
            items: Vec<Value>,
            /// Which input of the sub-graph gets the item; not needed if it has only one.
            item_input: Option<String>,
            /// Which output of the sub-graph is the result; without it the only one is, or a map of all.
            output: Option<String>,
            /// Values for other inputs of the sub-graph, the same for each item.
            with: graphloom::value::Map,
            /// How many items may be at work at a time, from 1 to 256.
            parallel: i64,
            /// What becomes of an item whose sub-graph fails: it fails the whole, or is left out of the results.
            on_item_error: String,
        }
        out {
            /// The result of the next item, as soon as those before it are done.
            result: Value,
            /// An item that failed and was left out: its `index`, the `item`, and the `error` as a text.
            failed: graphloom::value::Map,
            /// The results of all items, in the order of the items.
            results: Vec<Value>,
        }
    }

    /// `flow.merge`: Passes on values from several links, each as it arrives.
    pub mod merge: Merge = "flow.merge" {
        in {
            /// The values; any number of links may lead here, and each value that one brings is passed on by itself.
            value: Value,
        }
        out {
            /// The next value.
            value: Value,
        }
    }

    /// `flow.retry_until`: Runs a sub-graph again and again until it says that it is done.
    pub mod retry_until: RetryUntil = "flow.retry_until" {
        in {
            /// The name of the sub-graph to run.
            graph: String,
            /// Its inputs. An output of the sub-graph that is called as one of these replaces it in the next attempt.
            inputs: graphloom::value::Map,
            /// The output of the sub-graph that says whether it is done: `true`, or anything else.
            until: String,
            /// How often the sub-graph may be run, from 1 to 10,000.
            max_attempts: i64,
            /// How long to wait between two attempts, in milliseconds, at most a day.
            wait_ms: i64,
        }
        out {
            /// The last value of each output of the sub-graph in the attempt that was the last.
            outputs: graphloom::value::Map,
            /// How many attempts it took.
            attempts: i64,
        }
    }

    /// `flow.review`: Waits until a person approves or rejects a value, and sends it one way or the other.
    pub mod review: Review = "flow.review" {
        in {
            /// The value to look at.
            data: Value,
            /// What the review is called; an answer names it.
            name: String,
            /// Whether the person may change the value.
            editable: bool,
        }
        out {
            /// The value, as the person left it, if it was approved.
            approved_data: Value,
            /// The value, as the person left it, if it was rejected.
            rejected_data: Value,
            /// What the person said to it, if anything.
            review_message: String,
        }
    }

    /// `flow.switch`: Sends a value one of several ways, by which case it equals.
    pub mod switch: Switch = "flow.switch" {
        in {
            /// What is compared with the cases.
            on: Value,
            /// The value, or list of values, that leads to each output, by the name of the output.
            cases: graphloom::value::Map,
            /// What is sent on its way; without it, what was compared.
            value: Value,
        }
        out {
            /// The value, if no case matches.
            other: Value,
        }
    }

    /// `flow.zip`: Brings the values of several streams together: the first of each, the second of each, and so on.
    pub mod zip: Zip = "flow.zip" {
        in {
            /// One value of each: link to `values.NAME` for a map, or to `values[0]`, `values[1]`, … for a list.
            values: Value,
        }
        out {
            /// The values that came first, then those that came second, and so on.
            values: Value,
        }
    }
}

pub use self::batch::Batch;
pub use self::each::Each;
pub use self::gate::Gate;
pub use self::r#if::If;
pub use self::map::Map;
pub use self::merge::Merge;
pub use self::retry_until::RetryUntil;
pub use self::review::Review;
pub use self::switch::Switch;
pub use self::zip::Zip;
