//! The pins of the blocks of the family `text`.

use graphloom::Value;

graphloom::pins! {
    /// `text.combine`: Joins texts to one.
    pub mod combine: Combine = "text.combine" {
        in {
            /// The texts, in order.
            input: Vec<String>,
            /// What stands between two of them.
            delimiter: String,
        }
        out {
            /// The texts with the delimiter between them.
            output: String,
        }
    }

    /// `text.count_words`: Counts the words and characters of a text.
    pub mod count_words: CountWords = "text.count_words" {
        in {
            /// The text to count.
            text: String,
        }
        out {
            /// How many words there are: what stands between white space.
            word_count: i64,
            /// How many characters (Unicode code points) there are, white space included.
            character_count: i64,
        }
    }

    /// `text.decode_base64`: Reads a text out of base64.
    pub mod decode_base64: DecodeBase64 = "text.decode_base64" {
        in {
            /// The base64, with the usual signs or those for addresses, filled up with `=` or not, in one line or many.
            text: String,
        }
        out {
            /// The text that it stands for.
            decoded_text: String,
        }
    }

    /// `text.decode_url`: Puts the characters that are meant in place of percent escapes, once.
    pub mod decode_url: DecodeUrl = "text.decode_url" {
        in {
            /// The text with escapes such as `%20`.
            text: String,
            /// It is from a form or a query: `+` is a blank.
            form: bool,
        }
        out {
            /// The text without escapes.
            decoded_text: String,
        }
    }

    /// `text.encode_base64`: Writes a text as base64.
    pub mod encode_base64: EncodeBase64 = "text.encode_base64" {
        in {
            /// The text to write; its bytes are those of UTF-8.
            text: String,
            /// Which signs to use.
            alphabet: String,
        }
        out {
            /// The text as base64, in one line.
            encoded_text: String,
        }
    }

    /// `text.encode_url`: Writes a text with percent escapes, so that it can stand in an address.
    pub mod encode_url: EncodeUrl = "text.encode_url" {
        in {
            /// The text to write.
            text: String,
            /// Where it is to stand.
            place: String,
        }
        out {
            /// The text with escapes such as `%20`.
            encoded_text: String,
        }
    }

    /// `text.escape`: Writes a text as plain ASCII with escapes.
    pub mod escape: Escape = "text.escape" {
        in {
            /// The text to write.
            text: String,
        }
        out {
            /// The text with `\\n`, `\\t`, `\\r`, `\\\\` and numeric escapes.
            encoded_text: String,
        }
    }

    /// `text.extract`: Extracts what a pattern finds in a text: the first match or all.
    pub mod extract: Extract = "text.extract" {
        in {
            /// The text to search.
            text: String,
            /// The regular expression, as Python writes it.
            pattern: String,
            /// Which group of the pattern to extract; 0 is the whole match.
            group: i64,
            /// Takes upper and lower case for different.
            case_sensitive: bool,
            /// Lets a dot stand for a line break too.
            dot_all: bool,
            /// Extracts all matches, not only the first.
            find_all: bool,
        }
        out {
            /// What was found, once for each match.
            positive: String,
            /// The text, if nothing was found.
            negative: String,
            /// All that was found.
            matched_results: Vec<String>,
            /// How many were found.
            matched_count: i64,
        }
    }

    /// `text.fill_template`: Fills a Jinja template with values.
    pub mod fill_template: FillTemplate = "text.fill_template" {
        in {
            /// What the template may refer to, by name.
            values: graphloom::value::Map,
            /// The template, in Jinja: `Hello {{ name }}!`.
            format: String,
            /// Escapes `&`, `<`, `>` and quotes in what is filled in, for use in HTML.
            escape_html: bool,
        }
        out {
            /// The filled template.
            output: String,
        }
    }

    /// `text.match`: Sends a value one way if a pattern occurs in a text, and another way if not.
    pub mod r#match: Match = "text.match" {
        in {
            /// The text to search.
            text: String,
            /// The regular expression, as Python writes it.
            pattern: String,
            /// What to emit instead of the text; null counts.
            data: Value,
            /// Takes upper and lower case for different.
            case_sensitive: bool,
            /// Lets a dot stand for a line break too.
            dot_all: bool,
        }
        out {
            /// The data, or the text without any, if the pattern occurs.
            positive: Value,
            /// The data, or the text without any, if it does not.
            negative: Value,
        }
    }

    /// `text.regex`: Finds everything that a regular expression matches in a text, with its groups.
    pub mod regex: Regex = "text.regex" {
        in {
            /// The text to search.
            text: String,
            /// The regular expression, with groups for its parts: `(\w+)=(?<value>\d+)`.
            pattern: String,
            /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
            flags: Vec<String>,
            /// How many matches to find at most; all without it.
            limit: Option<i64>,
        }
        out {
            /// The first match, if there is one.
            first: graphloom::value::Map,
            /// All matches from left to right, each a map: `text`, `start` and `end` (in characters), `groups` (a list, null
            /// for a group that took no part) and `named` (the groups with names).
            matches: Vec<Value>,
            /// How many there are.
            count: i64,
        }
    }

    /// `text.regex_replace`: Replaces what a regular expression matches in a text.
    pub mod regex_replace: RegexReplace = "text.regex_replace" {
        in {
            /// The text to change.
            text: String,
            /// The regular expression: `(\w+)@(?<host>\w+)`.
            pattern: String,
            /// What to put in place of each match. `$1` and `${1}` stand for a group, `$host` and `${host}` for one with a
            /// name, `$0` for the whole match, `$$` for a dollar sign.
            replacement: String,
            /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
            flags: Vec<String>,
            /// How many matches to replace at most, the first ones; all without it.
            limit: Option<i64>,
        }
        out {
            /// The changed text.
            text: String,
            /// How many matches were replaced.
            count: i64,
        }
    }

    /// `text.regex_split`: Splits a text where a regular expression matches.
    pub mod regex_split: RegexSplit = "text.regex_split" {
        in {
            /// The text to split.
            text: String,
            /// The regular expression of what stands between the parts: `\s*[,;]\s*`.
            pattern: String,
            /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
            flags: Vec<String>,
            /// How many parts to make at most; the last one then has the rest. All without it.
            limit: Option<i64>,
            /// Leaves parts out in which there is nothing.
            skip_empty: bool,
        }
        out {
            /// The parts, in their order.
            parts: Vec<String>,
            /// How many there are.
            count: i64,
        }
    }

    /// `text.regex_test`: Tells whether a regular expression matches somewhere in a text.
    pub mod regex_test: RegexTest = "text.regex_test" {
        in {
            /// The text to search.
            text: String,
            /// The regular expression: `\d+`. Matches anywhere; `^` and `$` bind it to the ends.
            pattern: String,
            /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
            flags: Vec<String>,
        }
        out {
            /// Whether it matches.
            matches: bool,
        }
    }

    /// `text.replace`: Replaces each occurrence of a text in another, as it is written.
    pub mod replace: Replace = "text.replace" {
        in {
            /// The text to change.
            text: String,
            /// What to replace. Empty: the new text is put between all characters and at both ends.
            old: String,
            /// What to put there.
            new: String,
        }
        out {
            /// The changed text.
            output: String,
        }
    }

    /// `text.split`: Splits a text at a delimiter.
    pub mod split: Split = "text.split" {
        in {
            /// The text to split.
            text: String,
            /// Where to split; must not be empty.
            delimiter: String,
            /// Removes white space around each part.
            strip: bool,
        }
        out {
            /// The parts, in order; none for an empty text.
            texts: Vec<String>,
        }
    }

    /// `text.template`: Fills a Jinja template with values; a name that is not there is an error.
    pub mod template: Template = "text.template" {
        in {
            /// The template, in Jinja: `Hello {{ name }}!`.
            template: String,
            /// What the template may refer to, by name; a link to `values.name` sets one of them.
            values: graphloom::value::Map,
            /// Escapes `&`, `<`, `>` and quotes in what is filled in, for use in HTML.
            escape_html: bool,
        }
        out {
            /// The filled template.
            text: String,
        }
    }

    /// `text.unescape`: Puts the characters that are meant in place of escapes such as `\n` and `\u00e9`.
    pub mod unescape: Unescape = "text.unescape" {
        in {
            /// The text with escapes.
            text: String,
        }
        out {
            /// The text without escapes.
            decoded_text: String,
        }
    }
}

pub use self::combine::Combine;
pub use self::count_words::CountWords;
pub use self::decode_base64::DecodeBase64;
pub use self::decode_url::DecodeUrl;
pub use self::encode_base64::EncodeBase64;
pub use self::encode_url::EncodeUrl;
pub use self::escape::Escape;
pub use self::extract::Extract;
pub use self::fill_template::FillTemplate;
pub use self::r#match::Match;
pub use self::regex::Regex;
pub use self::regex_replace::RegexReplace;
pub use self::regex_split::RegexSplit;
pub use self::regex_test::RegexTest;
pub use self::replace::Replace;
pub use self::split::Split;
pub use self::template::Template;
pub use self::unescape::Unescape;
