//! The pins of the blocks of the family `todoist`.

use graphloom::Value;

graphloom::pins! {
    /// `todoist.create_task`: Adds a task to Todoist.
    pub mod create_task: CreateTask = "todoist.create_task" {
        in {
            /// What to do.
            title: String,
            /// More about it.
            description: Option<String>,
            /// The project; the inbox, if it is not said.
            project: Option<String>,
            /// When, in words: `tomorrow at 12`.
            due: Option<String>,
            /// 1 to 4; 4 is the most urgent.
            priority: Option<i64>,
            /// Its labels.
            labels: Option<Vec<String>>,
            /// The name of the credential to use; `todoist` if none is named.
            credential: Value,
        }
        out {
            /// The task.
            id: String,
        }
    }
}

pub use self::create_task::CreateTask;
