//! Whole numbers of 64 bits end where they are signed: no reader of JSON can be counted on to tell larger ones apart, and
//! the server takes none.

use utoipa::Number;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems, KnownFormat, SchemaFormat};
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// Says of every such number in the description how large it may be.
pub(super) fn bound(all: &mut OpenApi) {
    for item in all.paths.paths.values_mut() {
        for (_, operation) in super::operations(item) {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    parameter.schema.iter_mut().for_each(schema);
                }
            }
        }
    }
    if let Some(components) = &mut all.components {
        components.schemas.values_mut().for_each(schema);
    }
}

fn schema(of: &mut RefOr<Schema>) {
    let RefOr::T(found) = of else { return };
    match found {
        Schema::Object(object) => {
            let long = SchemaFormat::KnownFormat(KnownFormat::Int64);
            if object.format == Some(long) && object.maximum.is_none() {
                object.maximum = Some(Number::Int(isize::MAX));
            }
            object.properties.values_mut().for_each(schema);
            if let Some(AdditionalProperties::RefOr(more)) =
                object.additional_properties.as_deref_mut()
            {
                schema(more);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(item) = &mut array.items {
                schema(item);
            }
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(schema),
        Schema::AllOf(all) => all.items.iter_mut().for_each(schema),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(schema),
        _ => {}
    }
}
