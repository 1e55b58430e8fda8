//! The secrets of webhooks: checked, drawn, sealed; and the texts in their addresses.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graphloom::Text;
use graphloom::host::Secret;
use sha2::{Digest, Sha256};

use super::prove::hex;
use crate::callbacks::sign;
use crate::ids::random;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::sealing::About;
use crate::wire::ProviderKind;

/// How many characters a secret has.
const CHARS: std::ops::RangeInclusive<usize> = 16..=1_024;

/// What the secret of a webhook is sealed for.
pub(super) fn about<'a>(tenant: &'a Tenant, id: &'a str) -> About<'a> {
    let of = "webhook";
    About { tenant, of, id }
}

/// What its address is sealed for.
pub(super) fn about_address<'a>(tenant: &'a Tenant, id: &'a str) -> About<'a> {
    let of = "webhook_address";
    About { tenant, of, id }
}

/// Refuses what cannot be the secret of such a webhook: above all one that is empty, or can be guessed.
///
/// # Errors
/// What would do.
pub(super) fn check(kind: ProviderKind, secret: &Secret) -> Result<(), &'static str> {
    let text = secret.expose();
    if kind == ProviderKind::Unsigned {
        return Err("one that is unsigned has no secret");
    }
    if kind == ProviderKind::Standard {
        return sign::key(secret).map(drop);
    }
    if !CHARS.contains(&text.chars().count()) || text.chars().any(char::is_control) {
        return Err("a secret has 16 to 1024 characters, none of them a control character");
    }
    if text.trim() != text {
        return Err("a secret neither begins nor ends with a blank");
    }
    Ok(())
}

/// Draws one; `None`: the provider does.
pub(super) fn draw(kind: ProviderKind) -> Result<Option<Secret>, Problem> {
    Ok(match kind {
        ProviderKind::Standard => Some(sign::draw()?),
        ProviderKind::Stripe | ProviderKind::Slack | ProviderKind::Unsigned => None,
        _ => {
            let bytes: [u8; 32] = random()?;
            Some(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
        }
    })
}

/// Draws the text of an address: 192 bits that nobody can guess.
pub(super) fn draw_address() -> Result<Secret, Problem> {
    let bytes: [u8; 24] = random()?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// Returns what the text of an address is found by. Whoever has the records has no address, and the time that a look-up takes
/// tells nothing of one.
pub(super) fn address_hash(text: &str) -> Text {
    Text::from(hex(&Sha256::digest(text)))
}
