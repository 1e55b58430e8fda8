//! The pins of the blocks of the family `graph`.

graphloom::pins! {
    /// `graph.call`: Runs a sub-graph and emits its outputs.
    pub mod call: Call = "graph.call" {
        in {
            /// The name of the sub-graph to run.
            graph: String,
        }
        out {}
    }
}

pub use self::call::Call;
