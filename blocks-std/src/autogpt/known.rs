//! The blocks of the AutoGPT Platform by id and name, so that whoever uses one which is not here is told what it is, what
//! it needs and what stands in for it.

use std::sync::LazyLock;

use graphloom::{KnownBlock, Registry};

/// Its form stands at its head. Read when a block is missed or searched for; a program that has all it needs never does.
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
    let mut blocks = Vec::with_capacity(CATALOGUE.len() / 192);
    for line in CATALOGUE.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(what) => needs = what,
            None => blocks.extend(block(line, needs)),
        }
    }
    blocks
}

fn block(line: &'static str, needs: &'static str) -> Option<KnownBlock> {
    let mut fields = line.split('|');
    let block = KnownBlock::new(fields.next()?, fields.next()?, needs)
        .categories(fields.next()?)
        .stand_in(fields.next()?)
        .pins(fields.next()?, fields.next()?);
    fields.next().is_none().then_some(block)
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
    fn every_line_is_a_block_with_pins() {
        let words = [
            "any",
            "bool",
            "choice",
            "credential",
            "file",
            "integer",
            "list",
            "map",
            "null",
            "number",
            "object",
            "of",
            "or",
            "text",
        ];
        let lines = CATALOGUE.lines().filter(|line| line.contains('|'));
        // The head of the file shows the form.
        assert_eq!(lines.count(), blocks().len() + 1);
        for block in blocks() {
            assert!(block.inputs().count() > 0, "{block:?}");
            let mut outputs = block.outputs();
            // Its pins are those of the agent that it runs; the other gives the error that every block has.
            let has_none = outputs.next().is_none();
            assert!(!has_none || block.name == "AgentExecutorBlock", "{block:?}");
            for pin in block.inputs().chain(block.outputs()) {
                let name = pin
                    .name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_');
                assert!(name && !pin.name.is_empty(), "{block:?}: {pin}");
                let mut ty = pin
                    .ty
                    .split([' ', '(', ')'])
                    .filter(|word| !word.is_empty());
                assert!(ty.all(|word| words.contains(&word)), "{block:?}: {pin}");
            }
        }
    }

    #[test]
    fn stand_ins_are_here_and_what_they_stand_in_for_is_not() {
        let mut registry = Registry::new();
        crate::register(&mut registry).expect("the standard blocks can be registered");
        let lines = CATALOGUE.lines().filter(|line| !line.starts_with('#'));
        let named = lines.filter_map(|line| line.split('|').nth(3).filter(|id| !id.is_empty()));
        let absent = blocks()
            .iter()
            .filter(|block| registry.absent(block.uuid).is_some());
        let found = absent.filter(|block| registry.stand_in(block).is_some());
        assert_eq!(found.count(), named.count());
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
