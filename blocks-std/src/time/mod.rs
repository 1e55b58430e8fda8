//! Clocks and dates.

use crate::family::family;

mod instant;
mod moment;
mod strftime;
mod zone;

family! {
    add::Add,
    countdown::Countdown,
    current_date::CurrentDate,
    current_date_time::CurrentDateTime,
    current_time::CurrentTime,
    difference::Difference,
    format_moment::FormatMoment,
    now::Now,
    parse::Parse,
}

pub(crate) use moment::{Format, Parts, days_later};
pub use zone::{UnknownTimeZone, check_time_zone};
