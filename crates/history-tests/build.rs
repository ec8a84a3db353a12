//! Compiles the protocol.

fn main() {
    switchboard_build::compile("routes.wsr");
}
