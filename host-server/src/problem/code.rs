//! The server's own error codes; those of documents and runs are the engine's.

macro_rules! server_codes {
    ($($variant:ident = $name:literal, $status:literal, $title:literal, $mend:literal;)+) => {
        /// The stable names of the server's own errors.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ServerCode {
            $(#[doc = concat!("`", $name, "`: ", $title, ".")] $variant,)+
        }

        impl ServerCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns the name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Returns the HTTP status that it is answered with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ }
            }

            /// Returns what it means, in one line.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// Returns how to mend it.
            #[must_use]
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)+ }
            }
        }
    };
}

server_codes! {
    AuthMissing = "AUTH_MISSING", 401, "the request does not say who asks",
        "send `Authorization: Bearer TOKEN`, once; a token in the address is never taken";
    AuthInvalid = "AUTH_INVALID", 401, "the token is not one that this server takes",
        "ask for a new token; the log of the server says what was wrong with this one";
    AuthExpired = "AUTH_EXPIRED", 401, "the token has ended",
        "ask for a new token";
    AuthScope = "AUTH_SCOPE", 403, "the token does not allow this",
        "use a token with the scope that the message names";
    AuthRisk = "AUTH_RISK", 403, "a rule of this server does not let this be done",
        "ask the operator: the audit log says which rule it was, by the id of the request";
    AuthAddress = "AUTH_ADDRESS", 403, "requests from this address are not taken",
        "ask the operator to add the address to `access.allow_addresses`";
    Origin = "HTTP_ORIGIN", 403, "pages of this origin may not open a connection here",
        "ask the operator to add the origin to `live.origins`";
    NotFound = "HTTP_NOT_FOUND", 404, "there is nothing here",
        "look at the id; what belongs to another tenant is not there either";
    Method = "HTTP_METHOD", 405, "this method does nothing here",
        "the header `Allow` names those that do";
    NotAcceptable = "HTTP_ACCEPT", 406, "this is not to be had in the form that was asked for",
        "ask for one of the media types that the message names";
    Conflict = "HTTP_CONFLICT", 409, "the state of the resource does not allow this",
        "fetch it again and look at its state";
    Precondition = "HTTP_PRECONDITION", 412, "the resource is not as the request takes it to be",
        "fetch it, look at what has changed (`diff`), and send the change again with the new ETag";
    Upgrade = "HTTP_UPGRADE", 426, "this is spoken over a WebSocket connection",
        "open one here: `Upgrade: websocket`, version 13";
    PreconditionRequired = "HTTP_PRECONDITION_REQUIRED", 428, "the request does not say which version it means",
        "send `If-Match` with the ETag that the resource had when you fetched it";
    BodySize = "HTTP_BODY_SIZE", 413, "the body is too large",
        "send less; the message names the limit";
    Range = "HTTP_RANGE", 416, "the part that is asked for is not there",
        "look at `Content-Range`, which has how many bytes there are";
    MediaType = "HTTP_MEDIA_TYPE", 415, "the body is of a type that is not taken here",
        "send the media type that the message names, in UTF-8, without content encoding";
    Body = "HTTP_BODY", 422, "the body can be read, and does not fit",
        "each entry of `errors` has the place (`pointer`) and what would do";
    Parameter = "HTTP_PARAMETER", 400, "a parameter cannot be read",
        "look at the name and the value that the message names";
    Cursor = "HTTP_CURSOR", 400, "the cursor is not one of this list",
        "begin the list anew, without a cursor";
    OAuthState = "OAUTH_STATE", 404, "the login was not begun here, or is over",
        "begin another login: each is good once, and for ten minutes";
    OAuthDenied = "OAUTH_DENIED", 403, "the person or the service said no to the login",
        "begin another login, and agree to what the service asks";
    OAuthService = "OAUTH_SERVICE", 409, "the service gives no token for the login",
        "look at what the service says: the client, its secret, or the address to come back to may not be as registered";
    HookProof = "HOOK_PROOF", 401, "the request is not proven to be of whom the webhook takes requests",
        "look at the secret and at what is signed; whoever has made the webhook sees why in its deliveries";
    HookTarget = "HOOK_TARGET", 422, "no run could be started with what the request brings",
        "whoever has made the webhook sees why in its deliveries";
    Idempotency = "HTTP_IDEMPOTENCY", 422, "the idempotency key was used with another request",
        "a key names one request: draw a new one for another";
    RateLimit = "HTTP_RATE_LIMIT", 429, "too many requests",
        "wait as long as `Retry-After` says";
    TooMany = "HTTP_TOO_MANY", 429, "there are too many of these already",
        "wait until some have ended, or delete some; the message names the limit";
    RunSize = "HTTP_RUN_SIZE", 422, "the run is too long for this",
        "look at it by pages of its events, or export it and use the command line";
    Headers = "HTTP_HEADERS", 431, "the head of the request is too large",
        "send fewer and shorter header lines";
    Request = "HTTP_REQUEST", 400, "the request is not HTTP as it is to be",
        "look at the message; a body is as long as its head says";
    Timeout = "HTTP_TIMEOUT", 408, "the request took too long to arrive",
        "send it without pauses";
    Internal = "HTTP_INTERNAL", 500, "the server failed",
        "the log of the server has the same `trace_id`";
    Draining = "HTTP_DRAINING", 503, "the server is about to stop and begins nothing new",
        "ask again after `Retry-After`";
    Full = "HTTP_FULL", 503, "the server has as much to do as it may",
        "ask again after `Retry-After`; the operator may raise the limit that the message names";
    Slow = "HTTP_SLOW", 503, "the answer took longer than the server allows",
        "ask again later, or for less; a long run is started without waiting for it";
    Unavailable = "HTTP_UNAVAILABLE", 503, "something that this takes is not there",
        "the message names it; ask the operator";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_alike_and_stand_once() {
        let mut names: Vec<&str> = ServerCode::ALL.iter().map(|code| code.as_str()).collect();
        for name in &names {
            let fits = |b: u8| b.is_ascii_uppercase() || b == b'_';
            assert!(name.bytes().all(fits), "{name}");
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
