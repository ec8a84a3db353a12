//! The last lines of each room, so that whoever comes in can read on.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;

use crate::routes::RoomId;
use crate::routes::chat::Line;

/// Lines kept of one room, as `routes.wsr` promises.
const LINES: usize = 50;
/// Rooms remembered; the one that was quiet for longest is forgotten first.
const ROOMS: usize = 1_000;

/// Lines by room. In memory alone: they are gone when the studio stops.
#[derive(Default)]
pub struct Rooms(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    rooms: HashMap<RoomId, Room>,
    /// Counts the lines; a room's last one tells how recent it is.
    clock: u64,
}

#[derive(Default)]
struct Room {
    lines: VecDeque<Line>,
    last: u64,
}

impl Rooms {
    /// Keeps one more line.
    pub fn keep(&self, room: &RoomId, line: Line) {
        let mut kept = self.0.lock();
        kept.clock += 1;
        let now = kept.clock;
        if kept.rooms.len() >= ROOMS && !kept.rooms.contains_key(room) {
            kept.forget_the_quietest();
        }
        let room = kept.rooms.entry(room.clone()).or_default();
        room.last = now;
        room.lines.push_back(line);
        if room.lines.len() > LINES {
            room.lines.pop_front();
        }
    }

    /// The last lines of a room, the oldest first.
    pub fn lines(&self, room: &RoomId) -> Vec<Line> {
        self.0.lock().rooms.get(room).map(|room| room.lines.iter().cloned().collect()).unwrap_or_default()
    }
}

impl Kept {
    fn forget_the_quietest(&mut self) {
        let quietest = self.rooms.iter().min_by_key(|(_, room)| room.last).map(|(id, _)| id.clone());
        if let Some(id) = quietest {
            self.rooms.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard::{Timestamp, Uuid};

    fn line(text: &str) -> Line {
        Line {
            from: Uuid::nil(),
            username: "ann".parse().unwrap(),
            text: text.parse().unwrap(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_room_keeps_its_last_fifty_lines_in_order() {
        let rooms = Rooms::default();
        let lobby: RoomId = "lobby".parse().unwrap();
        for n in 0..60 {
            rooms.keep(&lobby, line(&format!("line {n}")));
        }
        let texts: Vec<_> = rooms.lines(&lobby).iter().map(|line| line.text.to_string()).collect();
        assert_eq!(texts.len(), LINES);
        assert_eq!((texts[0].as_str(), texts[49].as_str()), ("line 10", "line 59"));
    }

    #[test]
    fn the_room_that_was_quiet_for_longest_is_forgotten_first() {
        let rooms = Rooms::default();
        let ids: Vec<RoomId> = (0..=ROOMS).map(|n| format!("room-{n}").parse().unwrap()).collect();
        for id in &ids[..ROOMS] {
            rooms.keep(id, line("hello"));
        }
        rooms.keep(&ids[0], line("still here"));
        rooms.keep(&ids[ROOMS], line("one too many"));
        assert_eq!(rooms.lines(&ids[0]).len(), 2);
        assert_eq!(rooms.lines(&ids[1]).len(), 0);
    }
}
