//! The pins of the blocks of the family `google_maps`.

use graphloom::Value;

graphloom::pins! {
    /// `google_maps.find_places`: Finds places with Google Maps.
    pub mod find_places: FindPlaces = "google_maps.find_places" {
        in {
            /// What and where: `honey in Lyon`.
            query: String,
            /// At most so many, 1 to 20.
            limit: Option<i64>,
            /// In which language, as `fr`.
            language: Option<String>,
            /// The name of the credential to use; `google_maps` if none is named.
            credential: Value,
        }
        out {
            /// The places: `id`, `name`, `address`, `rating`, `website`, `url`.
            places: Vec<graphloom::value::Map>,
            /// Each of them.
            place: graphloom::value::Map,
        }
    }
}

pub use self::find_places::FindPlaces;
