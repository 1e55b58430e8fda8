//! What holds for every type and value.

use proptest::prelude::*;

use crate::value::{Map, Value};

use super::super::{Field, Fit, PinType, fit};

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..3).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-3_i32..3).prop_map(|n| Value::Float(f64::from(n))),
        any::<f64>().prop_map(Value::Float),
        prop_oneof![
            "[a-c]?",
            "-?[0-9]{1,2}",
            Just("[1]".to_owned()),
            Just("{\"a\":1}".to_owned())
        ]
        .prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-c]", inner), 0..3)
                .prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

fn pin_type() -> impl Strategy<Value = PinType> {
    let leaf = prop_oneof![
        Just(PinType::Any),
        Just(PinType::Null),
        Just(PinType::Bool),
        Just(PinType::Integer),
        Just(PinType::Number),
        Just(PinType::Text),
        Just(PinType::Blob),
        prop::collection::vec(scalar(), 1..3).prop_map(PinType::one_of),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(PinType::list),
            inner.clone().prop_map(PinType::map),
            prop::collection::vec(inner.clone(), 1..3).prop_map(PinType::union),
            (
                prop::collection::btree_map("[a-c]", (inner, any::<bool>()), 0..3),
                any::<bool>()
            )
                .prop_map(|(fields, open)| {
                    let fields = fields
                        .into_iter()
                        .map(|(name, (ty, required))| Field::new(name, ty, required));
                    PinType::object(fields.collect(), open)
                }),
        ]
    })
}

/// Values of a type, where it has any that are easily made.
fn value_of(ty: &PinType) -> BoxedStrategy<Value> {
    match ty {
        PinType::Any => value().boxed(),
        PinType::Null => Just(Value::Null).boxed(),
        PinType::Bool => any::<bool>().prop_map(Value::from).boxed(),
        PinType::Integer => prop_oneof![
            any::<i64>().prop_map(Value::from),
            (-9_i32..9).prop_map(|n| Value::Float(n.into()))
        ]
        .boxed(),
        PinType::Number => prop_oneof![
            any::<i32>().prop_map(Value::from),
            any::<f64>().prop_map(Value::Float)
        ]
        .boxed(),
        PinType::Text => "[a-c0-9]{0,2}".prop_map(Value::from).boxed(),
        PinType::List(item) => prop::collection::vec(value_of(item), 0..3)
            .prop_map(Value::from)
            .boxed(),
        PinType::Map(ty) => prop::collection::vec(("[a-c]", value_of(ty)), 0..3)
            .prop_map(|entries| entries.into_iter().collect())
            .boxed(),
        PinType::Object(object) => {
            let mut map = if object.open {
                prop::collection::vec(("[a-d]", value()), 0..2)
                    .prop_map(Map::from_iter)
                    .boxed()
            } else {
                Just(Map::new()).boxed()
            };
            for field in &object.fields {
                let (name, required) = (field.name.clone(), field.required);
                map = (map, value_of(&field.ty), any::<bool>())
                    .prop_map(move |(mut map, value, there)| {
                        map.remove(&name);
                        if required || there {
                            map.insert(name.clone(), value);
                        }
                        map
                    })
                    .boxed();
            }
            map.prop_map(Value::from).boxed()
        }
        PinType::Enum(values) => prop::sample::select(values.to_vec()).boxed(),
        PinType::Union(members) => prop::strategy::Union::new(members.iter().map(value_of)).boxed(),
        PinType::Blob => Just(Value::from(crate::value::BlobRef::new("sha256:00", 1))).boxed(),
    }
}

fn typed() -> impl Strategy<Value = (PinType, Value)> {
    pin_type().prop_flat_map(|ty| (Just(ty.clone()), value_of(&ty)))
}

/// Equal, or an integer next to its nearest float.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        _ => a.loosely_eq(b) || a.as_f64().is_some_and(|float| Some(float) == b.as_f64()),
    }
}

proptest! {
    #[test]
    fn a_value_that_fits_keeps_its_value((ty, value) in typed()) {
        prop_assert!(ty.fits(&value), "{value} in {ty}");
        prop_assert!(ty.check(&value).is_ok());
        let strict = ty.coerce_strict(value.clone()).unwrap();
        prop_assert!(strict.loosely_eq(&value), "{strict}");
        prop_assert!(ty.fits(&strict), "{strict}");
        let lenient = ty.coerce_lenient(value.clone());
        prop_assert!(alike(&lenient, &value), "{lenient}");
        prop_assert!(ty.fits(&lenient), "{lenient}");
    }

    #[test]
    fn any_value_is_taken_or_refused((ty, value) in (pin_type(), value())) {
        prop_assert_eq!(ty.check(&value).is_ok(), ty.fits(&value));
        match ty.coerce_strict(value.clone()) {
            Ok(new) => {
                prop_assert!(ty.fits(&new) && new.loosely_eq(&value));
                prop_assert_eq!(ty.coerce_strict(new.clone()).unwrap(), new, "twice");
            }
            Err(mismatch) => prop_assert!(mismatch.found.chars().count() <= 60),
        }
        let new = ty.coerce_lenient(value);
        prop_assert_eq!(ty.coerce_lenient(new.clone()), new, "twice");
    }

    #[test]
    fn a_link_keeps_its_promise(((from, value), to) in (typed(), pin_type())) {
        let settled = from.coerce_strict(value.clone()).unwrap();
        match fit(&from, &to, false) {
            Fit::Always => prop_assert_eq!(to.coerce_strict(settled.clone()), Ok(settled), "always"),
            Fit::Never => prop_assert!(!to.fits(&value), "{value} of {from} never fits {to}"),
            Fit::Maybe => {}
        }
        let settled = from.coerce_lenient(value.clone());
        let converted = to.coerce_lenient(value.clone());
        match fit(&from, &to, true) {
            Fit::Always => {
                prop_assert!(to.fits(&converted));
                prop_assert_eq!(to.coerce_lenient(settled.clone()), settled, "always");
            }
            Fit::Never => prop_assert!(!to.fits(&converted), "{value} of {from} becomes {converted} in {to}"),
            Fit::Maybe => {}
        }
    }

    #[test]
    fn every_type_fits_itself_and_any(ty in pin_type()) {
        prop_assert_eq!(fit(&ty, &PinType::Any, false), Fit::Always);
        prop_assert_ne!(fit(&ty, &ty, false), Fit::Never);
        prop_assert!(fit(&ty, &ty, false) <= fit(&ty, &ty, true));
        prop_assert!(fit(&ty, &PinType::Any, true) >= fit(&ty, &ty, true));
    }
}
