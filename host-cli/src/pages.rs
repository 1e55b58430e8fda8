//! The pages of the errors, inside the program: `explain` works without a network and without the sources.

/// Returns the page of an error code, in Markdown.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    Some(match code {
        "BLOCK_BUG" => include_str!("../../docs/errors/BLOCK_BUG.md"),
        "BLOCK_BUDGET" => include_str!("../../docs/errors/BLOCK_BUDGET.md"),
        "BLOCK_CALL" => include_str!("../../docs/errors/BLOCK_CALL.md"),
        "BLOCK_CANCELLED" => include_str!("../../docs/errors/BLOCK_CANCELLED.md"),
        "BLOCK_CREDENTIAL" => include_str!("../../docs/errors/BLOCK_CREDENTIAL.md"),
        "BLOCK_DIVERGED" => include_str!("../../docs/errors/BLOCK_DIVERGED.md"),
        "BLOCK_FAILED" => include_str!("../../docs/errors/BLOCK_FAILED.md"),
        "BLOCK_INPUT" => include_str!("../../docs/errors/BLOCK_INPUT.md"),
        "BLOCK_IN_DOUBT" => include_str!("../../docs/errors/BLOCK_IN_DOUBT.md"),
        "BLOCK_REFUSED" => include_str!("../../docs/errors/BLOCK_REFUSED.md"),
        "BLOCK_TIMEOUT" => include_str!("../../docs/errors/BLOCK_TIMEOUT.md"),
        "GRANT_BLOCK" => include_str!("../../docs/errors/GRANT_BLOCK.md"),
        "GRANT_CAPABILITY" => include_str!("../../docs/errors/GRANT_CAPABILITY.md"),
        "GRAPH_BLOCK_CONFIG" => include_str!("../../docs/errors/GRAPH_BLOCK_CONFIG.md"),
        "GRAPH_BLOCK_DISABLED" => include_str!("../../docs/errors/GRAPH_BLOCK_DISABLED.md"),
        "GRAPH_BLOCK_VERSION" => include_str!("../../docs/errors/GRAPH_BLOCK_VERSION.md"),
        "GRAPH_CYCLE" => include_str!("../../docs/errors/GRAPH_CYCLE.md"),
        "GRAPH_FORMAT" => include_str!("../../docs/errors/GRAPH_FORMAT.md"),
        "GRAPH_FORMAT_MISSING" => include_str!("../../docs/errors/GRAPH_FORMAT_MISSING.md"),
        "GRAPH_GATHER_CYCLE" => include_str!("../../docs/errors/GRAPH_GATHER_CYCLE.md"),
        "GRAPH_INPUT_ENUM" => include_str!("../../docs/errors/GRAPH_INPUT_ENUM.md"),
        "GRAPH_INPUT_MISSING" => include_str!("../../docs/errors/GRAPH_INPUT_MISSING.md"),
        "GRAPH_INPUT_TYPE" => include_str!("../../docs/errors/GRAPH_INPUT_TYPE.md"),
        "GRAPH_IO_CONFLICT" => include_str!("../../docs/errors/GRAPH_IO_CONFLICT.md"),
        "GRAPH_IO_NAME" => include_str!("../../docs/errors/GRAPH_IO_NAME.md"),
        "GRAPH_LINK_CONFIG" => include_str!("../../docs/errors/GRAPH_LINK_CONFIG.md"),
        "GRAPH_LINK_DIRECTION" => include_str!("../../docs/errors/GRAPH_LINK_DIRECTION.md"),
        "GRAPH_LINK_DUPLICATE" => include_str!("../../docs/errors/GRAPH_LINK_DUPLICATE.md"),
        "GRAPH_LINK_PATH" => include_str!("../../docs/errors/GRAPH_LINK_PATH.md"),
        "GRAPH_LINK_TOGETHER" => include_str!("../../docs/errors/GRAPH_LINK_TOGETHER.md"),
        "GRAPH_LINK_TYPE" => include_str!("../../docs/errors/GRAPH_LINK_TYPE.md"),
        "GRAPH_MISSING_KEY" => include_str!("../../docs/errors/GRAPH_MISSING_KEY.md"),
        "GRAPH_NODE_DUPLICATE" => include_str!("../../docs/errors/GRAPH_NODE_DUPLICATE.md"),
        "GRAPH_NODE_ID" => include_str!("../../docs/errors/GRAPH_NODE_ID.md"),
        "GRAPH_NO_START" => include_str!("../../docs/errors/GRAPH_NO_START.md"),
        "GRAPH_PIN_NAME" => include_str!("../../docs/errors/GRAPH_PIN_NAME.md"),
        "GRAPH_REFERENCE" => include_str!("../../docs/errors/GRAPH_REFERENCE.md"),
        "GRAPH_RESERVED_KEY" => include_str!("../../docs/errors/GRAPH_RESERVED_KEY.md"),
        "GRAPH_SHAPE" => include_str!("../../docs/errors/GRAPH_SHAPE.md"),
        "GRAPH_SUBGRAPH_CYCLE" => include_str!("../../docs/errors/GRAPH_SUBGRAPH_CYCLE.md"),
        "GRAPH_TOOL_LINK" => include_str!("../../docs/errors/GRAPH_TOOL_LINK.md"),
        "GRAPH_UNKNOWN_BLOCK" => include_str!("../../docs/errors/GRAPH_UNKNOWN_BLOCK.md"),
        "GRAPH_UNKNOWN_INPUT" => include_str!("../../docs/errors/GRAPH_UNKNOWN_INPUT.md"),
        "GRAPH_UNKNOWN_KEY" => include_str!("../../docs/errors/GRAPH_UNKNOWN_KEY.md"),
        "GRAPH_UNKNOWN_NODE" => include_str!("../../docs/errors/GRAPH_UNKNOWN_NODE.md"),
        "GRAPH_UNKNOWN_OUTPUT" => include_str!("../../docs/errors/GRAPH_UNKNOWN_OUTPUT.md"),
        "GRAPH_UNKNOWN_SUBGRAPH" => include_str!("../../docs/errors/GRAPH_UNKNOWN_SUBGRAPH.md"),
        "GRAPH_VALUE_RANGE" => include_str!("../../docs/errors/GRAPH_VALUE_RANGE.md"),
        "GRAPH_VALUE_TYPE" => include_str!("../../docs/errors/GRAPH_VALUE_TYPE.md"),
        "INPUT_BYTES" => include_str!("../../docs/errors/INPUT_BYTES.md"),
        "INPUT_MISSING" => include_str!("../../docs/errors/INPUT_MISSING.md"),
        "INPUT_OVERRIDE" => include_str!("../../docs/errors/INPUT_OVERRIDE.md"),
        "INPUT_START" => include_str!("../../docs/errors/INPUT_START.md"),
        "INPUT_TYPE" => include_str!("../../docs/errors/INPUT_TYPE.md"),
        "INPUT_UNKNOWN" => include_str!("../../docs/errors/INPUT_UNKNOWN.md"),
        "JSON_DEPTH" => include_str!("../../docs/errors/JSON_DEPTH.md"),
        "JSON_DUPLICATE_KEY" => include_str!("../../docs/errors/JSON_DUPLICATE_KEY.md"),
        "JSON_EMPTY" => include_str!("../../docs/errors/JSON_EMPTY.md"),
        "JSON_ENCODING" => include_str!("../../docs/errors/JSON_ENCODING.md"),
        "JSON_NUMBER" => include_str!("../../docs/errors/JSON_NUMBER.md"),
        "JSON_SYNTAX" => include_str!("../../docs/errors/JSON_SYNTAX.md"),
        "JSON_TRAILING" => include_str!("../../docs/errors/JSON_TRAILING.md"),
        "LIMIT_DOCUMENT_BYTES" => include_str!("../../docs/errors/LIMIT_DOCUMENT_BYTES.md"),
        "LIMIT_LINKS" => include_str!("../../docs/errors/LIMIT_LINKS.md"),
        "LIMIT_NODES" => include_str!("../../docs/errors/LIMIT_NODES.md"),
        "LIMIT_SUBGRAPH_DEPTH" => include_str!("../../docs/errors/LIMIT_SUBGRAPH_DEPTH.md"),
        "LIMIT_TEXT_BYTES" => include_str!("../../docs/errors/LIMIT_TEXT_BYTES.md"),
        "PATCH_PATH" => include_str!("../../docs/errors/PATCH_PATH.md"),
        "PATCH_SYNTAX" => include_str!("../../docs/errors/PATCH_SYNTAX.md"),
        "PATCH_TEST" => include_str!("../../docs/errors/PATCH_TEST.md"),
        "README" => include_str!("../../docs/errors/README.md"),
        "RUN_BYTES_LIMIT" => include_str!("../../docs/errors/RUN_BYTES_LIMIT.md"),
        "RUN_CHANGED" => include_str!("../../docs/errors/RUN_CHANGED.md"),
        "RUN_CYCLE_LIMIT" => include_str!("../../docs/errors/RUN_CYCLE_LIMIT.md"),
        "RUN_DEPTH_LIMIT" => include_str!("../../docs/errors/RUN_DEPTH_LIMIT.md"),
        "RUN_EVENTS_LIMIT" => include_str!("../../docs/errors/RUN_EVENTS_LIMIT.md"),
        "RUN_NO_RUNTIME" => include_str!("../../docs/errors/RUN_NO_RUNTIME.md"),
        "RUN_QUEUE_LIMIT" => include_str!("../../docs/errors/RUN_QUEUE_LIMIT.md"),
        "RUN_REPLAY" => include_str!("../../docs/errors/RUN_REPLAY.md"),
        "RUN_TIMEOUT" => include_str!("../../docs/errors/RUN_TIMEOUT.md"),
        "RUN_VALUE_BYTES" => include_str!("../../docs/errors/RUN_VALUE_BYTES.md"),
        "RUN_VALUE_DEPTH" => include_str!("../../docs/errors/RUN_VALUE_DEPTH.md"),
        "STORE_BROKEN" => include_str!("../../docs/errors/STORE_BROKEN.md"),
        "STORE_BUSY" => include_str!("../../docs/errors/STORE_BUSY.md"),
        "STORE_FAILED" => include_str!("../../docs/errors/STORE_FAILED.md"),
        "STORE_FENCED" => include_str!("../../docs/errors/STORE_FENCED.md"),
        "STORE_FORMAT" => include_str!("../../docs/errors/STORE_FORMAT.md"),
        "STORE_FULL" => include_str!("../../docs/errors/STORE_FULL.md"),
        "STORE_LEASED" => include_str!("../../docs/errors/STORE_LEASED.md"),
        "STORE_READ_ONLY" => include_str!("../../docs/errors/STORE_READ_ONLY.md"),
        "STORE_RUN_EXISTS" => include_str!("../../docs/errors/STORE_RUN_EXISTS.md"),
        "STORE_RUN_OVER" => include_str!("../../docs/errors/STORE_RUN_OVER.md"),
        "STORE_SEQUENCE" => include_str!("../../docs/errors/STORE_SEQUENCE.md"),
        "STORE_UNKNOWN_RUN" => include_str!("../../docs/errors/STORE_UNKNOWN_RUN.md"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use graphloom::Code;

    #[test]
    fn every_code_has_its_page() {
        for code in Code::ALL {
            let name = code.as_str();
            let page = super::page(name).unwrap_or_default();
            assert!(
                page.starts_with(&format!("# {name}\n")),
                "{name} has no page, or another one"
            );
        }
    }
}
