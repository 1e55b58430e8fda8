//! Room: which firings wait until what they feed has some, or until older firings are done.

use super::call::Place;
use super::core::Core;

/// How many emissions a firing that is not its node's oldest may hold.
const HELD: usize = 64;

impl Core {
    /// The waiting firing may go on: older firings are done with, or it holds little; and what it feeds has room.
    pub(super) fn may_go_on(&self, at: Place) -> bool {
        let Some(scope) = self.scopes.get(at.scope) else {
            return true;
        };
        if !scope.state.is_oldest(at.node, at.firing) {
            return scope.state.held(at.node, at.firing) < HELD;
        }
        !scope.state.is_blocked(scope.plan(), at.node)
    }

    pub(super) fn is_oldest(&self, at: Place) -> bool {
        let scope = self.scopes.get(at.scope);
        scope.is_none_or(|scope| scope.state.is_oldest(at.node, at.firing))
    }

    pub(super) fn widen(&mut self, scope: u32) {
        if let Some(scope) = self.scopes.get_mut(scope) {
            scope.state.pins.widen_shortest();
        }
    }

    pub(super) fn has_ready(&self) -> bool {
        self.scopes
            .iter()
            .any(|scope| !scope.state.ready.is_empty())
    }
}
