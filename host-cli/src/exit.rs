//! Exit codes: frozen, printed by `schema exit-codes`.

use graphloom::{Code, Fault, Value};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything went well.
    Ok,
    /// A fault of the program or of the machine it runs on.
    Internal,
    /// The command line cannot be read.
    Usage,
    /// The graph or its inputs are faulty.
    Invalid,
    /// The run, or the block, failed.
    Failed,
    /// Something was not allowed, or a credential was missing.
    Policy,
    /// No such file, block or code.
    NotFound,
    /// What was to be changed is no longer as it was.
    Conflict,
    /// A time limit or another limit was reached.
    Limit,
    /// The run waits for an answer.
    Waiting,
    /// The run completed, and some nodes failed.
    NodeErrors,
    /// Stopped by SIGINT.
    Interrupted,
    /// Stopped by SIGTERM.
    Terminated,
}

impl Exit {
    /// Every way to end, by its code.
    pub(crate) const ALL: [Self; 13] = [
        Self::Ok,
        Self::Internal,
        Self::Usage,
        Self::Invalid,
        Self::Failed,
        Self::Policy,
        Self::NotFound,
        Self::Conflict,
        Self::Limit,
        Self::Waiting,
        Self::NodeErrors,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Returns the code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Failed => 4,
            Self::Policy => 5,
            Self::NotFound => 6,
            Self::Conflict => 7,
            Self::Limit => 8,
            Self::Waiting => 9,
            Self::NodeErrors => 10,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Returns a word for the code.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Invalid => "invalid",
            Self::Failed => "failed",
            Self::Policy => "policy",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Limit => "limit",
            Self::Waiting => "waiting",
            Self::NodeErrors => "node_errors",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }

    /// Returns what the code means, in one line.
    pub(crate) const fn summary(self) -> &'static str {
        match self {
            Self::Ok => "everything went well",
            Self::Internal => "a fault of the program, or the answer could not be written",
            Self::Usage => "the command line cannot be read",
            Self::Invalid => "the graph or its inputs are faulty: nothing ran",
            Self::Failed => "the run failed: a node did, and the policy lets that fail the run",
            Self::Policy => "something was not allowed, or a credential was missing",
            Self::NotFound => "no such file, block or code",
            Self::Conflict => "what was to be changed is no longer as it was",
            Self::Limit => "the run's time limit, or another limit of the run, was reached",
            Self::Waiting => "the run waits for an answer from outside",
            Self::NodeErrors => "the run completed, and some nodes failed",
            Self::Interrupted => "stopped by SIGINT; the outcome was printed",
            Self::Terminated => "stopped by SIGTERM; the outcome was printed",
        }
    }

    /// Tells how faults of a graph or its inputs end the program.
    pub(crate) fn of_faults(faults: &[Fault]) -> Self {
        let all = |test: fn(Code) -> bool| faults.iter().all(|fault| test(fault.code));
        match faults {
            [] => Self::Ok,
            _ if all(is_policy) => Self::Policy,
            _ if all(|code| code == Code::RunNoRuntime) => Self::Internal,
            _ => Self::Invalid,
        }
    }

    /// Tells how a run ends the program by its result, in the form that programs get, unless a signal stopped it.
    pub(crate) fn of_result(result: &Value) -> Self {
        let word = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(str::to_owned);
        let clean = result.get("node_errors").and_then(Value::as_u64) == Some(0);
        let failure = result.get("failure").and_then(|f| word(f, "code"));
        match (word(result, "status").as_deref(), failure) {
            (Some("waiting"), _) => Self::Waiting,
            (Some("completed"), _) if clean => Self::Ok,
            (Some("completed"), _) => Self::NodeErrors,
            // A server may have codes that this program does not know.
            (_, Some(code)) => code.parse().map_or(Self::Failed, Self::of_failure),
            (_, None) => Self::Failed,
        }
    }

    /// Tells how a server's refusal ends the program, by its HTTP status.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            400 | 406 | 413 | 415 | 422 | 431 => Self::Invalid,
            401 | 403 => Self::Policy,
            404 | 410 => Self::NotFound,
            409 | 412 | 428 => Self::Conflict,
            408 | 429 | 503 | 504 | 507 => Self::Limit,
            // What this program never asks for, and what the server itself got wrong.
            _ => Self::Internal,
        }
    }

    /// Tells how a failure ends the program.
    pub(crate) fn of_failure(code: Code) -> Self {
        match code {
            Code::RunTimeout
            | Code::RunCycleLimit
            | Code::RunQueueLimit
            | Code::RunBytesLimit
            | Code::RunEventsLimit
            | Code::RunDepthLimit => Self::Limit,
            Code::RunNoRuntime | Code::StoreBroken | Code::StoreFailed | Code::StoreFormat => {
                Self::Internal
            }
            Code::StoreUnknownRun => Self::NotFound,
            Code::StoreSequence
            | Code::StoreFenced
            | Code::StoreLeased
            | Code::StoreRunOver
            | Code::StoreRunExists
            | Code::StoreBusy
            | Code::RunChanged => Self::Conflict,
            Code::StoreFull | Code::BlockBudget => Self::Limit,
            // What was asked about is not there, or not written as it should be.
            Code::GraphUnknownNode | Code::GraphUnknownOutput | Code::GraphUnknownSubgraph => {
                Self::NotFound
            }
            Code::GraphReference | Code::StoreLabels => Self::Usage,
            Code::StoreReadOnly | Code::GraphBlockDisabled => Self::Policy,
            code if is_policy(code) => Self::Policy,
            _ => Self::Failed,
        }
    }
}

fn is_policy(code: Code) -> bool {
    matches!(
        code,
        Code::GrantBlock | Code::GrantCapability | Code::BlockRefused | Code::BlockCredential
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_frozen() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130, 143]);
    }

    #[test]
    fn every_limit_of_a_run_is_told_apart_from_a_failure() {
        for code in Code::ALL {
            let name = code.as_str();
            let limit = matches!(name, "RUN_TIMEOUT" | "STORE_FULL" | "BLOCK_BUDGET")
                || (name.starts_with("RUN_") && name.ends_with("_LIMIT"));
            assert_eq!(Exit::of_failure(*code) == Exit::Limit, limit, "{name}");
        }
    }
}
