//! The pins of the blocks of the family `autogpt`.

use std::collections::BTreeMap;

use graphloom::Value;

graphloom::pins! {
    /// `autogpt.calculate`: Adds, subtracts, multiplies, divides or takes the power of two numbers.
    pub mod calculate: Calculate = "autogpt.calculate" {
        in {
            /// What to do.
            operation: String,
            /// The first number.
            a: f64,
            /// The second number: what is added, subtracted, multiplied or divided by, or the exponent.
            b: f64,
            /// Rounds the result to a whole number; halves go to the even neighbour.
            round_result: bool,
        }
        out {
            /// The result.
            result: f64,
        }
    }

    /// `autogpt.condition`: Compares two values and sends one on its way: yes or no.
    pub mod condition: Condition = "autogpt.condition" {
        in {
            /// The first value.
            value1: Value,
            /// How to compare.
            operator: String,
            /// The second value.
            value2: Value,
            /// What to emit when the comparison holds; the first value when there is none.
            yes_value: Value,
            /// What to emit when it does not; the second value when there is none.
            no_value: Value,
        }
        out {
            /// Whether the comparison holds.
            result: bool,
            /// What is sent on when it does.
            yes_output: Value,
            /// What is sent on when it does not.
            no_output: Value,
        }
    }

    /// `autogpt.convert_type`: Converts a value to a type, at any price.
    pub mod convert_type: ConvertType = "autogpt.convert_type" {
        in {
            /// The value to convert.
            value: Value,
            /// The type to convert it to.
            r#type("type"): String,
        }
        out {
            /// The converted value.
            value: Value,
        }
    }

    /// `autogpt.count_items`: Counts the items of a list, the entries of a map or the characters of a text; -1 for anything else.
    pub mod count_items: CountItems = "autogpt.count_items" {
        in {
            /// What to count: a list, a map or a text.
            collection: Value,
        }
        out {
            /// How many there are; -1 for what cannot be counted.
            count: i64,
        }
    }

    /// `autogpt.create_comment`: Puts a comment for a review on GitHub together.
    pub mod create_comment: CreateComment = "autogpt.create_comment" {
        in {
            /// The file that the comment is about.
            path: String,
            /// The comment.
            body: String,
            /// The line in the difference that it is about.
            position: Option<i64>,
            /// The line in the file; counts where there is no position.
            line: Option<i64>,
            /// The side of the difference, `LEFT` or `RIGHT`.
            side: Option<String>,
            /// The first line, where it is about several.
            start_line: Option<i64>,
            /// The side of the first line.
            start_side: Option<String>,
        }
        out {
            /// The comment as GitHub takes it.
            comment_object: graphloom::value::Map,
        }
    }

    /// `autogpt.current_date`: Tells the date, or one some days before or after.
    pub mod current_date: CurrentDate = "autogpt.current_date" {
        in {
            /// Any text: it says when to tell the time, not what.
            trigger: String,
            /// How many days to subtract; a negative number gives a later date.
            offset: Value,
            /// How to write it.
            format_type: Value,
        }
        out {
            /// The date.
            date: String,
        }
    }

    /// `autogpt.decode_text`: Puts the characters that are meant in place of escapes such as `\n` and `\u00e9`.
    pub mod decode_text: DecodeText = "autogpt.decode_text" {
        in {
            /// The text with escapes.
            text: String,
        }
        out {
            /// The text without escapes.
            decoded_text: String,
        }
    }

    /// `autogpt.extract_code`: Extracts the fenced code in a text, by language.
    pub mod extract_code: ExtractCode = "autogpt.extract_code" {
        in {
            /// The text, as a language model writes it.
            text: String,
        }
        out {
            /// HTML.
            html: String,
            /// CSS.
            css: String,
            /// JavaScript.
            javascript: String,
            /// Python.
            python: String,
            /// SQL.
            sql: String,
            /// Java.
            java: String,
            /// C++.
            cpp: String,
            /// C#.
            csharp: String,
            /// JSON.
            json_code: String,
            /// Commands for a shell.
            bash: String,
            /// PHP.
            php: String,
            /// Ruby.
            ruby: String,
            /// YAML.
            yaml: String,
            /// Markdown.
            markdown: String,
            /// TypeScript.
            typescript: String,
            /// XML.
            xml: String,
            /// The text without the code.
            remaining_text: String,
        }
    }

    /// `autogpt.extract_text`: Extracts what a pattern finds in a value: the first match or all.
    pub mod extract_text: ExtractText = "autogpt.extract_text" {
        in {
            /// What to search; what is no text is searched as its JSON.
            text: Value,
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

    /// `autogpt.find_in_dictionary`: Returns the value at a key as AutoGPT finds it.
    pub mod find_in_dictionary: FindInDictionary = "autogpt.find_in_dictionary" {
        in {
            /// The dictionary, the list, or the JSON text of one.
            input: Value,
            /// The key in a dictionary, or in each dictionary of a list; or the index in a list, 0 for the first item.
            key: Value,
        }
        out {
            /// The value; for a text key in a list, the list of the values found.
            output: Value,
            /// The input as it came, if nothing is found.
            missing: Value,
        }
    }

    /// `autogpt.if_input_matches`: Compares two values for equality and sends one of two others on its way.
    pub mod if_input_matches: IfInputMatches = "autogpt.if_input_matches" {
        in {
            /// The value to compare.
            input: Value,
            /// What to compare it with; converted to the type of the input first.
            value: Value,
            /// What to emit when they are equal.
            yes_value: Value,
            /// What to emit when they are not.
            no_value: Value,
        }
        out {
            /// Whether they are equal.
            result: bool,
            /// What is sent on when they are.
            yes_output: Value,
            /// What is sent on when they are not.
            no_output: Value,
        }
    }

    /// `autogpt.input_drive_file`: A file in Google Drive that whoever starts the run chooses; its description only.
    pub mod input_drive_file: InputDriveFile = "autogpt.input_drive_file" {
        in {
            /// What the input is called by whoever starts the run.
            name: String,
            /// The file when the run gives none. Null: nothing is emitted.
            value: Option<graphloom::value::Map>,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the input is for.
            description: Option<String>,
            /// Whether a form hides the input until it is asked for.
            advanced: bool,
            /// Whether a form hides what is chosen.
            secret: bool,
            /// The kinds of files that a form offers.
            allowed_views: Vec<String>,
            /// Whether a form offers folders.
            allow_folder_selection: bool,
        }
        out {
            /// The value.
            result: graphloom::value::Map,
        }
    }

    /// `autogpt.input_dropdown`: A text that whoever starts the run gives; the options are hints for a form.
    pub mod input_dropdown: InputDropdown = "autogpt.input_dropdown" {
        in {
            /// What the input is called by whoever starts the run.
            name: String,
            /// The value when the run gives none. Null: nothing is emitted.
            value: Option<String>,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the input is for.
            description: Option<String>,
            /// Whether a form hides the input until it is asked for.
            advanced: bool,
            /// Whether a form hides what is chosen.
            secret: bool,
            /// What there is to choose from.
            options: Vec<Value>,
        }
        out {
            /// The value.
            result: String,
        }
    }

    /// `autogpt.input_file`: A file that whoever starts the run gives, as a data: URI.
    pub mod input_file: InputFile = "autogpt.input_file" {
        in {
            /// What the input is called by whoever starts the run.
            name: String,
            /// The file when the run gives none, as a `data:` URI. Null or empty: nothing is emitted.
            value: Option<String>,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the input is for.
            description: Option<String>,
            /// Whether a form hides the input until it is asked for.
            advanced: bool,
            /// Whether a form hides what is chosen.
            secret: bool,
            /// Asks for a `data:` URI; the result is one in any case.
            base_64: bool,
        }
        out {
            /// The value.
            result: String,
        }
    }

    /// `autogpt.match_pattern`: Sends a value one way if a pattern occurs in another, and another way if not.
    pub mod match_pattern: MatchPattern = "autogpt.match_pattern" {
        in {
            /// What to search; what is no text is searched as its JSON.
            text: Value,
            /// The regular expression, as Python writes it.
            r#match("match"): String,
            /// What to emit; one that is empty, zero or false gives way to what was searched.
            data: Value,
            /// Takes upper and lower case for different.
            case_sensitive: bool,
            /// Lets a dot stand for a line break too.
            dot_all: bool,
        }
        out {
            /// The data if the pattern occurs.
            positive: Value,
            /// The data if it does not.
            negative: Value,
        }
    }

    /// `autogpt.orchestrator`: Lets a model call nodes of the graph, in a loop or one turn a firing, as AutoGPT's orchestrator does.
    pub mod orchestrator: Orchestrator = "autogpt.orchestrator" {
        in {
            /// The task.
            prompt: String,
            /// The model, as its provider calls it.
            model: String,
            /// The credential, by name or as AutoGPT writes it; else the one that is called as the model's provider.
            credentials: Value,
            /// The model may call several tools in one turn, and they run at the same time.
            multiple_tool_calls: bool,
            /// How the model is to work.
            sys_prompt: String,
            /// What was said before, as `conversations` gave it. Linked together with `last_tool_output`, or not at all.
            conversation_history: Option<Vec<Value>>,
            /// What the tool gave that is called in the conversation. Null, or nothing: none.
            last_tool_output: Value,
            /// For one turn the model is asked so often in all, until what it calls can be called.
            retry: i64,
            /// Values for the places in `prompt` and `sys_prompt`; without any, both are taken as they are.
            prompt_values: graphloom::value::Map,
            /// An answer may have so many tokens.
            max_tokens: Option<i64>,
            /// The machine that Ollama runs on.
            ollama_host: String,
            /// 0: one turn a firing; the calls of the model run their nodes, and what these give comes back over links. Other
            /// numbers: a loop of so many turns. Below 0: of 1000 turns, which is the limit.
            agent_mode_max_iterations: i64,
            /// Both words mean the same here.
            execution_mode: String,
            /// A conversation that outgrows the model is made shorter.
            conversation_compaction: bool,
        }
        out {
            /// Links from here name tools.
            tools: Value,
            /// What the model answers in the end; in a loop that has had its turns, that it has.
            finished: String,
            /// All that was said, as a list of messages.
            conversations: Vec<Value>,
        }
    }

    /// `autogpt.parse_xml`: Reads tags as values.
    pub mod parse_xml: ParseXml = "autogpt.parse_xml" {
        in {
            /// A text in one pair of tags, as a language model writes it.
            input_xml: String,
        }
        out {
            /// The name of the outer tag, and what is in it.
            parsed_xml: graphloom::value::Map,
        }
    }

    /// `autogpt.persist_information`: Keeps a value under a key for later runs, as AutoGPT does.
    pub mod persist_information: PersistInformation = "autogpt.persist_information" {
        in {
            /// Under which key, of at most 1,024 bytes.
            key: String,
            /// The value to keep.
            value: Value,
            /// Whether this agent's runs share it, or those of all agents.
            scope: String,
        }
        out {
            /// The value, once it is kept; null for one that is empty, zero or false.
            value: Value,
        }
    }

    /// `autogpt.read_file`: Emits the text in a file, as a whole or in pieces.
    pub mod read_file: ReadFile = "autogpt.read_file" {
        in {
            /// The file, as a `data:` URI.
            file_input: String,
            /// What stands between two rows; empty: the text is one row.
            delimiter: String,
            /// How many characters a piece has at most; 0 or less: the text is one piece.
            size_limit: i64,
            /// How many rows to take; 0 or less: all.
            row_limit: i64,
            /// How many characters to pass over first.
            skip_size: i64,
            /// How many rows to pass over after that.
            skip_rows: i64,
        }
        out {
            /// The text, or the next piece of it.
            content: String,
        }
    }

    /// `autogpt.read_rss_feed`: Reads a feed again and again, and emits what is new.
    pub mod read_rss_feed: ReadRssFeed = "autogpt.read_rss_feed" {
        in {
            /// The address of the feed.
            rss_url: String,
            /// Items that came out in the last so many minutes are taken.
            time_period: i64,
            /// How many seconds lie between two looks at the feed, at least 1.
            polling_rate: i64,
            /// Whether to look again and again, until the run is cancelled; else once.
            run_continuously: bool,
        }
        out {
            /// Each item.
            entry: graphloom::value::Map,
            /// All items of one look.
            entries: Vec<graphloom::value::Map>,
        }
    }

    /// `autogpt.read_spreadsheet`: Reads the rows of a table: a text with commas or another delimiter, or an Excel workbook.
    pub mod read_spreadsheet: ReadSpreadsheet = "autogpt.read_spreadsheet" {
        in {
            /// The table as text, a line a row.
            contents: Option<String>,
            /// A file with it, as a `data:` URI; goes before the contents.
            file_input: Option<String>,
            /// The character between two cells.
            delimiter: String,
            /// The character around a cell that holds delimiters or line breaks.
            quotechar: String,
            /// The character that takes the meaning of the next one away.
            escapechar: String,
            /// The first row names the columns; otherwise they are called `0`, `1`, …
            has_header: bool,
            /// How many rows after the header to pass over.
            skip_rows: i64,
            /// Takes white space away at both ends of a cell.
            strip: bool,
            /// Has no effect, as in AutoGPT.
            skip_columns: Vec<String>,
            /// Emits each row by itself, not all in a list.
            produce_singular_result: bool,
        }
        out {
            /// A row: the name of each column with the cell's text.
            row: graphloom::value::Map,
            /// All rows.
            rows: Vec<graphloom::value::Map>,
        }
    }

    /// `autogpt.receive_transcription`: Emits what a Compass recorder heard.
    pub mod receive_transcription: ReceiveTranscription = "autogpt.receive_transcription" {
        in {
            /// What the recorder sent; whoever starts the run puts it here.
            payload: graphloom::value::Map,
        }
        out {
            /// What was said.
            transcription: String,
        }
    }

    /// `autogpt.receive_webhook`: Emits what a webhook brought.
    pub mod receive_webhook: ReceiveWebhook = "autogpt.receive_webhook" {
        in {
            /// What the webhook brought; whoever starts the run puts it here.
            payload: graphloom::value::Map,
            /// Values that are always the same.
            constants: graphloom::value::Map,
        }
        out {
            /// What the webhook brought.
            payload: graphloom::value::Map,
            /// The values that are always the same.
            constants: graphloom::value::Map,
        }
    }

    /// `autogpt.retrieve_information`: Returns the value that was kept under a key, as AutoGPT does.
    pub mod retrieve_information: RetrieveInformation = "autogpt.retrieve_information" {
        in {
            /// The key, of at most 1,024 bytes.
            key: String,
            /// Whether this agent's runs share it, or those of all agents.
            scope: String,
            /// What to emit if nothing is kept under the key, or something empty, zero or false.
            default_value: Value,
        }
        out {
            /// The value, or the default, or null. It stays for all later firings of what it feeds.
            value: Value,
        }
    }

    /// `autogpt.sample_data`: Takes some rows of many.
    pub mod sample_data: SampleData = "autogpt.sample_data" {
        in {
            /// The rows; a map is one row.
            data: Value,
            /// How many rows to take.
            sample_size: i64,
            /// How to choose them.
            sampling_method: String,
            /// Waits for more rows instead of failing when there are too few. There are never more, so that nothing is emitted.
            accumulate: bool,
            /// Makes the choice the same each time; the numbers are Python's.
            random_seed: Option<i64>,
            /// The key that tells the groups of a stratified sample apart.
            stratify_key: Option<String>,
            /// The key of the weight in a weighted sample.
            weight_key: Option<String>,
            /// The key that tells the groups of a cluster sample apart.
            cluster_key: Option<String>,
        }
        out {
            /// The rows taken.
            sampled_data: Vec<Value>,
            /// Their places among all rows, from 0.
            sample_indices: Vec<i64>,
        }
    }

    /// `autogpt.send_authenticated_web_request`: Sends a web request with the headers of a credential as AutoGPT does, and sorts the answers by status.
    pub mod send_authenticated_web_request: SendAuthenticatedWebRequest = "autogpt.send_authenticated_web_request" {
        in {
            /// The address, `http` or `https`.
            url: String,
            /// The method.
            method: String,
            /// Header lines by name; they go before those of the credential.
            headers: BTreeMap<String, String>,
            /// Sends the body as JSON, else as a form.
            json_format: bool,
            /// What is sent.
            body: Option<graphloom::value::Map>,
            /// The field of the form that the files are in.
            files_name: String,
            /// Files to send, each as a `data:` URI; only in a form.
            files: Vec<String>,
            /// The credential, of the kind `host_scoped`; `http` if it is not given.
            credentials: Value,
        }
        out {
            /// What a successful answer says (status 200 to 299): JSON as the value it says, anything else as a text, null where
            /// there is nothing.
            response: Value,
            /// What an answer says that blames the request (status 400 to 499).
            client_error: Value,
            /// What an answer of any other status says.
            server_error: Value,
        }
    }

    /// `autogpt.send_email`: Sends a message by mail, with AutoGPT's pins.
    pub mod send_email: SendEmail = "autogpt.send_email" {
        in {
            /// Who gets it: an address, or several with commas between them.
            to_email: String,
            /// What it is about.
            subject: String,
            /// The message.
            body: String,
            /// The server that takes it.
            config: graphloom::value::Map,
            /// The credential for the server, a user name and a password; `smtp` if it is not given. The name is who sends.
            credentials: Value,
        }
        out {
            /// Says that the server took the message.
            status: String,
        }
    }

    /// `autogpt.send_web_request`: Sends a web request as AutoGPT does, and sorts the answers by status.
    pub mod send_web_request: SendWebRequest = "autogpt.send_web_request" {
        in {
            /// The address, `http` or `https`.
            url: String,
            /// The method.
            method: String,
            /// Header lines by name.
            headers: BTreeMap<String, String>,
            /// Sends the body as JSON, else as a form.
            json_format: bool,
            /// What is sent.
            body: Option<graphloom::value::Map>,
            /// The field of the form that the files are in.
            files_name: String,
            /// Files to send, each as a `data:` URI; only in a form.
            files: Vec<String>,
        }
        out {
            /// What a successful answer says (status 200 to 299): JSON as the value it says, anything else as a text, null where
            /// there is nothing.
            response: Value,
            /// What an answer says that blames the request (status 400 to 499).
            client_error: Value,
            /// What an answer of any other status says.
            server_error: Value,
        }
    }

    /// `autogpt.split_related`: Takes a related keyword of DataForSEO apart.
    pub mod split_related: SplitRelated = "autogpt.split_related" {
        in {
            /// What DataForSEO says of the keyword.
            related_keyword: graphloom::value::Map,
        }
        out {
            /// The keyword.
            keyword: String,
            /// Searches a month.
            search_volume: Option<i64>,
            /// How many advertisers there are, from 0 to 1.
            competition: Option<f64>,
            /// The cost of a click, in US dollars.
            cpc: Option<f64>,
            /// How hard it is to be found by it, from 0 to 100.
            keyword_difficulty: Option<i64>,
            /// About the page of results.
            serp_info: Option<graphloom::value::Map>,
            /// About those who clicked.
            clickstream_data: Option<graphloom::value::Map>,
        }
    }

    /// `autogpt.split_suggestion`: Takes a keyword suggestion of DataForSEO apart.
    pub mod split_suggestion: SplitSuggestion = "autogpt.split_suggestion" {
        in {
            /// What DataForSEO says of the keyword.
            suggestion: graphloom::value::Map,
        }
        out {
            /// The keyword.
            keyword: String,
            /// Searches a month.
            search_volume: Option<i64>,
            /// How many advertisers there are, from 0 to 1.
            competition: Option<f64>,
            /// The cost of a click, in US dollars.
            cpc: Option<f64>,
            /// How hard it is to be found by it, from 0 to 100.
            keyword_difficulty: Option<i64>,
            /// About the page of results.
            serp_info: Option<graphloom::value::Map>,
            /// About those who clicked.
            clickstream_data: Option<graphloom::value::Map>,
        }
    }

    /// `autogpt.step_through_items`: Emits the items of what is given one after the other, each with its key.
    pub mod step_through_items: StepThroughItems = "autogpt.step_through_items" {
        in {
            /// A list to go through.
            items: Vec<Value>,
            /// A map to go through, after the list.
            items_object: graphloom::value::Map,
            /// JSON text of a list, map or text to go through last; of a text the characters.
            items_str: String,
        }
        out {
            /// The next item.
            item: Value,
            /// Its place in the list, from 0, or its key in the map.
            key: Value,
        }
    }

    /// `autogpt.store_file`: Emits a file that stays for all later firings of what it feeds.
    pub mod store_file: StoreFile = "autogpt.store_file" {
        in {
            /// The file, as a `data:` URI.
            file_in: String,
            /// Asks for a `data:` URI; the result is one in any case.
            base_64: bool,
        }
        out {
            /// The file, as a `data:` URI.
            file_out: String,
        }
    }

    /// `autogpt.store_value`: Emits a value that stays for all later firings of what it feeds.
    pub mod store_value: StoreValue = "autogpt.store_value" {
        in {
            /// The value, or what triggers the emission of the data.
            input: Value,
            /// What to emit instead of the input; one that is empty, zero or false gives way to it.
            data: Value,
        }
        out {
            /// The data if there is any, else the input.
            output: Value,
        }
    }
}

pub use self::calculate::Calculate;
pub use self::condition::Condition;
pub use self::convert_type::ConvertType;
pub use self::count_items::CountItems;
pub use self::create_comment::CreateComment;
pub use self::current_date::CurrentDate;
pub use self::decode_text::DecodeText;
pub use self::extract_code::ExtractCode;
pub use self::extract_text::ExtractText;
pub use self::find_in_dictionary::FindInDictionary;
pub use self::if_input_matches::IfInputMatches;
pub use self::input_drive_file::InputDriveFile;
pub use self::input_dropdown::InputDropdown;
pub use self::input_file::InputFile;
pub use self::match_pattern::MatchPattern;
pub use self::orchestrator::Orchestrator;
pub use self::parse_xml::ParseXml;
pub use self::persist_information::PersistInformation;
pub use self::read_file::ReadFile;
pub use self::read_rss_feed::ReadRssFeed;
pub use self::read_spreadsheet::ReadSpreadsheet;
pub use self::receive_transcription::ReceiveTranscription;
pub use self::receive_webhook::ReceiveWebhook;
pub use self::retrieve_information::RetrieveInformation;
pub use self::sample_data::SampleData;
pub use self::send_authenticated_web_request::SendAuthenticatedWebRequest;
pub use self::send_email::SendEmail;
pub use self::send_web_request::SendWebRequest;
pub use self::split_related::SplitRelated;
pub use self::split_suggestion::SplitSuggestion;
pub use self::step_through_items::StepThroughItems;
pub use self::store_file::StoreFile;
pub use self::store_value::StoreValue;
