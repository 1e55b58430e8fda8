//! What can keep a command from its answer: faults of documents, which the engine tells, and the host's own.

use std::fmt;

use graphloom::host::StoreError;
use graphloom::{Code, Fault, Value, value::to_value};

use crate::exit::Exit;

/// Why a command has no answer.
#[derive(Debug)]
pub(crate) enum Problem {
    /// A document or the values given to a run are faulty.
    Faults(Origin, Vec<Fault>),
    /// The engine or its store refused.
    Refused(Box<Refusal>),
    /// A server refused, by a code of its own.
    Server(Box<ServerRefusal>),
    /// Anything else.
    Host(Box<HostError>),
}

/// What the engine or its store refused, by a code of theirs.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// What a server refused, by a code that is its own: those of the engine are told as if this program had found them.
#[derive(Debug)]
pub(crate) struct ServerRefusal {
    /// The HTTP status.
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Error objects, where the server tells several, or places.
    pub(crate) errors: Vec<Value>,
    pub(crate) help: Option<String>,
}

impl ServerRefusal {
    fn objects(&self) -> Vec<Value> {
        if !self.errors.is_empty() {
            return self.errors.clone();
        }
        let mut map = graphloom::value::Map::new();
        map.insert("code", self.code.as_str());
        map.insert("message", self.message.as_str());
        if let Some(help) = &self.help {
            map.insert("help", help.as_str());
        }
        vec![map.into()]
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::refused(error.code(), error.to_string())
    }
}

/// Where faulty text came from: what it is called, and the text itself if lines of it can be shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin {
    /// A file name, `-` for standard input, or an argument.
    pub(crate) name: String,
    /// The text.
    pub(crate) source: Vec<u8>,
}

impl Origin {
    /// Returns an origin without text: an argument of the command line.
    pub(crate) fn argument(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source: Vec::new(),
        }
    }
}

impl Problem {
    /// Returns what the engine or its store refused.
    pub(crate) fn refused(code: Code, message: String) -> Self {
        Self::Refused(Box::new(Refusal {
            code,
            message,
            help: None,
        }))
    }

    /// Adds what to do next to a refusal.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.help = Some(help.into());
        }
        self
    }

    /// Tells how it ends the program.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Refused(refusal) => Exit::of_failure(refusal.code),
            Self::Faults(_, faults) => Exit::of_faults(faults),
            Self::Server(refusal) => Exit::of_status(refusal.status),
            Self::Host(error) => error.exit,
        }
    }

    /// Returns the error objects.
    pub(crate) fn errors(&self) -> Vec<Value> {
        match self {
            Self::Faults(origin, faults) => faults
                .iter()
                .map(|fault| fault_value(fault, &origin.name))
                .collect(),
            Self::Refused(refusal) => vec![refusal.to_value()],
            Self::Server(refusal) => refusal.objects(),
            Self::Host(error) => vec![error.to_value()],
        }
    }
}

impl Refusal {
    fn to_value(&self) -> Value {
        let mut map = graphloom::value::Map::new();
        map.insert("code", self.code.as_str());
        map.insert("message", self.message.as_str());
        if let Some(help) = &self.help {
            map.insert("help", help.as_str());
        }
        map.into()
    }
}

impl From<HostError> for Problem {
    fn from(error: HostError) -> Self {
        Self::Host(Box::new(error))
    }
}

/// Returns a fault as an error object, with the file that it is in.
pub(crate) fn fault_value(fault: &Fault, file: &str) -> Value {
    let mut object = to_value(fault).unwrap_or_else(|error| Value::from(error.to_string()));
    if let Value::Map(map) = &mut object {
        map.insert("file", file);
    }
    object
}

/// An error of the host's own.
#[derive(Debug)]
pub(crate) struct HostError {
    pub(crate) code: HostCode,
    pub(crate) message: String,
    pub(crate) expected: Option<String>,
    pub(crate) suggestions: Vec<String>,
    pub(crate) help: Option<String>,
    exit: Exit,
}

impl HostError {
    pub(crate) fn new(code: HostCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            expected: None,
            suggestions: Vec::new(),
            help: None,
            exit: code.exit(),
        }
    }

    /// Adds what would have done.
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds the nearest known names.
    pub(crate) fn suggest(mut self, names: Vec<String>) -> Self {
        self.suggestions = names;
        self
    }

    /// Adds what to do next.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Ends the program another way than is usual for the code.
    pub(crate) fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    fn to_value(&self) -> Value {
        let mut map = graphloom::value::Map::new();
        map.insert("code", self.code.as_str());
        map.insert("message", self.message.as_str());
        if let Some(expected) = &self.expected {
            map.insert("expected", expected.as_str());
        }
        if !self.suggestions.is_empty() {
            map.insert(
                "suggestions",
                self.suggestions
                    .iter()
                    .map(String::as_str)
                    .collect::<Value>(),
            );
        }
        if let Some(help) = &self.help {
            map.insert("help", help.as_str());
        }
        map.into()
    }
}

macro_rules! host_codes {
    ($($variant:ident = $name:literal, $exit:ident, $summary:literal, $mend:literal;)+) => {
        /// The stable names of the host's own errors; those of documents and runs are the engine's ([`Code`]).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum HostCode {
            $($variant,)+
        }

        impl HostCode {
            /// Every code.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the name.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the one-line meaning.
            pub(crate) const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)+ }
            }

            /// Returns what to do about it.
            pub(crate) const fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)+ }
            }

            /// Returns the exit code that goes with it.
            pub(crate) const fn exit(self) -> Exit {
                match self { $(Self::$variant => Exit::$exit,)+ }
            }
        }
    };
}

host_codes! {
    Usage = "CLI_USAGE", Usage, "The command line cannot be read.",
        "Read the usage line that is printed with the error, or `graphloom COMMAND --help`.";
    FileNotFound = "CLI_FILE_NOT_FOUND", NotFound, "There is no such file.",
        "Check the path, which is taken from the current directory; `-` reads standard input.";
    FileKind = "CLI_FILE_KIND", Invalid, "What stands there is not a file that can be read to its end.",
        "Give a regular file, or pipe into `-`.";
    FileDenied = "CLI_FILE_DENIED", Policy, "The file may not be read or written by this user.",
        "Change the file's permissions, or run as a user who may.";
    FileRead = "CLI_FILE_READ", Internal, "The file could not be read.",
        "The message has the system's reason.";
    FileWrite = "CLI_FILE_WRITE", Internal, "The file could not be written; it is as it was.",
        "The message has the system's reason.";
    FileChanged = "CLI_FILE_CHANGED", Conflict, "The file changed while it was being repaired; it was left alone.",
        "Run the command again.";
    NotNative = "CLI_NOT_NATIVE", Invalid, "The command is for graphs in format 1, and this is an AutoGPT graph.",
        "`graphloom graph convert FILE` writes it in format 1.";
    UnknownBlock = "CLI_UNKNOWN_BLOCK", NotFound, "There is no block of this id, UUID or class name.",
        "`graphloom blocks list` has all of them, `graphloom blocks search WORDS` finds by words.";
    UnknownExample = "CLI_UNKNOWN_EXAMPLE", NotFound, "The block has no such example.",
        "`graphloom blocks show ID` has its examples.";
    UnknownCode = "CLI_UNKNOWN_CODE", NotFound, "There is no error of this code.",
        "`graphloom schema errors` has all of them.";
    NoExport = "CLI_NO_EXPORT", Invalid, "The file is no export of a run, or a damaged one.",
        "`graphloom runs export RUN` writes one; docs/formats/journal.md describes it.";
    Preset = "CLI_PRESET", Invalid, "The file describes no block that could be added.",
        "The message has the places; docs/formats/preset.md says what stands in a preset. An id that a standard block has is taken.";
    TimeZone = "CLI_TIME_ZONE", Usage, "There is no time zone of this name.",
        "Give a name of the IANA database: `UTC`, `Europe/Paris`, `America/New_York`.";
    Models = "CLI_MODELS", Invalid, "The file of `--models` is none of providers and models.",
        "The message has what is wrong; docs/guides/language-models.md describes the file.";
    RunWaits = "CLI_RUN_WAITS", Waiting, "The run waits for an answer, and this command cannot give one.",
        "Keep the run with `--store DIR` and answer it with `graphloom answer`, or replace what waits: `--set NODE.PIN:=JSON`.";
    Credential = "CLI_CREDENTIAL", Policy, "A credential, or its key, cannot be had or kept.",
        "The message says which; docs/guides/credentials.md tells where they are kept.";
    CredentialExists = "CLI_CREDENTIAL_EXISTS", Conflict, "There is a credential of this name already.",
        "Give `--replace` to put another in its place, or choose another name.";
    UnknownCredential = "CLI_UNKNOWN_CREDENTIAL", NotFound, "There is no credential of this name.",
        "`graphloom credentials list` has all of them.";
    ServerAddress = "CLI_SERVER_ADDRESS", Policy, "The server's address will not do, or nothing may be sent there.",
        "Give `http://HOST:PORT` or `https://HOST`; a token goes to other machines by https only.";
    Unreachable = "CLI_SERVER_UNREACHABLE", Internal, "There is no connection to the server; nothing was sent.",
        "Look whether it runs and whether the address is right: `curl URL/health`.";
    ServerSilent = "CLI_SERVER_SILENT", Internal, "The connection to the server broke, or nothing came for too long.",
        "What was asked may have been done: look with `graphloom runs list --server URL` before you ask again.";
    ServerAnswer = "CLI_SERVER_ANSWER", Internal, "What answered is no server of Graphloom, or one of another version.",
        "Look what answers there: `curl URL/v1/version`.";
    ServerBusy = "CLI_SERVER_BUSY", Limit, "The server asked for peace.",
        "Wait as long as the message says, and ask again.";
    Token = "CLI_TOKEN", Policy, "The token for the server cannot be had, or others can read it.",
        "Put it into `GRAPHLOOM_TOKEN`, or into a file that only its owner may read (`chmod 600`) and give `--token-file FILE`.";
    Internal = "CLI_INTERNAL", Internal, "The program met a fault of its own.",
        "The message has the reason. Please report it.";
}

impl std::str::FromStr for HostCode {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        let known = |code: &&Self| code.as_str().eq_ignore_ascii_case(name);
        Self::ALL.iter().find(known).copied().ok_or(())
    }
}

impl fmt::Display for HostCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Returns the names of all errors: the engine's, then the host's own.
pub(crate) fn code_names() -> impl Iterator<Item = &'static str> {
    let engine = Code::ALL.iter().map(|code| code.as_str());
    engine.chain(HostCode::ALL.iter().map(|code| code.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_errors_are_unlike() {
        let mut names: Vec<&str> = code_names().collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
