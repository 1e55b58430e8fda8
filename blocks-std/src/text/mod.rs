//! Texts.

use crate::family::family;

mod linear;
pub(crate) mod pattern;
mod python_pattern;
pub(crate) mod size;

family! {
    combine::Combine,
    count_words::CountWords,
    decode_base64::DecodeBase64,
    decode_url::DecodeUrl,
    encode_base64::EncodeBase64,
    encode_url::EncodeUrl,
    escape::Escape,
    extract::Extract,
    fill_template::FillTemplate,
    find_regex::FindRegex,
    match_text::Match,
    regex_replace::RegexReplace,
    regex_split::RegexSplit,
    regex_test::RegexTest,
    replace::Replace,
    split::Split,
    template::Template,
    unescape::Unescape,
}

pub(crate) use unescape::unescape;
