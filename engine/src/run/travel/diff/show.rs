//! A difference in lines, for people.

use std::fmt;

use crate::event::Failure;
use crate::value::Text;

use super::{Change, CostDiff, FiringDiff, NodeChange, NodeDiff, OutputDiff, RunDiff};

impl fmt::Display for RunDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "the runs do not differ");
        }
        for change in &self.graphs {
            writeln!(f, "{change}")?;
        }
        if let Some(first) = &self.first {
            writeln!(f, "the first node that differs is {first}")?;
        }
        for node in &self.nodes {
            write!(f, "{node}")?;
        }
        for output in &self.outputs {
            writeln!(f, "{output}")?;
        }
        if let Some(status) = &self.status {
            writeln!(f, "status: {} -> {}", status.a, status.b)?;
        }
        if let Some(failure) = &self.failure {
            let told = |failure: &Option<Failure>| match failure {
                Some(failure) => failure.to_string(),
                None => "none".to_owned(),
            };
            writeln!(f, "failure: {} -> {}", told(&failure.a), told(&failure.b))?;
        }
        for cost in &self.costs {
            writeln!(f, "cost {cost}")?;
        }
        Ok(())
    }
}

impl fmt::Display for NodeChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("graph")?;
        if !self.graph.is_empty() {
            write!(f, " \"{}\"", self.graph)?;
        }
        match (self.node.as_str(), self.change) {
            ("", _) => {}
            (node, Change::Changed) => write!(f, ": node {node}")?,
            (node, change) => return write!(f, ": node {node} was {change}"),
        }
        let what: Vec<&str> = self.what.iter().map(Text::as_str).collect();
        write!(f, ": {}", what.join("; "))
    }
}

impl fmt::Display for NodeDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = &self.node;
        if self.order_only {
            writeln!(f, "{node}: the same firings in another order")?;
        }
        if let Some(firings) = &self.firings {
            writeln!(f, "{node}: {} firings -> {}", firings.a, firings.b)?;
        }
        if let Some(first) = self.first.as_ref().filter(|_| !self.order_only) {
            write!(f, "{first}")?;
        }
        for cost in &self.costs {
            writeln!(f, "{node}: cost {cost}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FiringDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.firing.a == self.firing.b {
            write!(f, "{}", self.firing.a)?;
        } else {
            write!(f, "{} / {}", self.firing.a, self.firing.b)?;
        }
        writeln!(f, ": {} -> {}", self.did.a, self.did.b)?;
        for told in &self.told {
            writeln!(f, "  {} -> {}", told.a, told.b)?;
        }
        Ok(())
    }
}

impl fmt::Display for OutputDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        if self.order_only {
            return write!(f, "output {name}: the same values in another order");
        }
        let told = |value: &Option<Text>| value.clone().unwrap_or_else(|| Text::from("nothing"));
        write!(
            f,
            "output {name}[{}]: {} -> {}",
            self.at,
            told(&self.value.a),
            told(&self.value.b)
        )?;
        if self.values.a != self.values.b {
            write!(f, " ({} values -> {})", self.values.a, self.values.b)?;
        }
        Ok(())
    }
}

impl fmt::Display for CostDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.unit, self.amount.a, self.amount.b)
    }
}
