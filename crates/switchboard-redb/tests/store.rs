//! The file against a store that is a few maps, on random changes, closed and opened in between.

#[path = "../../switchboard-core/tests/support/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use random::{Random, cases, seed};
use switchboard_core::log::{Epoch, Kept};
use switchboard_core::store::{Change, Era, Listed, Store, StoredLog};
use switchboard_redb::RedbStore;

const KEYS: [&str; 4] = ["m/ann", "m/bob", "t/rooms/attic", "t/rooms/lobby"];

/// What a store should say.
#[derive(Default)]
struct Maps {
    era: Option<Era>,
    logs: BTreeMap<String, Log>,
}

struct Log {
    epoch: Epoch,
    head: u64,
    seen: u64,
    kept: BTreeMap<u64, Kept>,
    until: u64,
}

impl Maps {
    fn make(&mut self, change: &Change<'_>) {
        match *change {
            Change::Append { key, epoch, offset, kept, until } => {
                self.logs.retain(|known, log| known != key || log.epoch == epoch);
                let new = Log { epoch, head: 0, seen: 0, kept: BTreeMap::new(), until };
                let log = self.logs.entry(key.to_owned()).or_insert(new);
                log.kept.split_off(&offset);
                log.kept.insert(offset, kept.clone());
                (log.head, log.until) = (offset, until);
            }
            Change::Trim { key, floor } => {
                if let Some(log) = self.logs.get_mut(key) {
                    log.kept.retain(|offset, _| *offset > floor);
                }
            }
            Change::Seen { key, offset } => {
                if let Some(log) = self.logs.get_mut(key) {
                    log.seen = log.seen.max(offset.min(log.head));
                }
            }
            Change::Forget { key } => drop(self.logs.remove(key)),
            Change::Era(era) => self.era = Some(era),
        }
    }

    fn load(&self, key: &str) -> Option<StoredLog> {
        let Log { epoch, head, seen, kept, .. } = self.logs.get(key)?;
        Some(StoredLog { epoch: *epoch, head: *head, seen: *seen, kept: kept.values().cloned().collect() })
    }

    fn list(&self) -> Vec<Listed> {
        let list = self.logs.iter().map(|(key, Log { head, seen, kept, until, .. })| Listed {
            key: key.clone(),
            bytes: kept.values().map(|kept| kept.bytes.len() as u64).sum(),
            time: *until - 100,
            until: *until,
            unseen: seen < head,
        });
        list.collect()
    }
}

/// A change as data of its own.
enum Plan {
    Append(&'static str, Epoch, u64, Kept),
    Trim(&'static str, u64),
    Seen(&'static str, u64),
    Forget(&'static str),
    Era(Era),
}

impl Plan {
    fn change(&self) -> Change<'_> {
        match self {
            Self::Append(key, epoch, offset, kept) => {
                Change::Append { key, epoch: *epoch, offset: *offset, kept, until: kept.time + 100 }
            }
            Self::Trim(key, floor) => Change::Trim { key, floor: *floor },
            Self::Seen(key, offset) => Change::Seen { key, offset: *offset },
            Self::Forget(key) => Change::Forget { key },
            Self::Era(era) => Change::Era(*era),
        }
    }
}

fn plan(random: &mut Random, maps: &Maps, time: u64) -> Plan {
    let key = KEYS[random.below(KEYS.len())];
    let (epoch, head) = maps.logs.get(key).map_or((Epoch(1), 0), |log| (log.epoch, log.head));
    match random.below(12) {
        0 => Plan::Trim(key, random.below(head as usize + 3) as u64),
        1 => Plan::Seen(key, random.below(head as usize + 3) as u64),
        2 => Plan::Forget(key),
        3 => Plan::Era(Era { epoch: Epoch(1 + time), lossy: random.one_in(2) }),
        4 => Plan::Append(key, Epoch(1 + time), 1, event(random, time)),
        // As after a commit that failed and yet was done.
        5 if head > 0 => Plan::Append(key, epoch, 1 + random.below(head as usize) as u64, event(random, time)),
        _ => Plan::Append(key, epoch, head + 1, event(random, time)),
    }
}

fn event(random: &mut Random, time: u64) -> Kept {
    Kept { time, bytes: Bytes::from(vec![time as u8; random.below(200)]) }
}

#[test]
fn the_file_says_what_was_committed_also_when_it_is_opened_anew() {
    let seed = seed();
    for case in 0..cases(12) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("history.redb");
        let mut random = Random::new(seed, case);
        let (mut store, mut maps) = (open(&path), Maps::default());
        for step in 0..25_u64 {
            let mut plans = Vec::new();
            for index in 0..1 + random.below(5) as u64 {
                let plan = plan(&mut random, &maps, step * 10 + index);
                maps.make(&plan.change());
                plans.push(plan);
            }
            let changes: Vec<Change<'_>> = plans.iter().map(Plan::change).collect();
            store.commit(&changes).expect("it can be committed");
            if random.one_in(5) {
                drop(store);
                store = open(&path);
            }
            let what = format!("SEED={seed}, case {case}, step {step}, {changes:?}");
            assert_eq!(store.era().expect("era"), maps.era, "{what}");
            for key in KEYS {
                assert_eq!(store.load(key).expect("load"), maps.load(key), "{what} {key}");
            }
            let first = store.list(None, 2).expect("list");
            let rest = store.list(first.last().map(|listed| &*listed.key), 9).expect("list");
            assert_eq!([first, rest].concat(), maps.list(), "{what}");
        }
    }
}

fn open(path: &Path) -> RedbStore {
    RedbStore::open(path).expect("it can be opened")
}

#[test]
fn a_file_that_is_open_elsewhere_is_refused() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("history.redb");
    let _first = open(&path);
    assert!(RedbStore::open(&path).is_err());
}
