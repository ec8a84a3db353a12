//! The machine under inputs as chance has them: every message ends once, nothing waits for a time that has passed, and
//! nothing that the server sends makes it stumble. `SEED=n` repeats a run.

/// As `wsr generate rust` has written it.
mod protocol {
    include!("protocol/client.rs");
}

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use protocol::room::{Join, Leave, Mood, Say, Type, Watch};
use protocol::work::{Brew, Count, Pay, Think};
use protocol::{Routes, Sends};
use switchboard_client::State;
use switchboard_client::generated::{Decoded, Message, Outgoing, Path, Reader, decode_nothing};
use switchboard_client::machine::{Caller, Machine, Offline, Output, Settings};

/// Takes anything for an answer, and items as long as chance has room.
struct Anything(bool);

impl Caller for Anything {
    fn reply(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<()> {
        decode_nothing(r, at)
    }

    fn item(&mut self, r: &mut Reader<'_>, at: &Path<'_>) -> Decoded<bool> {
        decode_nothing(r, at).map(|()| self.0)
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

fn message(random: &mut Random) -> Outgoing {
    let room = random.pick(&["a", "b/c"]).to_owned();
    let outgoing = match random.below(9) {
        0 => Sends::<2>::outgoing(&Join { room }),
        1 => Sends::<3>::outgoing(&Leave { room }),
        2 => Sends::<4>::outgoing(&Watch { room }),
        3 => Sends::<6>::outgoing(&Say { room, text: "hi".to_owned(), mood: Mood::Loud }),
        4 => Sends::<7>::outgoing(&Type { room }),
        5 => Sends::<8>::outgoing(&Pay { key: "5f2f6c1e-6c0b-4d3a-9b1e-3f7d0c9a1b2c".parse().unwrap(), cents: 1 }),
        6 => Sends::<9>::outgoing(&Think { about: "it".to_owned() }),
        7 => Sends::<10>::outgoing(&Brew),
        _ => Sends::<11>::outgoing(&Count { to: 5 }),
    };
    outgoing.unwrap()
}

fn frame(random: &mut Random) -> String {
    let re = random.below(12);
    let position = random.pick(&[
        "{\"topic\":\"room/lines/a\",\"epoch\":\"e\",\"offset\":3,\"recovered\":true}",
        "{\"topic\":\"room/lines/a\",\"epoch\":\"f\",\"offset\":1}",
        "{\"mailbox\":true,\"epoch\":\"e\",\"offset\":9,\"recovered\":false,\"lost\":null}",
        "{}",
    ]);
    match random.below(12) {
        0 | 1 => format!("{{\"re\":{re},\"payload\":{{}},\"positions\":[{position}]}}"),
        2 => format!("{{\"re\":{re},\"item\":{re}}}"),
        3 => format!("{{\"re\":{re},\"done\":true}}"),
        4 => format!("{{\"re\":{re},\"error\":{{\"code\":\"internal\"}}}}"),
        5 => format!("{{\"ask\":{re},\"error\":{{\"code\":\"timeout\"}}}}"),
        6 => format!("{{\"name\":\"work/confirm\",\"ask\":{re},\"payload\":{{\"what\":\"it\"}}}}"),
        7 => format!(
            "{{\"name\":\"room/said\",\"payload\":{{\"text\":\"x\"}},\"topic\":\"room/lines/a\",\"offset\":{re}}}"
        ),
        8 => "{\"pong\":1}".to_owned(),
        9 => format!("{{\"positions\":[{position}]}}"),
        10 => "{\"contract\":\"x\",\"same\":false}".to_owned(),
        _ => random.pick(&["", "{", "7", "{\"re\":null}", "{\"name\":\"x\"}"]).to_owned(),
    }
}

#[test]
fn every_message_ends_once_and_no_time_is_waited_for_that_has_passed() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    let seed = std::env::var("SEED").map_or(now, |seed| seed.parse().expect("SEED is a number"));
    println!("SEED={seed}");
    let mut ends = [0_u32; 3];
    for run in 0..400 {
        let mut random = Random(seed.wrapping_add(run));
        walk(&mut random, &mut ends);
    }
    let [answered, failed, connections] = ends;
    assert!(answered > 200 && failed > 500 && connections > 500, "SEED={seed}: little has happened: {ends:?}");
}

fn walk(random: &mut Random, ends: &mut [u32; 3]) {
    let settings = Settings {
        offline: [Offline::KeepOldest, Offline::KeepNewest, Offline::Refuse][random.below(3) as usize],
        queue: random.below(4) as usize,
        sign_in: random.below(2) == 0,
    };
    let mut machine = Machine::<Routes, Anything>::new(settings, || 0.25);
    let (mut now, mut open) = (0, BTreeSet::new());
    machine.connect();
    for _ in 0..250 {
        match random.below(24) {
            0..=3 => now += random.below(40_000),
            4..=6 => machine.opened(),
            7..=12 => machine.text(&frame(random)),
            13 => machine.binary(vec![2, 1, 0, 0, 0, 7][..random.below(7) as usize].to_vec().into()),
            14 => machine.closed([1006, 1001, 1000, 4100, 0][random.below(5) as usize], "retry_after_ms=9", None),
            15..=19 => {
                let timeout = (random.below(3) == 0).then(|| Duration::from_millis(random.below(20_000)));
                let (message, caller) = (message(random), Anything(random.below(4) > 0));
                let number = match random.below(4) {
                    0 => machine.direct(message, timeout, caller),
                    1 => machine.call_on(random.below(4), message, timeout, caller),
                    _ => machine.call(message, timeout, caller),
                };
                assert!(open.insert(number));
            }
            20 => machine.cancel(random.below(60)),
            21 => machine.answer(random.below(12), "{\"sure\":true}"),
            22 => {
                [Machine::signed_in, Machine::sign_in_failed, Machine::connect][random.below(3) as usize](&mut machine)
            }
            _ => machine.forget("room/lines/a"),
        }
        machine.time(now);
        settle(&mut machine, &mut open, ends);
        assert!(machine.next_time().is_none_or(|next| next > now), "it waits for what has passed: {machine:?}");
    }
    machine.close();
    settle(&mut machine, &mut open, ends);
    assert!(open.is_empty(), "{open:?} have not ended");
    assert_eq!(machine.next_time(), None);
}

fn settle(machine: &mut Machine<Routes, Anything>, open: &mut BTreeSet<u64>, ends: &mut [u32; 3]) {
    while let Some(output) = machine.poll() {
        match output {
            Output::Ended { number, outcome, .. } => {
                assert!(open.remove(&number), "{number} has ended twice");
                ends[usize::from(outcome.is_err())] += 1;
            }
            Output::State(State::Connecting) => ends[2] += 1,
            Output::Send(text) => assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}"),
            _ => {}
        }
    }
}
