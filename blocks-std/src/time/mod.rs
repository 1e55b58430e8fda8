//! Clocks and dates.

use crate::family::family;

mod moment;
mod strftime;
mod zone;

family! {
    countdown::Countdown,
    current_date::CurrentDate,
    current_date_time::CurrentDateTime,
    current_time::CurrentTime,
}

pub(crate) use moment::{Format, Parts, days_later};
pub use zone::{UnknownTimeZone, check_time_zone};
