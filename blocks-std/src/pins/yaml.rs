//! The pins of the blocks of the family `yaml`.

use graphloom::Value;

graphloom::pins! {
    /// `yaml.parse`: Reads a YAML text.
    pub mod parse: Parse = "yaml.parse" {
        in {
            /// The YAML text, one document.
            text: String,
        }
        out {
            /// What it says.
            value: Value,
        }
    }

    /// `yaml.write`: Writes a value as YAML.
    pub mod write: Write = "yaml.write" {
        in {
            /// The value to write.
            value: Value,
        }
        out {
            /// The YAML text, with a line end at its end.
            text: String,
        }
    }
}

pub use self::parse::Parse;
pub use self::write::Write;
