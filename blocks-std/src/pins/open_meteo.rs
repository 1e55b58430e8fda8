//! The pins of the blocks of the family `open_meteo`.

graphloom::pins! {
    /// `open_meteo.forecast`: Returns the weather at a place, now and for the coming days; no key is needed.
    pub mod forecast: Forecast = "open_meteo.forecast" {
        in {
            /// Degrees north.
            latitude: f64,
            /// Degrees east.
            longitude: f64,
            /// How many days, 1 to 16.
            days: Option<i64>,
            /// Whose days, as `Europe/Paris`.
            time_zone: Option<String>,
        }
        out {
            /// Degrees Celsius, now.
            temperature: f64,
            /// What is measured now.
            current: graphloom::value::Map,
            /// A list for each measure, a day an item.
            daily: graphloom::value::Map,
        }
    }
}

pub use self::forecast::Forecast;
