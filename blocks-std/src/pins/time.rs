//! The pins of the blocks of the family `time`.

use graphloom::Value;

graphloom::pins! {
    /// `time.add`: Tells the moment some time after another, or before it.
    pub mod add: Add = "time.add" {
        in {
            /// The moment, as ISO 8601 has it.
            moment: String,
            /// The time zone whose days and months are meant, by its IANA name: `Europe/Paris`. Without it the moment's own.
            time_zone: Option<String>,
            /// Years to add; as all amounts, negative ones are subtracted.
            years: i64,
            /// Months to add. In a month that is too short it is the last day.
            months: i64,
            /// Weeks to add.
            weeks: i64,
            /// Days to add: the same time of day, however long the day was.
            days: i64,
            /// Hours of 60 minutes to add, whatever the clocks show.
            hours: i64,
            /// Minutes to add.
            minutes: i64,
            /// Seconds to add.
            seconds: i64,
            /// Milliseconds to add.
            milliseconds: i64,
        }
        out {
            /// The moment after that time, in the same zone.
            moment: String,
        }
    }

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

    /// `time.difference`: Tells how much time lies between two moments.
    pub mod difference: Difference = "time.difference" {
        in {
            /// The moment from which to count, as ISO 8601 has it.
            from: String,
            /// The moment up to which to count; where it is the earlier, all numbers are negative.
            to: String,
            /// The time zone whose days and months are meant, by its IANA name: `Europe/Paris`. Without it that of `from`.
            time_zone: Option<String>,
            /// The largest unit of the parts.
            largest: String,
        }
        out {
            /// The time that passes, in seconds, with their fraction.
            seconds: f64,
            /// The same by the calendar, unit by unit, under the names of the inputs of `time.add`: `{"days": 1, "hours": 2}`;
            /// units of which there are none are left out. Less than a millisecond is dropped.
            parts: graphloom::value::Map,
            /// The parts as ISO 8601 writes them: `P1DT2H`.
            duration: String,
        }
    }

    /// `time.format`: Writes a moment as a text.
    pub mod format: Format = "time.format" {
        in {
            /// The moment, as ISO 8601 has it.
            moment: String,
            /// How to write it: `iso8601` (as RFC 3339 has it), `rfc2822` (mails), or a pattern: `%d.%m.%Y %H:%M`.
            format: String,
            /// The time zone to write it in, by its IANA name: `Europe/Paris`. Without it the moment's own.
            time_zone: Option<String>,
        }
        out {
            /// The text.
            text: String,
        }
    }

    /// `time.now`: Tells the present moment.
    pub mod now: Now = "time.now" {
        in {
            /// Any value: it says when to tell the time, not what.
            trigger: Value,
            /// The time zone to tell it in, by its IANA name: `Europe/Paris`. Without it that of whoever the run is for.
            time_zone: Option<String>,
        }
        out {
            /// The moment, as ISO 8601 has it, with its zone in brackets: what `time.add` and its like take.
            moment: String,
            /// Milliseconds since 1970-01-01T00:00:00Z.
            unix_ms: i64,
            /// The name of the time zone.
            time_zone: String,
        }
    }

    /// `time.parse`: Reads a date and time out of a text.
    pub mod parse: Parse = "time.parse" {
        in {
            /// The text: `2026-03-08T09:05:07+01:00`. Nothing else may be in it.
            text: String,
            /// How it is written: `iso8601` (RFC 3339 and RFC 9557 too), `rfc2822` (mails), or a pattern: `%d.%m.%Y %H:%M`.
            format: String,
            /// The time zone to work in, by its IANA name: `Europe/Paris`. What has no zone is meant in it, the rest is taken
            /// over into it. Without it the text's own holds, and UTC where it has none.
            time_zone: Option<String>,
            /// What a local time means that the clocks skipped or showed twice.
            ambiguous: String,
        }
        out {
            /// The moment, as ISO 8601 has it; with its zone in brackets, where it has one by name.
            moment: String,
            /// Milliseconds since 1970-01-01T00:00:00Z.
            unix_ms: i64,
        }
    }
}

pub use self::add::Add;
pub use self::countdown::Countdown;
pub use self::current_date::CurrentDate;
pub use self::current_date_time::CurrentDateTime;
pub use self::current_time::CurrentTime;
pub use self::difference::Difference;
pub use self::format::Format;
pub use self::now::Now;
pub use self::parse::Parse;
