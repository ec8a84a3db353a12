//! Compiles the generated parser and the scanner.

fn main() {
    let sources = ["src/parser.c", "src/scanner.c"];
    let mut build = cc::Build::new();
    build.std("c11").include("src").flag_if_supported("-Wno-unused-parameter");
    for source in sources {
        println!("cargo::rerun-if-changed={source}");
        build.file(source);
    }
    build.compile("tree-sitter-wsr");
}
