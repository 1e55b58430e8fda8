//! The pins of the blocks of the family `elevenlabs`.

use graphloom::Value;
use graphloom::value::BlobRef;

graphloom::pins! {
    /// `elevenlabs.speak`: Speaks a text and returns the sound.
    pub mod speak: Speak = "elevenlabs.speak" {
        in {
            /// What to say.
            text: String,
            /// The id of the voice.
            voice: String,
            /// The model.
            model: Option<String>,
            /// The form of the sound.
            format: Option<String>,
            /// The name of the credential to use; `elevenlabs` if none is named.
            credential: Value,
        }
        out {
            /// The sound.
            sound: BlobRef,
        }
    }
}

pub use self::speak::Speak;
