//! Turns `routes.wsr` into the code that `src/routes.rs` includes.

fn main() {
    switchboard_build::compile("routes.wsr");
}
