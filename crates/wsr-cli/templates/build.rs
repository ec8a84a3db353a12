fn main() {
    switchboard_build::compile("routes.wsr");
}
