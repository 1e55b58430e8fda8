//! The pins of the blocks of the family `openai`.

use graphloom::Value;

graphloom::pins! {
    /// `openai.create_embedding`: Returns the numbers that stand for a text's meaning.
    pub mod create_embedding: CreateEmbedding = "openai.create_embedding" {
        in {
            /// The text.
            text: String,
            /// The model.
            model: Option<String>,
            /// How many numbers.
            dimensions: Option<i64>,
            /// The name of the credential to use; `openai` if none is named.
            credential: Value,
        }
        out {
            /// The numbers.
            embedding: Vec<f64>,
        }
    }
}

pub use self::create_embedding::CreateEmbedding;
