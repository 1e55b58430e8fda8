//! Blocks that behave as AutoGPT's do where that differs from what one would want.

mod fenced;
mod keyword;
mod known;
mod markup;
mod searched;
mod twister;

use crate::family::family;

pub(crate) use known::know;

family! {
    calculate::Calculate,
    condition::Condition,
    convert_type::ConvertType,
    count_items::CountItems,
    create_comment::CreateComment,
    current_date::CurrentDate,
    decode_text::DecodeText,
    extract_code::ExtractCode,
    extract_text::ExtractText,
    find_in_dictionary::FindInDictionary,
    if_input_matches::IfInputMatches,
    input_drive_file::InputDriveFile,
    input_dropdown::InputDropdown,
    input_file::InputFile,
    match_pattern::MatchPattern,
    orchestrator::Orchestrator,
    parse_xml::ParseXml,
    read_file::ReadFile,
    read_spreadsheet::ReadSpreadsheet,
    receive_transcription::ReceiveTranscription,
    receive_webhook::ReceiveWebhook,
    sample_data::SampleData,
    split_related::SplitRelated,
    split_suggestion::SplitSuggestion,
    step_through_items::StepThroughItems,
    store_file::StoreFile,
    store_value::StoreValue,
}
