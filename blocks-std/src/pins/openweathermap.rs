//! The pins of the blocks of the family `openweathermap`.

use graphloom::Value;

graphloom::pins! {
    /// `openweathermap.current_weather`: Returns the weather that there is now at a place.
    pub mod current_weather: CurrentWeather = "openweathermap.current_weather" {
        in {
            /// A town, and perhaps its country: `Paris,FR`.
            location: String,
            /// Celsius, not Fahrenheit.
            use_celsius: Option<bool>,
            /// The name of the credential to use; `openweathermap` if none is named.
            credential: Value,
        }
        out {
            /// The temperature, in degrees Celsius or Fahrenheit.
            temperature: String,
            /// The humidity in percent.
            humidity: String,
            /// What the sky does.
            condition: String,
        }
    }
}

pub use self::current_weather::CurrentWeather;
