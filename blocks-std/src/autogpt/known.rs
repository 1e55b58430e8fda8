//! The blocks of the AutoGPT Platform by id and name, so that a graph that uses one which is not here is told what it
//! is and what it needs.

use std::sync::LazyLock;

use graphloom::{KnownBlock, Registry};

/// A line `= what` says what the blocks after it need; each of these is a line `id name`.
const CATALOGUE: &str = include_str!("known.txt");

/// Makes AutoGPT's blocks known by name, and switches off those that must not be stood in for.
pub(crate) fn know(registry: &mut Registry) {
    registry.know(blocks);
    registry.disable(
        "f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c",
        "PrintToConsoleBlock is switched off in AutoGPT too, and a run has no console: link the value to an output",
    );
    registry.disable(
        "45e78db5-03e9-447f-9395-308d712f5f08",
        "BlockInstallationBlock is switched off in AutoGPT too, and a graph cannot install code: register the block in the program",
    );
}

fn blocks() -> &'static [KnownBlock] {
    static BLOCKS: LazyLock<Vec<KnownBlock>> = LazyLock::new(read);
    &BLOCKS
}

fn read() -> Vec<KnownBlock> {
    let mut needs = "";
    let mut blocks = Vec::with_capacity(CATALOGUE.len() / 64);
    for line in CATALOGUE.lines() {
        match line.split_once(' ') {
            Some(("=", what)) => needs = what,
            Some((uuid, name)) => blocks.push(KnownBlock { uuid, name, needs }),
            None => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn the_catalogue_is_whole() {
        let blocks = blocks();
        assert_eq!(blocks.len(), 538);
        let ids: HashSet<&str> = blocks.iter().map(|block| block.uuid).collect();
        let names: HashSet<&str> = blocks.iter().map(|block| block.name).collect();
        assert_eq!((ids.len(), names.len()), (538, 538));
        for block in blocks {
            let groups: Vec<usize> = block.uuid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{block:?}");
            // AutoGPT has one id with letters past f, so that hexadecimal digits would be too much to ask.
            assert!(
                block
                    .uuid
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{block:?}"
            );
            assert!(
                block.name.ends_with("Block") && !block.needs.is_empty(),
                "{block:?}"
            );
        }
    }

    #[test]
    fn aliases_are_in_the_catalogue_under_their_names() {
        let names: HashMap<&str, &str> = blocks()
            .iter()
            .map(|block| (block.uuid, block.name))
            .collect();
        let mut registry = Registry::new();
        crate::register(&mut registry).expect("the standard blocks can be registered");
        let aliases: Vec<_> = registry
            .iter()
            .filter_map(|entry| entry.info().alias)
            .collect();
        assert!(aliases.len() >= 20);
        for alias in aliases {
            assert_eq!(names.get(alias.uuid), Some(&alias.name), "{alias:?}");
        }
    }

    #[test]
    fn what_is_switched_off_says_why() {
        let mut registry = Registry::new();
        know(&mut registry);
        for (id, word) in [
            ("f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c", "console"),
            ("45e78db5-03e9-447f-9395-308d712f5f08", "install"),
        ] {
            let found = registry.find(id);
            assert!(
                matches!(found, graphloom::Lookup::Disabled(reason) if reason.contains(word)),
                "{found:?}"
            );
        }
    }
}
