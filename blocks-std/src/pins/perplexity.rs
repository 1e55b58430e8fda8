//! The pins of the blocks of the family `perplexity`.

use graphloom::Value;

graphloom::pins! {
    /// `perplexity.ask`: Has Perplexity answer a question from what it finds on the web.
    pub mod ask: Ask = "perplexity.ask" {
        in {
            /// The question.
            question: String,
            /// The model.
            model: Option<String>,
            /// How long the answer may be, in tokens.
            max_tokens: Option<i64>,
            /// The name of the credential to use; `perplexity` if none is named.
            credential: Value,
        }
        out {
            /// The answer.
            answer: String,
            /// The pages that it stands on.
            sources: Vec<String>,
        }
    }
}

pub use self::ask::Ask;
