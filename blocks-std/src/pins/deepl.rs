//! The pins of the blocks of the family `deepl`.

use graphloom::Value;

graphloom::pins! {
    /// `deepl.translate`: Translates a text with DeepL.
    pub mod translate: Translate = "deepl.translate" {
        in {
            /// The text.
            text: String,
            /// Into which language, as `DE` or `EN-GB`.
            to: String,
            /// Out of which; found out, if it is not said.
            from: Option<String>,
            /// How formal it is to be.
            formality: Option<String>,
            /// Which plan the key belongs to.
            plan: Option<String>,
            /// The name of the credential to use; `deepl` if none is named.
            credential: Value,
        }
        out {
            /// The translation.
            text: String,
            /// The language that it was found to be in.
            language: String,
        }
    }
}

pub use self::translate::Translate;
