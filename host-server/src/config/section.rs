//! Sections: the settings of one part of the server, in a struct that is its own documentation, defaults and ranges.

use super::form::Given;

/// One setting, as it is documented.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Its name in a file: `rate.burst` is `burst` in the table `[rate]`.
    pub name: &'static str,
    /// What it says.
    pub summary: String,
    /// What it is written as.
    pub what: &'static str,
    /// What holds where nothing is said, as TOML has it; `None`: nothing does.
    pub default: Option<String>,
    /// From what to what it may be.
    pub range: Option<&'static str>,
    /// Its variable in the environment.
    pub variable: String,
    /// Its flag on the command line.
    pub flag: String,
    /// Whether it is said by yes or no.
    pub is_truth: bool,
}

/// Why a setting was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// It is of another type, or its text cannot be read.
    Value(String),
    /// It can be read, and is too small or too large.
    Range(String),
}

/// The settings of one part of the server. Made by `section!`.
pub trait Section: Default {
    /// Returns every setting, in the order in which it is documented.
    fn settings() -> Vec<Setting>;

    /// Sets one. `None`: it is none of this section.
    fn set(&mut self, name: &str, given: &Given) -> Option<Result<(), Refusal>>;

    /// Returns what one is, as TOML has it. `None`: it is none of this section, or nothing is said.
    fn show(&self, name: &str) -> Option<String>;
}

/// What the variables of settings begin with.
pub(super) const PREFIX: &str = "GRAPHLOOM_SERVER_";

/// Returns the variable of a setting.
pub(super) fn variable(name: &str) -> String {
    let name = name.replace('.', "_").to_ascii_uppercase();
    format!("{PREFIX}{name}")
}

/// Returns the flag of a setting, without its hyphens.
pub(super) fn flag(name: &str) -> String {
    name.replace(['.', '_'], "-")
}

/// Refuses what is outside of a range.
pub(super) fn within<T: Copy + PartialOrd + std::fmt::Display>(
    value: T,
    least: T,
    most: T,
) -> Result<T, Refusal> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(Refusal::Range(format!(
        "expected {least} to {most}, found {value}"
    )))
}

/// Makes the struct of a section: `name: Type = default, least..=most;`, where a range is only for numbers. The name of the
/// section is what its settings begin with, with its dot; an empty one is the top of the file.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $section:ident in $prefix:literal {
            $($(#[doc = $doc:literal])+ $name:ident: $ty:ty = $default:expr $(, $least:literal..=$most:literal)?;)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $section { $($(#[doc = $doc])+ pub $name: $ty,)+ }

        impl Default for $section {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl $crate::config::section::Section for $section {
            fn settings() -> Vec<$crate::config::section::Setting> {
                use $crate::config::form::Form;
                use $crate::config::section::{Setting, flag, variable};
                let plain = Self::default();
                vec![$({
                    let name = concat!($prefix, stringify!($name));
                    let what = <$ty as Form>::WHAT;
                    #[allow(unused_mut, unused_assignments, reason = "most settings have no range")]
                    let mut range = None;
                    $(range = Some(concat!(stringify!($least), " to ", stringify!($most)));)?
                    Setting {
                        name,
                        summary: [$($doc.trim(),)+].join(" "),
                        what,
                        default: plain.$name.show(),
                        range,
                        variable: variable(name),
                        flag: flag(name),
                        is_truth: what == <bool as Form>::WHAT,
                    }
                },)+]
            }

            fn set(
                &mut self,
                name: &str,
                given: &$crate::config::form::Given,
            ) -> Option<Result<(), $crate::config::section::Refusal>> {
                use $crate::config::form::Form;
                use $crate::config::section::Refusal;
                let name = name.strip_prefix($prefix)?;
                $(if name == stringify!($name) {
                    let Some(value) = <$ty as Form>::read(given) else {
                        return Some(Err(Refusal::Value(<$ty as Form>::misfit(given))));
                    };
                    $(let value = match $crate::config::section::within(value, $least, $most) {
                        Ok(value) => value,
                        Err(refusal) => return Some(Err(refusal)),
                    };)?
                    self.$name = value;
                    return Some(Ok(()));
                })+
                None
            }

            fn show(&self, name: &str) -> Option<String> {
                use $crate::config::form::Form;
                let name = name.strip_prefix($prefix)?;
                $(if name == stringify!($name) { return self.$name.show(); })+
                None
            }
        }
    };
}

pub(crate) use section;
