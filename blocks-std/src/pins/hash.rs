//! The pins of the blocks of the family `hash`.

graphloom::pins! {
    /// `hash.digest`: Computes the digest of a text: equal texts have equal ones.
    pub mod digest: Digest = "hash.digest" {
        in {
            /// The text, or bytes in the form that `form` says.
            text: String,
            /// How the text stands for bytes.
            form: String,
            /// How to compute it.
            algorithm: String,
            /// How to write it.
            encoding: String,
        }
        out {
            /// The digest.
            digest: String,
        }
    }
}

pub use self::digest::Digest;
