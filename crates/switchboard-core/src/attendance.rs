//! Who is present in one topic: identities, however many connections each has there.
//!
//! An identity arrives with its first connection and leaves with its last; in between it may say something of itself.
//! Whoever is shown [`Attendance::here`] once and hears all [`News`] from then on knows who is present.
//! Deliberately absent: members without an identity, who hears the news, and how it is written.

use std::collections::HashMap;
use std::hash::Hash;

use indexmap::IndexMap;

/// The identities in one topic; `K` is who somebody is, `S` what one says of oneself.
#[derive(Debug)]
pub struct Attendance<K, S> {
    /// By connection: for whom it is here.
    seats: HashMap<u64, K>,
    here: IndexMap<K, Person<S>>,
}

#[derive(Debug)]
struct Person<S> {
    /// Connections; never 0.
    seats: u32,
    state: Option<S>,
}

/// What has become different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News<K, S> {
    /// The first connection of this identity has come.
    Joined(K, Option<S>),
    /// It says something else of itself.
    Changed(K, S),
    /// Its last connection has gone.
    Left(K),
}

impl<K: Clone + Eq + Hash, S: Clone> Attendance<K, S> {
    /// With nobody.
    pub fn new() -> Self {
        Self { seats: HashMap::new(), here: IndexMap::new() }
    }

    /// How many identities are here.
    pub fn count(&self) -> usize {
        self.here.len()
    }

    /// Everybody with what they say of themselves.
    pub fn here(&self) -> impl Iterator<Item = (&K, Option<&S>)> {
        self.here.iter().map(|(who, person)| (who, person.state.as_ref()))
    }

    /// A connection is here for this identity from now on, or for nobody; `state` is what it says at that, if anything.
    /// What is new, in the order it happened.
    pub fn seat(&mut self, id: u64, who: Option<&K>, state: Option<S>) -> impl Iterator<Item = News<K, S>> + use<K, S> {
        let (left, came) = match (self.seats.get(&id), who) {
            (Some(before), Some(now)) if before == now => (None, state.and_then(|state| self.set(id, state))),
            (_, Some(now)) => (self.vacate(id), self.occupy(id, now, state)),
            (_, None) => (self.vacate(id), None),
        };
        left.into_iter().chain(came)
    }

    /// The identity of a connection says this of itself; nothing when the connection is here for nobody.
    pub fn set(&mut self, id: u64, state: S) -> Option<News<K, S>> {
        let who = self.seats.get(&id)?;
        self.here.get_mut(who)?.state = Some(state.clone());
        Some(News::Changed(who.clone(), state))
    }

    fn occupy(&mut self, id: u64, who: &K, state: Option<S>) -> Option<News<K, S>> {
        self.seats.insert(id, who.clone());
        match self.here.get_mut(who) {
            Some(person) => {
                person.seats += 1;
                state.and_then(|state| self.set(id, state))
            }
            None => {
                self.here.insert(who.clone(), Person { seats: 1, state: state.clone() });
                Some(News::Joined(who.clone(), state))
            }
        }
    }

    fn vacate(&mut self, id: u64) -> Option<News<K, S>> {
        let who = self.seats.remove(&id)?;
        let person = self.here.get_mut(&who)?;
        person.seats -= 1;
        if person.seats > 0 {
            return None;
        }
        self.here.swap_remove(&who);
        Some(News::Left(who))
    }
}

impl<K: Clone + Eq + Hash, S: Clone> Default for Attendance<K, S> {
    fn default() -> Self {
        Self::new()
    }
}
