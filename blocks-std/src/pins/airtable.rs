//! The pins of the blocks of the family `airtable`.

use graphloom::Value;

graphloom::pins! {
    /// `airtable.create_record`: Adds a record to an Airtable table.
    pub mod create_record: CreateRecord = "airtable.create_record" {
        in {
            /// The base, as `app…`.
            base: String,
            /// The table: its name or id.
            table: String,
            /// Its values, by the names of the fields.
            fields: graphloom::value::Map,
            /// Makes values fit their fields where it can.
            typecast: Option<bool>,
            /// The name of the credential to use; `airtable` if none is named.
            credential: Value,
        }
        out {
            /// The record.
            id: String,
        }
    }

    /// `airtable.list_records`: Returns records of an Airtable table.
    pub mod list_records: ListRecords = "airtable.list_records" {
        in {
            /// The base, as `app…`.
            base: String,
            /// The table: its name or id.
            table: String,
            /// At most so many, 1 to 100.
            limit: Option<i64>,
            /// Only those of this view, in its order.
            view: Option<String>,
            /// Only those for which this formula holds.
            formula: Option<String>,
            /// Go on here.
            offset: Option<String>,
            /// The name of the credential to use; `airtable` if none is named.
            credential: Value,
        }
        out {
            /// The records: `id` and `fields`.
            records: Vec<graphloom::value::Map>,
            /// Each of them.
            record: graphloom::value::Map,
            /// Where the next ones begin, if there are any.
            offset: String,
        }
    }
}

pub use self::create_record::CreateRecord;
pub use self::list_records::ListRecords;
