//! The pins of the blocks of the family `text`.

use graphloom::Value;
use graphloom::value::Map;

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
            values: Map,
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

pub use combine::Combine;
pub use count_words::CountWords;
pub use decode_base64::DecodeBase64;
pub use decode_url::DecodeUrl;
pub use encode_base64::EncodeBase64;
pub use encode_url::EncodeUrl;
pub use escape::Escape;
pub use extract::Extract;
pub use fill_template::FillTemplate;
pub use r#match::Match;
pub use replace::Replace;
pub use split::Split;
pub use unescape::Unescape;
