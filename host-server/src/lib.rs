//! Graphloom over HTTP: graphs, runs, live events, schedules and webhooks.
//!
//! A thin host: every rule about graphs lives in the engine, the blocks or the backends. [`App`] has what the handlers
//! need, [`App::router`] is an axum router that a program can nest into its own or call without a socket;
//! [`serve`] puts it on a listener with limits of time, size and number, and [`command`] is the program
//! `graphloom-server`.
//!
//! What a request goes through: connection limits ([`serve`]), request id and problem documents (`layers`), who asks
//! ([`auth`], which makes a [`Principal`]), body and parameters ([`ask`]), a handler (`routes`), which gets its
//! [`Tenant`] from the principal by naming a scope, and an answer in the forms of [`wire`].

mod access;
mod address;
mod alarm;
mod answer;
mod app;
mod aside;
mod beside;
mod bounded;
mod brief;
mod callbacks;
mod cors;
mod drain;
mod etag;
mod files;
mod graphs;
mod handling;
mod ids;
mod layers;
mod lent;
mod live;
mod locked;
mod log;
mod logins;
mod metrics;
mod once;
mod openapi;
mod outside;
mod presets;
mod principal;
mod probe;
#[cfg(feature = "probes")]
mod probes;
mod quotas;
mod rate;
mod resource;
mod retention;
mod revise;
mod routes;
mod runs;
mod schedules;
mod sealing;
mod setup;
mod signals;
mod starting;
mod target;
mod tenants;
mod vault;
mod webhooks;

pub mod ask;
pub mod audit;
pub mod auth;
pub mod command;
pub mod config;
pub mod problem;
pub mod records;
pub mod serve;
pub mod trace;
pub mod wire;

pub use app::{App, AppBuilder, app};
pub use callbacks::CallbackOptions;
pub use cors::Origin;
pub use files::FileLimits;
pub use lent::ValueLimits;
pub use live::LiveOptions;
pub use logins::OAuthServices;
pub use principal::{Principal, Role, Scope, Scopes, Tenant};
pub use problem::{Problem, ServerCode};
pub use quotas::Quotas;
pub use retention::Retention;
pub use schedules::ScheduleOptions;
pub use vault::Vault;
pub use webhooks::WebhookOptions;
