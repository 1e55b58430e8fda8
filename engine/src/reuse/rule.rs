//! Which blocks' results follow from their inputs alone.

use crate::block::{BlockInfo, Capability, Effect};

use super::MissReason;

/// Says why results of a block are not kept by content; `Ok`: they are.
///
/// Equal inputs must give equal outputs, and nothing may be missing where the block is not called. So a block counts that
/// is [`Effect::Pure`] and asks for nothing but [`Capability::Blobs`]: a blob is named by its content, so reading one gives
/// what its name says, and one that was written is looked for before a result that names it is taken. Every other
/// capability lets something in that the inputs do not tell, or has something happen beside the outputs: the time, the
/// run's seed, the web, a secret, a person's answer, what the host lends, other nodes and graphs of the run (whose own
/// firings are kept instead).
pub(super) fn by_content(info: &BlockInfo) -> Result<(), MissReason> {
    if info.effect != Effect::Pure {
        return Err(MissReason::NotPure);
    }
    let tells = |asked: &&Capability| **asked != Capability::Blobs;
    match info.capabilities.iter().find(tells) {
        Some(asked) => Err(MissReason::Asks(*asked)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_inputs_do_not_tell_is_not_kept() {
        const PURE: BlockInfo = BlockInfo::new("t.pure", 1, "Is pure.");
        assert_eq!(by_content(&PURE), Ok(()));
        for effect in [Effect::Idempotent, Effect::AtMostOnce] {
            assert_eq!(by_content(&PURE.effect(effect)), Err(MissReason::NotPure));
        }
        for asked in Capability::ALL {
            let one: &'static [Capability] = vec![Capability::Blobs, *asked].leak();
            let expected = match asked {
                Capability::Blobs => Ok(()),
                other => Err(MissReason::Asks(*other)),
            };
            assert_eq!(by_content(&PURE.capabilities(one)), expected);
        }
    }
}
