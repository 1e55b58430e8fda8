//! The form of `traceparent`: <https://www.w3.org/TR/trace-context/#traceparent-header>.

use std::fmt;
use std::str::FromStr;

use crate::ids::draw;

/// A place in a trace: which trace, which span, and whether whoever began it collects it.
///
/// Reads and writes as `traceparent` has it: `00-TRACE-SPAN-FLAGS`, in hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceContext {
    /// The id of the trace; never 0.
    pub trace: u128,
    /// The id of the span; never 0.
    pub span: u64,
    /// Whether the trace is collected.
    pub sampled: bool,
}

impl TraceContext {
    /// Returns a place; `None` where one of the ids is 0, which stands for none.
    #[must_use]
    pub fn new(trace: u128, span: u64, sampled: bool) -> Option<Self> {
        (trace != 0 && span != 0).then_some(Self {
            trace,
            span,
            sampled,
        })
    }

    /// Returns a new span of this trace.
    pub(crate) fn child(self) -> Self {
        let span = draw().max(1);
        Self { span, ..self }
    }

    /// Returns the first span of a new trace.
    pub(crate) fn root() -> Self {
        Self {
            trace: (u128::from(draw()) << 64 | u128::from(draw())).max(1),
            span: draw().max(1),
            sampled: false,
        }
    }

    /// Returns the id of the trace as it is written: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.sampled);
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.trace, self.span)
    }
}

/// It is no `traceparent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no traceparent: expected 00-TRACE-SPAN-FLAGS in lower-case hexadecimal digits")]
pub struct TraceContextError;

/// Returns a number that has exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u128> {
    let fits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if text.len() != digits || !text.bytes().all(fits) {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

impl FromStr for TraceContext {
    type Err = TraceContextError;

    fn from_str(text: &str) -> Result<Self, TraceContextError> {
        let mut parts = text.trim().split('-');
        let mut next = |digits| {
            let part = parts.next().ok_or(TraceContextError)?;
            number(part, digits).ok_or(TraceContextError)
        };
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        // A later version may have more behind it.
        if version == 0xff || version == 0 && parts.next().is_some() {
            return Err(TraceContextError);
        }
        let span = u64::try_from(span).map_err(|_| TraceContextError)?;
        Self::new(trace, span, flags & 1 == 1).ok_or(TraceContextError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        ] {
            let read: TraceContext = text.parse().expect("a traceparent");
            assert_eq!(read.to_string(), text);
        }
        // A later version, with flags that are not known here.
        let later =
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-what-the-future-brings";
        let read: TraceContext = later.parse().expect("a traceparent");
        assert!(read.sampled);
    }

    #[test]
    fn what_is_none_is_refused() {
        for bad in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(bad.parse::<TraceContext>(), Err(TraceContextError), "{bad}");
        }
    }
}
