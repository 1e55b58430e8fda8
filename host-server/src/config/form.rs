//! How settings are written: in a file they have TOML's types, in the environment and on the command line they are text.

use std::net::SocketAddr;
use std::path::PathBuf;

use graphloom::json::to_json;
use graphloom::{Text, Value};

use graphloom::host::HostPattern;

use crate::address::Cidr;
use crate::cors::Origin;
use crate::log::{LogFilter, LogFormat};

/// What a source gives for a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Given {
    /// Text of a variable or a flag, which stands for a value of any type.
    Written(String),
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Truth(bool),
    /// A list of texts.
    Texts(Vec<String>),
    /// Something else; the name of its type.
    Other(&'static str),
}

impl Given {
    fn found(&self) -> String {
        match self {
            Self::Written(text) | Self::Text(text) => format!("{:?}", cut(text)),
            Self::Number(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Texts(_) => "a list".to_owned(),
            Self::Other(what) => format!("a value of the type {what}"),
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}

/// A type that a setting can have.
pub trait Form: Sized {
    /// What is expected, for people: "a whole number".
    const WHAT: &'static str;

    /// Reads a value; `None`: it is none of this type.
    fn read(given: &Given) -> Option<Self>;

    /// Returns the value as TOML has it; `None`: there is no value.
    fn show(&self) -> Option<String>;

    /// Says what is wrong with a value that [`Form::read`] does not take.
    fn misfit(given: &Given) -> String {
        format!("expected {}, found {}", Self::WHAT, given.found())
    }
}

/// Returns a text as TOML has it: as JSON has it, but for one character.
pub(crate) fn quoted(text: &str) -> String {
    to_json(&Value::from(text)).replace('\u{7f}', "\\u007f")
}

impl Form for bool {
    const WHAT: &'static str = "true or false";

    fn read(given: &Given) -> Option<Self> {
        match given {
            Given::Truth(truth) => Some(*truth),
            Given::Written(text) => text.parse().ok(),
            _ => None,
        }
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

macro_rules! numbers {
    ($($ty:ty),+) => { $(
        impl Form for $ty {
            const WHAT: &'static str = "a whole number";

            fn read(given: &Given) -> Option<Self> {
                match given {
                    Given::Number(number) => Self::try_from(*number).ok(),
                    Given::Written(text) => text.parse().ok(),
                    _ => None,
                }
            }

            fn show(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+ };
}

numbers!(u32, u64, usize);

/// Types that are one text each.
macro_rules! texts {
    ($($ty:ty, $what:literal, $read:expr, $show:expr;)+) => { $(
        impl Form for $ty {
            const WHAT: &'static str = $what;

            fn read(given: &Given) -> Option<Self> {
                match given {
                    Given::Text(text) | Given::Written(text) => {
                        let read: fn(&str) -> Option<Self> = $read;
                        read(text)
                    }
                    _ => None,
                }
            }

            fn show(&self) -> Option<String> {
                let show: fn(&Self) -> String = $show;
                Some(quoted(&show(self)))
            }
        }

        impl Item for $ty {}
    )+ };
}

/// What lists are of: types that are one text each.
pub trait Item: Form {}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

texts! {
    Text, "a text that is not empty", |text| filled(text).map(Self::from), ToString::to_string;
    PathBuf, "a path", |text| filled(text).map(Self::from), |path| path.display().to_string();
    SocketAddr, "an address and a port, as 127.0.0.1:7331 or [::1]:7331", |text| text.parse().ok(), ToString::to_string;
    Origin, "an origin, as https://app.example.com", |text| text.parse().ok(), ToString::to_string;
    HostPattern, "a host, as api.example.com, *.example.com or 127.0.0.1:8080", |text| HostPattern::parse(text).ok(), ToString::to_string;
    LogFormat, "text or json", |text| text.parse().ok(), ToString::to_string;
    LogFilter, "a level, as info, or levels by part, as warn,graphloom_server=debug", |text| text.parse().ok(), ToString::to_string;
    Cidr, "an address or a network, as 192.0.2.7 or 10.0.0.0/8", |text| text.parse().ok(), ToString::to_string;
}

impl<T: Form> Form for Option<T> {
    const WHAT: &'static str = T::WHAT;

    fn read(given: &Given) -> Option<Self> {
        T::read(given).map(Some)
    }

    fn show(&self) -> Option<String> {
        self.as_ref().and_then(T::show)
    }
}

impl<T: Item> Form for Vec<T> {
    const WHAT: &'static str = "a list";

    fn read(given: &Given) -> Option<Self> {
        let item = |text: &str| T::read(&Given::Text(text.trim().to_owned()));
        match given {
            Given::Texts(texts) => texts.iter().map(|text| item(text)).collect(),
            // No item has a comma in it.
            Given::Written(text) if text.trim().is_empty() => Some(Self::new()),
            Given::Written(text) => text.split(',').map(item).collect(),
            _ => None,
        }
    }

    fn show(&self) -> Option<String> {
        let items: Vec<String> = self.iter().filter_map(Form::show).collect();
        Some(format!("[{}]", items.join(", ")))
    }

    fn misfit(given: &Given) -> String {
        let wrong = |texts: &mut dyn Iterator<Item = &str>| {
            let mut given = texts.map(|text| Given::Text(text.trim().to_owned()));
            given.find(|given| T::read(given).is_none())
        };
        let item = match given {
            Given::Texts(texts) => wrong(&mut texts.iter().map(String::as_str)),
            Given::Written(text) => wrong(&mut text.split(',')),
            _ => None,
        };
        match item {
            Some(item) => T::misfit(&item),
            None => format!(
                "expected a list, each item {}, found {}",
                T::WHAT,
                given.found()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written<T: Form>(text: &str) -> Option<T> {
        T::read(&Given::Written(text.to_owned()))
    }

    #[test]
    fn text_stands_for_any_type() {
        assert_eq!(written("true"), Some(true));
        assert_eq!(written::<bool>("yes"), None);
        assert_eq!(written("10"), Some(10_u64));
        for bad in ["-1", "1.0", "", " 1", "1_000", "18446744073709551616"] {
            assert_eq!(written::<u64>(bad), None, "{bad}");
        }
        assert_eq!(
            written("[::1]:80"),
            Some("[::1]:80".parse::<SocketAddr>().expect("an address"))
        );
        assert_eq!(
            written("a, b"),
            Some(vec![Text::from("a"), Text::from("b")])
        );
        assert_eq!(written(""), Some(Vec::<Text>::new()));
        assert_eq!(written::<Vec<Text>>("a,,b"), None);
        assert_eq!(written::<Option<Text>>(" "), None);
    }

    #[test]
    fn a_file_has_types() {
        assert_eq!(u64::read(&Given::Text("1".into())), None);
        assert_eq!(Text::read(&Given::Number(1)), None);
        assert_eq!(u32::read(&Given::Number(-1)), None);
        assert_eq!(bool::read(&Given::Text("true".into())), None);
    }

    #[test]
    fn the_item_that_is_wrong_is_named() {
        let given = Given::Texts(vec!["10.0.0.0/8".into(), "x".into()]);
        let message = <Vec<Cidr> as Form>::misfit(&given);
        assert!(message.ends_with("found \"x\""), "{message}");
        let message = <Vec<Cidr> as Form>::misfit(&Given::Number(3));
        assert!(message.ends_with("found 3"), "{message}");
    }

    #[test]
    fn what_is_shown_is_read_again() {
        let text = Text::from("a\"b\\c\n\u{7f}");
        assert_eq!(text.show(), Some(r#""a\"b\\c\n\u007f""#.to_owned()));
    }
}
