//! Texts of names that come again and again: keys of structs and of documents.

use super::Text;

/// Remembers some of the names it has seen and gives the same text for the same name, which saves making it anew.
#[derive(Debug)]
pub(crate) struct Names([Option<Text>; PLACES]);

const PLACES: usize = 64;

/// Longer names are seldom keys, and comparing them would cost more than it saves.
const LONGEST: usize = 32;

impl Names {
    pub(crate) const fn new() -> Self {
        Self([const { None }; PLACES])
    }

    /// Returns the text of a name. Two names may want one place; the later one gets it.
    #[inline]
    pub(crate) fn get(&mut self, name: &str) -> Text {
        let place = self
            .0
            .get_mut(place(name))
            .filter(|_| name.len() <= LONGEST);
        let Some(place) = place else {
            return Text::from(name);
        };
        if let Some(text) = place
            && *text == *name
        {
            return text.clone();
        }
        place.insert(Text::from(name)).clone()
    }
}

/// Mixes the length with the first, middle and last bytes; names of one struct seldom agree in all.
fn place(name: &str) -> usize {
    let bytes = name.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().map_or(0, usize::from);
    let last = bytes.len().saturating_sub(1);
    let mixed = bytes.len() + byte(0) * 7 + byte(last / 2) * 31 + byte(last) * 13;
    mixed % PLACES
}
