//! Named values that outlive a run.

mod name;
mod store;

use crate::family::family;

pub use store::{KeyValue, KeyValueError, KeyValues, MemoryKeyValue};

family! {
    delete::Delete,
    get::Get,
    persist::Persist,
    put::Put,
    retrieve::Retrieve,
}
