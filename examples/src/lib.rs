//! Programs and graphs that show Graphloom, in `programs/` and `graphs/`. What the documentation shows is compiled and
//! run as a test.

#[cfg(doctest)]
#[doc = include_str!("../../docs/guides/write-a-block.md")]
struct WriteABlock;

#[cfg(doctest)]
#[doc = include_str!("../../docs/guides/time-travel.md")]
struct TimeTravel;
