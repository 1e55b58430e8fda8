//! From where requests are taken.

use crate::address::Cidr;
use crate::config::section::section;
use crate::cors::Origin;

section! {
    /// From where requests are taken.
    Access in "access." {
        /// The addresses and networks that requests are taken from; an empty list: from everywhere.
        allow_addresses: Vec<Cidr> = Vec::new();
        /// The proxies whose `X-Forwarded-For` is believed. Who asks is the right-most address there that is none of them.
        trusted_proxies: Vec<Cidr> = Vec::new();
        /// The origins whose pages may read answers in a browser (CORS), as `https://app.example.com`; an empty list: none.
        cors_origins: Vec<Origin> = Vec::new();
    }
}
