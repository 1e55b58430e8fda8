//! What is wrong with settings.

use std::fmt;

use super::section::Refusal;
use super::source::Source;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The stable names of what can be wrong with settings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ConfigCode { $($(#[doc = $doc])+ $variant,)+ }

        impl ConfigCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

codes! {
    /// `CONFIG_FILE`: a file cannot be had, or is no TOML.
    File = "CONFIG_FILE",
    /// `CONFIG_UNKNOWN`: there is no such setting.
    Unknown = "CONFIG_UNKNOWN",
    /// `CONFIG_VALUE`: the value cannot be read as what the setting is.
    Value = "CONFIG_VALUE",
    /// `CONFIG_RANGE`: the value is too small or too large.
    Range = "CONFIG_RANGE",
    /// `CONFIG_CONFLICT`: settings do not go together, or one that another takes is missing.
    Conflict = "CONFIG_CONFLICT",
    /// `CONFIG_SECRET`: a secret or a key is missing, weak, or open to others.
    Secret = "CONFIG_SECRET",
    /// `CONFIG_EXPOSED`: the server would listen for others without knowing who asks.
    Exposed = "CONFIG_EXPOSED",
}

/// One thing that is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigFault {
    /// What kind of fault it is.
    pub code: ConfigCode,
    /// The setting; empty where it is none.
    pub name: String,
    /// Where it was said.
    pub source: Source,
    /// What is wrong, and what would do.
    pub message: String,
}

impl ConfigFault {
    pub(crate) fn new(
        code: ConfigCode,
        name: &str,
        source: Source,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            name: name.to_owned(),
            source,
            message: message.into(),
        }
    }

    pub(super) fn unknown(name: &str, source: &Source, near: &[String]) -> Self {
        let message = match near {
            [] => "there is no such setting".to_owned(),
            near => format!(
                "there is no such setting; did you mean {}?",
                near.join(", ")
            ),
        };
        Self::new(ConfigCode::Unknown, name, source.clone(), message)
    }

    pub(super) fn refused(name: &str, source: &Source, refusal: Refusal) -> Self {
        let (code, message) = match refusal {
            Refusal::Value(message) => (ConfigCode::Value, message),
            Refusal::Range(message) => (ConfigCode::Range, message),
        };
        Self::new(code, name, source.clone(), message)
    }
}

impl fmt::Display for ConfigFault {
    /// Writes `CODE: where: setting: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.code.as_str())?;
        if self.source != Source::Default {
            write!(f, "{}: ", self.source)?;
        }
        if !self.name.is_empty() {
            write!(f, "{}: ", self.name)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigFault {}
