//! What holds, for people, and as a file that says the same.

use std::fmt::Write;

use super::{Config, settings};

impl Config {
    /// Returns every setting with what it is and where it came from: TOML, whose comments tell the sources. No secret is in
    /// it, since none is a setting.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for setting in settings() {
            let name = setting.name;
            let line = match self.show(name) {
                Some(value) => format!("{name} = {value}"),
                None => format!("# {name} ="),
            };
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{line:<48} # {}", self.source(name));
        }
        text
    }
}
