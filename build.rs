//! Turns `routes.wsr` into the code that `src/routes.rs` includes, and into the client of the page in `web/`.

fn main() {
    switchboard_build::protocol("routes.wsr").typescript("web").compile();
}
