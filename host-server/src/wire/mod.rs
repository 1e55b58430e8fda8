//! Requests and answers as they are written: apart from the engine's types, so that each can change by itself.

mod admin;
mod block;
mod callback;
mod credential;
mod delivery;
mod file;
mod graph;
mod hook_call;
mod key;
mod moment;
mod preset;
mod run;
mod schedule;
mod start;
mod target;
mod webhook;

pub use admin::{DrainBody, DrainView, ErasedView, LimitsView, TenantView};
pub use block::{BlockRunBody, BlockRunView, CoercionWord};
pub use callback::{CallbackBody, CallbackEvent, Hidden};
pub use credential::{
    ClientBody, CredentialBody, CredentialView, LoggedInView, LoginBody, LoginView,
};
pub use delivery::{AttemptView, CallbackSecretView, DeliveryState, DeliveryView};
pub use file::{ArtifactView, Bytes, FileView, PlaceView};
pub use graph::{GraphView, TagView, TagsBody, Validation, VersionView};
pub use hook_call::{HookAnswer, HookCallView, HookOutcome, TrialBody};
pub use key::{KeyBody, KeyView};
pub use moment::Moment;
pub use preset::{PresetBody, PresetView};
pub use run::{AnswerBody, CancelView, ReceiptLink, RunLinks, RunResult, RunView};
pub use schedule::{
    Misfire, Overlap, ScheduleBody, ScheduleError, ScheduleView, SkippedView, TimeView, TimesView,
};
pub use start::{InlineStart, Promise, RunStart};
pub use target::TargetBody;
pub use webhook::{
    KnownBy, PlaceBody, ProviderBody, ProviderKind, RotateBody, SignatureEncoding, WebhookBody,
    WebhookView,
};
