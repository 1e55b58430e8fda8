//! The sections: a file each.

mod access;
mod audit;
mod auth;
mod blocks;
mod callbacks;
mod connections;
mod credentials;
mod egress;
mod files;
mod jwt;
mod live;
mod rate;
mod requests;
mod runs;
mod schedules;
mod server;
mod values;
mod webhooks;

pub use access::Access;
pub use audit::AuditFile;
pub use auth::Tokens;
pub use blocks::Blocks;
pub use callbacks::Callbacks;
pub use connections::Connections;
pub use credentials::Credentials;
pub use egress::Egress;
pub use files::FilesSection;
pub use jwt::Jwt;
pub use live::Live;
pub use rate::Rate;
pub use requests::Requests;
pub use runs::RunsSection;
pub use schedules::Schedules;
pub use server::Server;
pub use values::Values;
pub use webhooks::Webhooks;
