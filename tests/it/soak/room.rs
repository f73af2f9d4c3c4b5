//! What stands in the queues' rooms, as an agent's client has heard it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;

use crate::process::house::{Agent, text};

/// How often is listened.
pub(super) const OFTEN: std::time::Duration = std::time::Duration::from_millis(400);

/// A ticket's card.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) room: String,
    pub(super) root: String,
    pub(super) number: String,
}

/// The rooms, and what was heard in them.
pub(super) struct Rooms {
    heard: Mutex<Heard>,
}

#[derive(Default)]
struct Heard {
    rooms: BTreeMap<String, Vec<Value>>,
    cards: BTreeMap<usize, Card>,
}

/// Which customer's matter a subject names.
fn customer_of(subject: &str) -> Option<usize> {
    subject.strip_prefix("Matter ")?.split(' ').next()?.parse().ok()
}

impl Rooms {
    pub(super) fn new(rooms: impl IntoIterator<Item = String>) -> Self {
        let rooms = rooms.into_iter().map(|room| (room, Vec::new())).collect();
        Self { heard: Mutex::new(Heard { rooms, cards: BTreeMap::new() }) }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("no panic meanwhile")
    }

    /// Hears what is new.
    pub(super) async fn listen(&self, who: &Agent) {
        let known: Vec<(String, usize)> =
            self.heard().rooms.iter().map(|(room, events)| (room.clone(), events.len())).collect();
        for (room, count) in known {
            let new = who.events_from(&room, count).await;
            let mut heard = self.heard();
            for event in &new {
                let ticket = &event["content"]["org.ticketloom.ticket"];
                if let (Some(customer), false) = (customer_of(text(&ticket["subject"])), is_edit(event)) {
                    let (root, number) = (text(&event["event_id"]).to_owned(), text(&ticket["number"]).to_owned());
                    heard.cards.entry(customer).or_insert(Card { room: room.clone(), root, number });
                }
            }
            heard.rooms.entry(room).or_default().extend(new);
        }
    }

    /// The newest cards, at most so many, each with its customer.
    pub(super) fn newest_cards(&self, most: usize) -> Vec<(usize, Card)> {
        self.heard().cards.iter().rev().take(most).map(|(customer, card)| (*customer, card.clone())).collect()
    }
}

/// Whether an event stands in another one's place.
pub(super) fn is_edit(event: &Value) -> bool {
    event["content"]["m.relates_to"]["rel_type"] == "m.replace"
}
