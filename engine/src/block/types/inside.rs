//! What is inside a type: where a path may go, and what it finds there.

use crate::value::{Path, Step};

use super::PinType;

impl PinType {
    /// Whether a path may go into a value of this type.
    ///
    /// Under the lenient policy an index step written into a text is legal as well, since it makes a list of the
    /// text's characters; that is the caller's to allow.
    #[must_use]
    pub fn has_inside(&self) -> bool {
        match self {
            Self::Any | Self::List(_) | Self::Map(_) | Self::Object(_) => true,
            Self::Enum(values) => values
                .iter()
                .any(|value| value.as_list().is_some() || value.as_map().is_some()),
            Self::Union(members) => members.iter().any(Self::has_inside),
            _ => false,
        }
    }

    /// Returns the type of what a path finds inside a value of this type, or `None` where it can find nothing in any
    /// value. Finding nothing in some values (an index past the end, an optional key) is not told apart.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<Self> {
        path.steps()
            .iter()
            .try_fold(self.clone(), |ty, step| ty.step(step))
    }

    fn step(&self, step: &Step) -> Option<Self> {
        match (self, step) {
            (Self::Any, _) => Some(Self::Any),
            (Self::List(item), Step::Index(_)) => Some((**item).clone()),
            (Self::Map(value), Step::Key(_)) => Some((**value).clone()),
            (Self::Object(object), Step::Key(key)) => match object.field(key.as_str()) {
                Some(field) => Some(field.ty.clone()),
                None => object.open.then_some(Self::Any),
            },
            // Rare enough to leave to the firing.
            (Self::Enum(_), _) => self.has_inside().then_some(Self::Any),
            (Self::Union(members), _) => {
                let mut found = members
                    .iter()
                    .filter_map(|member| member.step(step))
                    .peekable();
                found.peek().is_some().then(|| Self::union(found))
            }
            _ => None,
        }
    }
}
