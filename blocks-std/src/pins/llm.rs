//! The pins of the blocks of the family `llm`.

use graphloom::Value;

graphloom::pins! {
    /// `llm.agent`: Lets a model call nodes of the graph as its tools until it has an answer.
    pub mod agent: Agent = "llm.agent" {
        in {
            /// The task, or the question.
            prompt: String,
            /// The model, as its provider calls it: `gpt-5-mini`, `claude-sonnet-4-5`, `ollama/qwen3:8b`.
            model: String,
            /// What holds for the whole conversation: who the model is, how it is to work.
            instructions: String,
            /// The credential, by name; else the one that is called as the model's provider. A model of this machine needs none.
            credential: Value,
            /// The model has so many turns at most, 1 to 1000. A turn is a question to the model and the calls that it makes.
            max_turns: i64,
            /// The model may call several tools in one turn, and they run at the same time.
            parallel_tools: bool,
            /// A model that calls what cannot be called is told so; for one turn it is asked so often in all, 1 to 20.
            attempts: i64,
            /// An answer may have so many tokens; as many as the model gives, if it is not said.
            max_tokens: Option<i64>,
            /// How many tokens the model can read. Half of it is for the conversation; what is longer is made shorter. If it is not
            /// said, as much as is known of the model, else 128,000.
            context_tokens: Option<i64>,
            /// What was said before: what `conversation` of an earlier firing gave. Messages with `role` and `content`.
            conversation: Vec<Value>,
        }
        out {
            /// What the model answers in the end.
            answer: String,
            /// All that was said, with this firing's part: a list of messages, for `conversation` of a later firing.
            conversation: Vec<Value>,
            /// After each turn in which tools were called: `text`, what the model said with it, and `calls`, each with `tool`,
            /// `arguments` and `result`.
            turn: Value,
            /// Links from here name tools: each node that one leads to is a tool, and the inputs that they lead to are what the
            /// model fills in.
            tools: Value,
        }
    }

    /// `llm.chat`: Sends a conversation to a language model, and returns what it says next.
    pub mod chat: Chat = "llm.chat" {
        in {
            /// What is said last; empty: the messages are all there is.
            prompt: String,
            /// What was said before: a list of `{"role", "content"}`.
            messages: Vec<Value>,
            /// The model, as for `llm.generate_text`.
            model: String,
            /// Which credential is used; without it, the one that is called as the model's provider.
            credential: Value,
            /// How many tokens the answer may have; null: as many as the model gives.
            max_tokens: Option<i64>,
            /// The machine that Ollama runs on, for models that it serves.
            ollama_host: String,
        }
        out {
            /// What the model said.
            response: String,
            /// The messages that were sent to it.
            prompt: Vec<Value>,
        }
    }

    /// `llm.decide`: Asks a language model whether a condition holds, and sends a value one way or the other.
    pub mod decide: Decide = "llm.decide" {
        in {
            /// What is judged. What is no text is shown to the model as Python prints it.
            input_value: Value,
            /// What may be so or not, in words: `the sender is angry`.
            condition: String,
            /// What goes out if it is so; null: what was judged.
            yes_value: Value,
            /// What goes out if it is not; null: what was judged.
            no_value: Value,
            /// The model, as for `llm.generate_text`.
            model: String,
            /// Which credential is used; without it, the one that is called as the model's provider.
            credential: Value,
        }
        out {
            /// Whether it is so.
            result: bool,
            /// What goes out if it is so.
            yes_output: Value,
            /// What goes out if it is not.
            no_output: Value,
        }
    }

    /// `llm.generate_list`: Asks a language model for a list of texts, from some material or from what it knows.
    pub mod generate_list: GenerateList = "llm.generate_list" {
        in {
            /// What the list is of.
            focus: Option<String>,
            /// The material that it is made from; null: the model's own knowledge.
            source_data: Option<String>,
            /// The model, as for `llm.generate_text`.
            model: String,
            /// Which credential is used; without it, the one that is called as the model's provider.
            credential: Value,
            /// How often the model is asked at most, 1 to 5: an answer that will not do is shown to it with what is wrong.
            max_retries: i64,
            /// Has the provider see to it that the whole answer is JSON.
            force_json_output: bool,
            /// How many tokens the answer may have; null: as many as the model gives.
            max_tokens: Option<i64>,
            /// The machine that Ollama runs on, for models that it serves.
            ollama_host: String,
        }
        out {
            /// All of the list.
            generated_list: Vec<String>,
            /// The messages that were sent to the model at last.
            prompt: Vec<Value>,
            /// Each item, one after the other.
            list_item: String,
        }
    }

    /// `llm.generate_object`: Asks a language model for an object with given keys, or for a list of them.
    pub mod generate_object: GenerateObject = "llm.generate_object" {
        in {
            /// What is asked. With `prompt_values` it is a template, in Jinja: `Describe {{ place }}`.
            prompt: String,
            /// The keys of the object, and in words what the value of each is to be. Empty: the answer is `{"response": text}`.
            expected_format: graphloom::value::Map,
            /// Asks for a list of such objects.
            list_result: bool,
            /// The model, as for `llm.generate_text`.
            model: String,
            /// Has the provider see to it that the whole answer is JSON, so that the model cannot think aloud before it.
            force_json_output: bool,
            /// Which credential is used; without it, the one that is called as the model's provider.
            credential: Value,
            /// What holds for the whole conversation; a template as `prompt` is.
            sys_prompt: String,
            /// What was said before: a list of `{"role", "content"}`.
            conversation_history: Option<Vec<Value>>,
            /// How often the model is asked at most: an answer that will not do is shown to it with what is wrong.
            retry: i64,
            /// Fills `prompt` and `sys_prompt`; empty: they are taken as they stand.
            prompt_values: graphloom::value::Map,
            /// How many tokens the answer may have; null: as many as the model gives.
            max_tokens: Option<i64>,
            /// Shortens messages, in their middle, where they have more tokens than half of what the model can read.
            compress_prompt_to_fit: bool,
            /// The machine that Ollama runs on, for models that it serves.
            ollama_host: String,
        }
        out {
            /// The object, which may have more keys than were asked for; a list of them with `list_result`.
            response: Value,
            /// The messages that were sent to the model at last.
            prompt: Vec<Value>,
        }
    }

    /// `llm.generate_text`: Asks a language model, and returns what it says.
    pub mod generate_text: GenerateText = "llm.generate_text" {
        in {
            /// What is asked. With `prompt_values` it is a template, in Jinja: `Write about {{ topic }}`.
            prompt: String,
            /// The model: `gpt-5.2`, `claude-sonnet-4-5`, or behind the name of who serves it, `open_router/google/gemini-2.5-pro`.
            model: String,
            /// Which credential is used; without it, the one that is called as the model's provider.
            credential: Value,
            /// What holds for the whole conversation; a template as `prompt` is.
            sys_prompt: String,
            /// How often the model is asked at most, where the conversation proves too long.
            retry: i64,
            /// Fills `prompt` and `sys_prompt`; empty: they are taken as they stand.
            prompt_values: graphloom::value::Map,
            /// The machine that Ollama runs on, for models that it serves.
            ollama_host: String,
            /// How many tokens the answer may have; null: as many as the model gives.
            max_tokens: Option<i64>,
        }
        out {
            /// What the model said.
            response: String,
            /// The messages that were sent to it.
            prompt: Vec<Value>,
        }
    }

    /// `llm.summarize`: Sums a text up with a language model, in parts where it is long.
    pub mod summarize: Summarize = "llm.summarize" {
        in {
            /// The text. Its first million characters count.
            text: String,
            /// The model, as for `llm.generate_text`.
            model: String,
            /// What the summary is to look at.
            focus: String,
            /// The form of the summary.
            style: String,
            /// Which credential is used; without it, the one that is called as the model's provider.
            credential: Value,
            /// How many words go into one question; a longer text is cut into parts, which are summed up one by one.
            max_tokens: i64,
            /// How many words a part has in common with the one before.
            chunk_overlap: i64,
            /// The machine that Ollama runs on, for models that it serves.
            ollama_host: String,
        }
        out {
            /// The summary.
            summary: String,
            /// The messages of the last question.
            prompt: Vec<Value>,
        }
    }
}

pub use self::agent::Agent;
pub use self::chat::Chat;
pub use self::decide::Decide;
pub use self::generate_list::GenerateList;
pub use self::generate_object::GenerateObject;
pub use self::generate_text::GenerateText;
pub use self::summarize::Summarize;
