//! The roster of one topic: who is a member, who is about to become one or to leave, and what waits for these.
//!
//! Whoever joins or leaves by a message does so in two steps. [`Roster::claim_join`] and [`Roster::claim_leave`] set
//! what is sent from then on aside; [`Roster::settle`] says how the message ended. So the answer to a join comes before
//! the first event of the topic, nothing behind the join is missed, and a message that is refused in the end has
//! changed nothing. Each step costs the same however many members there are, and the members are a dense list.
//!
//! Deliberately absent: locks, sockets, bounds on what waits; `M` is how a member is reached, `W` what waits for one.

use indexmap::IndexMap;

/// The members of one topic, by the numbers of their connections.
#[derive(Debug)]
pub struct Roster<M, W> {
    /// Who gets what is sent at once.
    members: IndexMap<u64, M>,
    /// Those with unsettled claims, whether they are members or not.
    unsettled: IndexMap<u64, Unsettled<M, W>>,
    last_stamp: u64,
}

#[derive(Debug)]
struct Unsettled<M, W> {
    reach: M,
    member: bool,
    /// Claims that have not been settled; never 0.
    claims: u32,
    stamp: Stamp,
    waiting: W,
}

/// Which claims are meant: those of another time on the same topic have another stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64);

/// How a claim ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It is a member.
    Joined,
    /// It no longer is.
    Left,
    /// Nothing has happened.
    Undone,
}

/// One with unsettled claims.
#[derive(Debug)]
pub struct Aside<'a, M, W> {
    /// The number of the connection.
    pub id: u64,
    /// How it is reached.
    pub reach: &'a M,
    /// Whether it is a member while it waits.
    pub member: bool,
    /// What waits for it.
    pub waiting: &'a mut W,
}

/// What has waited, and for whom: it is due now.
pub type Due<M, W> = Option<(M, W)>;

impl<M: Clone, W: Default> Roster<M, W> {
    /// Without members.
    pub fn new() -> Self {
        Self { members: IndexMap::new(), unsettled: IndexMap::new(), last_stamp: 0 }
    }

    /// Whether nobody is here, not even with a claim.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.unsettled.is_empty()
    }

    /// How many members there are.
    pub fn count(&self) -> usize {
        self.members.len() + self.unsettled.values().filter(|unsettled| unsettled.member).count()
    }

    /// Whether this one is a member. One that is joining is not yet, one that is leaving still is.
    pub fn has(&self, id: u64) -> bool {
        self.members.contains_key(&id) || self.unsettled.get(&id).is_some_and(|unsettled| unsettled.member)
    }

    /// Whether anything is known of this one: it is a member, or has a claim.
    pub fn knows(&self, id: u64) -> bool {
        self.members.contains_key(&id) || self.unsettled.contains_key(&id)
    }

    /// Those who get what is sent at once.
    pub fn live(&self) -> impl Iterator<Item = (u64, &M)> {
        self.members.iter().map(|(id, reach)| (*id, reach))
    }

    /// Every member.
    pub fn members(&self) -> impl Iterator<Item = &M> {
        let unsettled = self.unsettled.values().filter(|unsettled| unsettled.member);
        self.members.values().chain(unsettled.map(|unsettled| &unsettled.reach))
    }

    /// Everybody of whom anything is known: members, and those with claims.
    pub fn known(&self) -> impl Iterator<Item = &M> {
        self.members.values().chain(self.unsettled.values().map(|unsettled| &unsettled.reach))
    }

    /// Whether anything has to be set aside for anybody.
    pub fn is_settled(&self) -> bool {
        self.unsettled.is_empty()
    }

    /// Those for whom it waits.
    pub fn unsettled(&mut self) -> impl Iterator<Item = Aside<'_, M, W>> {
        self.unsettled.iter_mut().map(|(id, unsettled)| {
            let Unsettled { reach, member, waiting, .. } = unsettled;
            Aside { id: *id, reach, member: *member, waiting }
        })
    }

    /// This one is a member from now on. Twice is once.
    pub fn join(&mut self, id: u64, reach: &M) -> Due<M, W> {
        let Some(unsettled) = self.unsettled.get_mut(&id) else {
            self.members.insert(id, reach.clone());
            return None;
        };
        unsettled.member = true;
        Some(unsettled.take())
    }

    /// It no longer is, and none of its claims is heard. Whether it was.
    pub fn leave(&mut self, id: u64) -> bool {
        let unsettled = self.unsettled.swap_remove(&id).is_some_and(|unsettled| unsettled.member);
        self.members.swap_remove(&id).is_some() || unsettled
    }

    /// This one is about to become a member. `None`: it is one, and nothing has to be settled.
    pub fn claim_join(&mut self, id: u64, reach: &M) -> Option<Stamp> {
        if self.members.contains_key(&id) {
            return None;
        }
        Some(self.claim(id, reach.clone(), false))
    }

    /// This one is about to leave. `None`: it is not here.
    pub fn claim_leave(&mut self, id: u64) -> Option<Stamp> {
        if let Some(reach) = self.members.swap_remove(&id) {
            return Some(self.claim(id, reach, true));
        }
        let unsettled = self.unsettled.get_mut(&id)?;
        unsettled.claims += 1;
        Some(unsettled.stamp)
    }

    /// Ends a claim; what waited for it, if that is due now.
    ///
    /// With several claims at once the frames go out when one of them ends as joined; when the last has ended, they go
    /// to a member and are forgotten for anybody else.
    pub fn settle(&mut self, id: u64, stamp: Stamp, how: Settlement) -> Due<M, W> {
        let unsettled = self.unsettled.get_mut(&id).filter(|unsettled| unsettled.stamp == stamp)?;
        unsettled.claims -= 1;
        match how {
            Settlement::Joined => unsettled.member = true,
            Settlement::Left => unsettled.member = false,
            Settlement::Undone => {}
        }
        if unsettled.claims > 0 {
            return (how == Settlement::Joined).then(|| unsettled.take());
        }
        let Unsettled { reach, member, waiting, .. } = self.unsettled.swap_remove(&id)?;
        if !member {
            return None;
        }
        self.members.insert(id, reach.clone());
        Some((reach, waiting))
    }

    fn claim(&mut self, id: u64, reach: M, member: bool) -> Stamp {
        let unsettled = self.unsettled.entry(id).or_insert_with(|| {
            self.last_stamp += 1;
            Unsettled { reach, member, claims: 0, stamp: Stamp(self.last_stamp), waiting: W::default() }
        });
        unsettled.claims += 1;
        unsettled.stamp
    }
}

impl<M: Clone, W: Default> Default for Roster<M, W> {
    fn default() -> Self {
        Self::new()
    }
}

impl<M: Clone, W: Default> Unsettled<M, W> {
    fn take(&mut self) -> (M, W) {
        (self.reach.clone(), std::mem::take(&mut self.waiting))
    }
}
