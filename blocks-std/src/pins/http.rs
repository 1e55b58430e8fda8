//! The pins of the blocks of the family `http`.

use graphloom::Value;

graphloom::pins! {
    /// `http.get`: Gets what stands at an address (GET).
    pub mod get: Get = "http.get" {
        in {
            /// The address, `http` or `https`.
            url: String,
            /// Header lines by name; a value may be a secret.
            headers: graphloom::value::Map,
            /// What is added to the address by name, escaped; a list gives its name several times.
            query: graphloom::value::Map,
            /// The credential to show: its name.
            credential: Value,
            /// How the credential is shown.
            auth: String,
            /// The name of the header, or in the query, that the credential stands under.
            auth_name: Option<String>,
            /// How long it may take, in milliseconds; the host's limit holds too.
            timeout_ms: Option<i64>,
            /// How many bytes the answer may have.
            max_bytes: i64,
            /// Whether redirects are followed, as far as the host does.
            follow_redirects: bool,
            /// As what the answer is read.
            read_as: String,
            /// Whether an answer of any status will do; else one that is not of success is an error.
            any_status: bool,
        }
        out {
            /// The answer.
            response: graphloom::value::Map,
        }
    }

    /// `http.request`: Sends a web request of any method.
    pub mod request: Request = "http.request" {
        in {
            /// The address, `http` or `https`.
            url: String,
            /// The method.
            method: String,
            /// Header lines by name; a value may be a secret.
            headers: graphloom::value::Map,
            /// What is added to the address by name, escaped; a list gives its name several times.
            query: graphloom::value::Map,
            /// What is sent: a map or list as JSON, a text as it stands, a blob as its bytes.
            body: Value,
            /// As what the body is written.
            body_as: String,
            /// The credential to show: its name.
            credential: Value,
            /// How the credential is shown.
            auth: String,
            /// The name of the header, or in the query, that the credential stands under.
            auth_name: Option<String>,
            /// How long it may take, in milliseconds; the host's limit holds too.
            timeout_ms: Option<i64>,
            /// How many bytes the answer may have.
            max_bytes: i64,
            /// Whether redirects are followed, as far as the host does.
            follow_redirects: bool,
            /// As what the answer is read.
            read_as: String,
            /// Whether an answer of any status will do; else one that is not of success is an error.
            any_status: bool,
            /// Sends a header `Idempotency-Key`, the same for all attempts at a firing. Only for a service that knows it, and acts
            /// once for each key: the request is repeated then where it would not be otherwise.
            idempotency: bool,
        }
        out {
            /// The answer.
            response: graphloom::value::Map,
        }
    }
}

pub use self::get::Get;
pub use self::request::Request;
