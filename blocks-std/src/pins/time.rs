//! The pins of the blocks of the family `time`.

use graphloom::Value;

graphloom::pins! {
    /// `time.countdown`: Emits a value after some time, once or again and again.
    pub mod countdown: Countdown = "time.countdown" {
        in {
            /// What to emit.
            input_message: Value,
            /// Seconds to wait; may be negative, as long as the sum is what is meant.
            seconds: Value,
            /// Minutes to wait, added to the seconds.
            minutes: Value,
            /// Hours to wait, added to the minutes.
            hours: Value,
            /// Days of 24 hours to wait, added to the hours.
            days: Value,
            /// How many times to wait and emit.
            repeat: i64,
        }
        out {
            /// The value.
            output_message: Value,
        }
    }

    /// `time.current_date`: Tells the date, or one some days before or after.
    pub mod current_date: CurrentDate = "time.current_date" {
        in {
            /// Any text: it says when to tell the time, not what.
            trigger: String,
            /// How many days to add; a negative number gives an earlier date.
            offset_days: i64,
            /// How to write it.
            format_type: Value,
        }
        out {
            /// The date.
            date: String,
        }
    }

    /// `time.current_date_time`: Tells the date and the time of day.
    pub mod current_date_time: CurrentDateTime = "time.current_date_time" {
        in {
            /// Any text: it says when to tell the time, not what.
            trigger: String,
            /// How to write it.
            format_type: Value,
        }
        out {
            /// The date and the time of day.
            date_time: String,
        }
    }

    /// `time.current_time`: Tells the time of day.
    pub mod current_time: CurrentTime = "time.current_time" {
        in {
            /// Any text: it says when to tell the time, not what.
            trigger: String,
            /// How to write it.
            format_type: Value,
        }
        out {
            /// The time of day.
            time: String,
        }
    }
}

pub use self::countdown::Countdown;
pub use self::current_date::CurrentDate;
pub use self::current_date_time::CurrentDateTime;
pub use self::current_time::CurrentTime;
