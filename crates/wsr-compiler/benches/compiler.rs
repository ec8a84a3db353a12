//! What the compiler costs: `cargo bench -p wsr-compiler`.
//!
//! One realistic protocol in several sizes goes through each stage; the best of some runs is shown, in milliseconds
//! and, so that growth shows, in microseconds a message. A number as argument chooses one size.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use wsr_compiler::diagnostic::Diagnostics;
use wsr_compiler::generate::{Options, generate};
use wsr_compiler::source::SourceFile;
use wsr_compiler::{analyze, syntax};

/// Messages; each brings an event and, every eighth, a struct, an enum and an error.
const SIZES: [usize; 4] = [100, 1000, 3000, 10_000];
const RUNS: usize = 5;

fn main() {
    let wanted: Option<usize> = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    println!("messages      KiB    parse  analyze generate    total   µs a message");
    for size in SIZES.into_iter().filter(|size| wanted.is_none_or(|wanted| wanted == *size)) {
        measure(size);
    }
}

fn measure(messages: usize) {
    let text = protocol(messages);
    let source = || SourceFile::new("routes.wsr", text.clone());
    let analysis = analyze(vec![source()]);
    assert!(!analysis.has_errors(), "{:?}", analysis.errors().next());
    let parse = best(|| syntax::parse(&source(), 0, &mut Diagnostics::default()));
    let checked = best(|| analyze(vec![source()]));
    let code = best(|| generate(&analysis.model, &Options::default()));
    let total = checked + code;
    println!(
        "{messages:8} {:8} {:8.1} {:8.1} {:8.1} {:8.1} {:14.1}",
        text.len() / 1024,
        milliseconds(parse),
        milliseconds(checked),
        milliseconds(code),
        milliseconds(total),
        milliseconds(total) * 1000.0 / messages as f64
    );
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    let run = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..RUNS).map(run).min().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// A protocol as people write them: namespaces of a score of messages with docs, limits, chains, errors and a flow.
fn protocol(messages: usize) -> String {
    let mut text = String::from(
        "wsr 1\nprotocol bench \"1.0.0\"\nidentity uuid\nroles listener, dj\ntype Text = string(len 1..=2000)\n",
    );
    let mut out = |piece: std::fmt::Arguments<'_>| text.write_fmt(piece).unwrap_or_default();
    for at in 0..messages {
        if at % 20 == 0 {
            let end = if at == 0 { "" } else { "}\n" };
            out(format_args!("{end}\n/// Part {at} of it.\nnamespace part_{at} {{\n"));
            out(format_args!("  topic rooms/{{room: string(len 1..=40, match /[a-z0-9-]+/)}}\n\n"));
        }
        if at % 8 == 0 {
            out(format_args!(
                "  struct Track{at} {{\n    id: uuid\n    title: Text\n    tags: [string(len 1..=20)](len ..=8, unique)\n    gain: f32(-60.0..=12.0)\n    note?: Text\n  }}\n\n"
            ));
            out(format_args!("  enum Kind{at} {{ plain, timed {{ from: timestamp }}, loud {{ by: u8 }} }}\n\n"));
            out(format_args!("  error Failed{at} {{ unknown, locked {{ until: timestamp }} }}\n\n"));
        }
        let near = at - at % 8;
        let near = if near < at - at % 20 { None } else { Some(near) };
        out(format_args!(
            "  /// Something happened, number {at}.\n  event happened_{at} {{ id: uuid, text: Text, at: timestamp }} to all\n\n"
        ));
        out(format_args!(
            "  /// Does number {at}.\n  @rate(20 per 10s)\n  message do_{at} {{\n    room: string(len 1..=40)\n    text: Text\n    count?: u32(1..=1000)\n"
        ));
        match near {
            Some(near) => out(format_args!(
                "    track: Track{near}\n    kind: Kind{near}\n  }}\n    => check_{at}\n    then store_{at} -> reply Track{near} or Failed{near} -> happened_{at}\n\n"
            )),
            None => out(format_args!("    list: [u16](len ..=64)\n  }}\n    -> reply ok -> happened_{at}\n\n")),
        }
    }
    out(format_args!("}}\n\nflow session covers * {{\n  start open {{\n    * -> open\n  }}\n}}\n"));
    text
}
