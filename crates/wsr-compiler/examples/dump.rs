//! Debug.
fn main() {
    let name = std::env::args().nth(1).unwrap();
    let source = wsr_compiler::source::SourceFile::new("routes.wsr", String::from_utf8_lossy(&std::fs::read(&name).unwrap()));
    let analysis = wsr_compiler::analyze(vec![source]);
    if std::env::args().nth(2).is_some() { println!("{:#?}", analysis.model); }
    for d in &analysis.diagnostics {
        println!("{}\n", wsr_compiler::render::cargo(&analysis, d));
    }
}
