//! The pins of the blocks of the family `io`.

use graphloom::Value;

graphloom::pins! {
    /// `io.input`: A value that whoever starts the run gives, of any type or of the one declared.
    pub mod input: Input = "io.input" {
        in {
            /// What the input is called by whoever starts the run.
            name: String,
            /// What kind of value it takes: the type of `value` and of `result`.
            r#type("type"): String,
            /// The value when the run gives none. Null: nothing is emitted.
            value: Value,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the input is for.
            description: Option<String>,
            /// Whether a form hides the input until it is asked for.
            advanced: bool,
            /// Whether a form hides what is typed.
            secret: bool,
        }
        out {
            /// The value.
            result: Value,
        }
    }

    /// `io.input_choice`: One of several texts, which whoever starts the run chooses; any other is an error.
    pub mod input_choice: InputChoice = "io.input_choice" {
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

    /// `io.input_date`: A date that whoever starts the run gives, as YYYY-MM-DD.
    pub mod input_date: InputDate = "io.input_date" {
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
            /// Whether a form hides what is typed.
            secret: bool,
        }
        out {
            /// The value.
            result: String,
        }
    }

    /// `io.input_integer`: A whole number that whoever starts the run gives.
    pub mod input_integer: InputInteger = "io.input_integer" {
        in {
            /// What the input is called by whoever starts the run.
            name: String,
            /// The value when the run gives none. Null: nothing is emitted.
            value: Option<i64>,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the input is for.
            description: Option<String>,
            /// Whether a form hides the input until it is asked for.
            advanced: bool,
            /// Whether a form hides what is typed.
            secret: bool,
        }
        out {
            /// The value.
            result: i64,
        }
    }

    /// `io.input_long_text`: A text that whoever starts the run gives, several lines in a form.
    pub mod input_long_text: InputLongText = "io.input_long_text" {
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
            /// Whether a form hides what is typed.
            secret: bool,
        }
        out {
            /// The value.
            result: String,
        }
    }

    /// `io.input_table`: Rows that whoever starts the run gives; none when it gives none.
    pub mod input_table: InputTable = "io.input_table" {
        in {
            /// What the input is called by whoever starts the run.
            name: String,
            /// The rows when the run gives none: each maps column headers to cells.
            value: Option<Vec<graphloom::value::Map>>,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the input is for.
            description: Option<String>,
            /// Whether a form hides the input until it is asked for.
            advanced: bool,
            /// Whether a form hides what is typed.
            secret: bool,
            /// The columns that a form offers. Rows may have others.
            column_headers: Vec<String>,
        }
        out {
            /// The value.
            result: Vec<graphloom::value::Map>,
        }
    }

    /// `io.input_text`: A text that whoever starts the run gives, one line in a form.
    pub mod input_text: InputText = "io.input_text" {
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
            /// Whether a form hides what is typed.
            secret: bool,
        }
        out {
            /// The value.
            result: String,
        }
    }

    /// `io.input_time`: A time of day that whoever starts the run gives, as HH:MM or HH:MM:SS.
    pub mod input_time: InputTime = "io.input_time" {
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
            /// Whether a form hides what is typed.
            secret: bool,
        }
        out {
            /// The value.
            result: String,
        }
    }

    /// `io.input_toggle`: A yes or no that whoever starts the run gives; no when it gives none.
    pub mod input_toggle: InputToggle = "io.input_toggle" {
        in {
            /// What the input is called by whoever starts the run.
            name: String,
            /// The value when the run gives none.
            value: bool,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the input is for.
            description: Option<String>,
            /// Whether a form hides the input until it is asked for.
            advanced: bool,
            /// Whether a form hides what is chosen.
            secret: bool,
        }
        out {
            /// The value.
            result: bool,
        }
    }

    /// `io.note`: A remark for readers of the graph; a run passes over it.
    pub mod note: Note = "io.note" {
        in {
            /// The remark.
            text: String,
        }
        out {
            /// The remark.
            output: String,
        }
    }

    /// `io.output`: A result of the graph, which whoever started the run gets by its name.
    pub mod output: Output = "io.output" {
        in {
            /// The result. The run keeps it as it is, whatever the format.
            value: Value,
            /// What the output is called by whoever started the run.
            name: String,
            /// A heading for people; the name when there is none.
            title: Option<String>,
            /// What the output is.
            description: Option<String>,
            /// How to show the value, as a Jinja template that refers to it by the output's name. Empty: as it is.
            format: String,
            /// Escapes `&`, `<`, `>` and quotes in what the format fills in, for use in HTML.
            escape_html: bool,
            /// Whether a view hides the output until it is asked for.
            advanced: bool,
            /// Whether a view hides the value.
            secret: bool,
        }
        out {
            /// The value, or the text that the format makes of it.
            output: Value,
            /// The name; only without a format.
            name: Value,
        }
    }
}

pub use self::input::Input;
pub use self::input_choice::InputChoice;
pub use self::input_date::InputDate;
pub use self::input_integer::InputInteger;
pub use self::input_long_text::InputLongText;
pub use self::input_table::InputTable;
pub use self::input_text::InputText;
pub use self::input_time::InputTime;
pub use self::input_toggle::InputToggle;
pub use self::note::Note;
pub use self::output::Output;
