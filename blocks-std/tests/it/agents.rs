//! Real AutoGPT agents: every block that is missing is named by AutoGPT's name, all at once, with what to do.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use graphloom::{Code, Value};

use crate::support::{engine, json, shared, shared_files};

#[test]
fn every_missing_block_is_named_at_once() {
    let mut agents = 0;
    for (name, bytes) in shared_files("autogpt-agents", "json") {
        agents += 1;
        let engine = engine();
        let diagnosis = engine.diagnose(&bytes);
        // What the document uses and the registry does not have, counted from the document itself.
        let document = json(&bytes);
        let mut missing: BTreeMap<String, usize> = BTreeMap::new();
        let mut count = |graph: &Value| {
            for node in graph
                .get("nodes")
                .and_then(Value::as_list)
                .into_iter()
                .flat_map(|nodes| nodes.iter())
            {
                let block = node
                    .get("block_id")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                if engine.registry().get(block).is_none() {
                    *missing.entry(block.to_owned()).or_default() += 1;
                }
            }
        };
        count(&document);
        document
            .get("sub_graphs")
            .and_then(Value::as_list)
            .into_iter()
            .flat_map(|list| list.iter())
            .for_each(&mut count);
        let named: Vec<_> = diagnosis
            .faults
            .iter()
            .filter(|fault| fault.code == Code::GraphUnknownBlock)
            .collect();
        assert_eq!(
            named.len(),
            missing.values().sum::<usize>(),
            "{name}: one fault a node whose block is missing"
        );
        for fault in named {
            let known = engine
                .registry()
                .known()
                .find(|known| fault.message.contains(known.uuid));
            let known = known.unwrap_or_else(|| panic!("{name}: {fault}"));
            assert!(fault.message.contains(known.name), "{fault}");
            assert!(missing.contains_key(known.uuid), "{fault}");
            assert!(
                fault.line.is_some() && fault.expected.is_some(),
                "{name}: {fault}"
            );
        }
        assert_eq!(diagnosis.plan.is_some(), diagnosis.faults.is_empty());
        // Beside what needs something outside, only agents that are not in the file, and one template with the pins that
        // a block had in an older version.
        let others = diagnosis.faults.iter().map(|fault| fault.code);
        let others = others.filter(|code| *code != Code::GraphUnknownBlock);
        let others: Vec<Code> = others.collect();
        let expected: &[Code] = match Path::new(&name).file_name().and_then(OsStr::to_str) {
            Some("agent_00fdd42c-a14c-4d19-a567-65374ea0e87f.json") => {
                &[Code::GraphUnknownSubgraph; 2]
            }
            Some("template_Discord_Bot_Chat_To_LLM_v5.json") => &[
                Code::GraphUnknownInput,
                Code::GraphInputMissing,
                Code::GraphUnknownInput,
            ],
            _ => &[],
        };
        let sorted = |codes: &[Code]| {
            let mut codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
            codes.sort_unstable();
            codes.join(" ")
        };
        assert_eq!(sorted(&others), sorted(expected), "{name}");
    }
    if agents == 0 {
        assert!(
            shared("autogpt-agents/calculator-agent.json").is_none(),
            "the folder is there, and empty"
        );
    }
}

#[tokio::test]
async fn the_calculator_agent_runs_unchanged() {
    let Some(bytes) = shared("autogpt-agents/calculator-agent.json") else {
        return;
    };
    let engine = engine();
    let plan = engine.load(&bytes).unwrap();
    let outcome = engine
        .run(&plan, graphloom::RunOptions::new().input("Input", 12))
        .await
        .unwrap();
    assert_eq!(outcome.output("Output"), [Value::from(46.0)]);
    assert!(outcome.is_ok());
}
