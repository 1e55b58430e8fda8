//! The [`value!`](crate::value!) macro.

/// Makes a [`Value`](crate::value::Value) from a JSON-like literal. Keys are literals, names of variables, or expressions in
/// parentheses; values may be any expression that converts into a `Value`.
///
/// # Examples
///
/// ```
/// let name = "Ada";
/// let value = graphloom::value!({ "name": name, "tags": ["a", null, 1.5], "nested": { "ok": true } });
/// assert_eq!(value.to_string(), r#"{"name":"Ada","tags":["a",null,1.5],"nested":{"ok":true}}"#);
/// ```
#[macro_export]
macro_rules! value {
    // Items of a list: those done stand in the first bracket.
    (@list [$($done:expr),*]) => {
        $crate::value::Value::List($crate::value::List::from(::std::vec::Vec::<$crate::value::Value>::from([$($done),*])))
    };
    (@list [$($done:expr),*] null $(, $($rest:tt)*)?) => {
        $crate::value!(@list [$($done,)* $crate::value::Value::Null] $($($rest)*)?)
    };
    (@list [$($done:expr),*] [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $crate::value!(@list [$($done,)* $crate::value!([$($inner)*])] $($($rest)*)?)
    };
    (@list [$($done:expr),*] {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $crate::value!(@list [$($done,)* $crate::value!({$($inner)*})] $($($rest)*)?)
    };
    (@list [$($done:expr),*] $next:expr $(, $($rest:tt)*)?) => {
        $crate::value!(@list [$($done,)* $crate::value::Value::from($next)] $($($rest)*)?)
    };
    // Entries of a map, likewise.
    (@map [$($done:expr),*]) => {
        $crate::value::Value::Map(<$crate::value::Map as ::std::iter::FromIterator<
            ($crate::value::Text, $crate::value::Value),
        >>::from_iter([$($done),*]))
    };
    (@map [$($done:expr),*] $key:tt : null $(, $($rest:tt)*)?) => {
        $crate::value!(@map [$($done,)* ($crate::value::Text::from($key), $crate::value::Value::Null)] $($($rest)*)?)
    };
    (@map [$($done:expr),*] $key:tt : [$($inner:tt)*] $(, $($rest:tt)*)?) => {
        $crate::value!(@map [$($done,)* ($crate::value::Text::from($key), $crate::value!([$($inner)*]))] $($($rest)*)?)
    };
    (@map [$($done:expr),*] $key:tt : {$($inner:tt)*} $(, $($rest:tt)*)?) => {
        $crate::value!(@map [$($done,)* ($crate::value::Text::from($key), $crate::value!({$($inner)*}))] $($($rest)*)?)
    };
    (@map [$($done:expr),*] $key:tt : $next:expr $(, $($rest:tt)*)?) => {
        $crate::value!(@map [$($done,)* ($crate::value::Text::from($key), $crate::value::Value::from($next))] $($($rest)*)?)
    };
    // What the caller writes.
    (null) => { $crate::value::Value::Null };
    ([$($inner:tt)*]) => { $crate::value!(@list [] $($inner)*) };
    ({$($inner:tt)*}) => { $crate::value!(@map [] $($inner)*) };
    ($value:expr) => { $crate::value::Value::from($value) };
}
