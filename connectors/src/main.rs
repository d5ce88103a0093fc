//! The `clockstop` command.
fn main() {}
