//! The pins of the blocks of the family `wolfram`.

use graphloom::Value;

graphloom::pins! {
    /// `wolfram.ask`: Has Wolfram|Alpha compute an answer.
    pub mod ask: Ask = "wolfram.ask" {
        in {
            /// The question.
            question: String,
            /// The name of the credential to use; `wolfram` if none is named.
            credential: Value,
        }
        out {
            /// The answer, with how it was understood.
            answer: String,
        }
    }
}

pub use self::ask::Ask;
