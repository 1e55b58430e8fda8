//! The sections: a file each.

mod access;
mod audit;
mod auth;
mod connections;
mod jwt;
mod rate;
mod requests;
mod server;

pub use access::Access;
pub use audit::AuditFile;
pub use auth::Tokens;
pub use connections::Connections;
pub use jwt::Jwt;
pub use rate::Rate;
pub use requests::Requests;
pub use server::Server;
