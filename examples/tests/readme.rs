//! The program in the README is the example of the same name.

/// The lines of a program, however they are broken.
fn words(program: &str) -> String {
    let lines = program.lines().filter(|line| !line.starts_with("//!"));
    lines
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect()
}

#[test]
fn the_readme_shows_the_embedding_program() {
    let readme = include_str!("../../README.md");
    let shown = readme
        .split("```rust\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    assert_eq!(
        shown.map(words),
        Some(words(include_str!("../programs/embed.rs")))
    );
}
