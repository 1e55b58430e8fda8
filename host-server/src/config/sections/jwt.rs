//! Tokens of an issuer.

use std::path::PathBuf;

use graphloom::Text;

use crate::config::section::section;

section! {
    /// Tokens of an issuer (JWT). What they are signed with is told by exactly one of the first five settings.
    Jwt in "auth.jwt." {
        /// The file of a secret of at least 32 bytes, shared with the issuer: HS256.
        secret_file: Option<PathBuf> = None;
        /// The name of the variable that has such a secret.
        secret_variable: Option<Text> = None;
        /// The file of the issuer's public key (PEM): RS256, ES256 or EdDSA, as the key is.
        public_key_file: Option<PathBuf> = None;
        /// The file of the issuer's public keys (JWKS).
        jwks_file: Option<PathBuf> = None;
        /// Where the issuer's public keys are fetched (JWKS): https, or http of this machine.
        jwks_url: Option<Text> = None;
        /// How long fetched keys are used before they are fetched again, in seconds.
        jwks_max_age_s: u64 = 3_600, 60..=86_400;
        /// What tokens have to have as `iss`.
        issuer: Option<Text> = None;
        /// What tokens have to have as `aud`, alone or among others.
        audience: Option<Text> = None;
        /// How far the clocks of issuer and server may be apart, in seconds.
        leeway_s: u64 = 30, 0..=300;
        /// The claim that names the tenant.
        tenant_claim: Text = Text::from("sub");
        /// What tokens give at most, whatever they say: names of scopes and roles.
        max_scopes: Vec<Text> = vec![Text::from("owner")];
    }
}

impl Jwt {
    /// Says whether tokens of an issuer are taken: anything is said of what they are signed with.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.secret_file.is_some()
            || self.secret_variable.is_some()
            || self.public_key_file.is_some()
            || self.jwks_file.is_some()
            || self.jwks_url.is_some()
    }
}
