//! Turns `routes.wsr` into the code that `src/main.rs` includes.

fn main() {
    switchboard_build::compile("routes.wsr");
}
