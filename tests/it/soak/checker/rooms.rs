//! What stands in the rooms.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Rooms;
use super::record::Record;
use super::report::Report;
use crate::process::house::text;
use crate::soak::Soak;
use crate::soak::chance::Canary;
use crate::soak::room::is_edit;

/// A message, and where it stands.
struct Message<'a> {
    /// The thread's root, or itself.
    root: &'a str,
    event: &'a Value,
}

pub(super) fn check(soak: &Soak, record: &Record, rooms: &Rooms, report: &mut Report) {
    let events = || rooms.iter().flat_map(|(_, events)| events);
    let mut keys: BTreeMap<&str, u32> = BTreeMap::new();
    for key in events().filter_map(|event| event["content"]["org.ticketloom.key"].as_str()) {
        *keys.entry(key).or_default() += 1;
    }
    for (key, count) in keys {
        report.case("I2", count == 1, || format!("{count} events of the intent {key}"));
    }
    let bot = soak.desk.house.bot.as_str();
    let is_message = |event: &&Value| event["type"] == "m.room.message" && !is_edit(event) && event["sender"] == bot;
    let messages: Vec<Message<'_>> = events().filter(is_message).map(Message::of).collect();
    let cards = cards(record, &messages, report);
    shown_once(soak, record, &messages, &cards, report);
    in_order(record, &messages, report);
}

impl<'a> Message<'a> {
    fn of(event: &'a Value) -> Self {
        let relation = &event["content"]["m.relates_to"];
        let root = if relation["rel_type"] == "m.thread" { &relation["event_id"] } else { &event["event_id"] };
        Self { root: text(root), event }
    }

    fn article(&self) -> Option<i64> {
        self.event["content"]["org.ticketloom.article"]["id"].as_i64()
    }
}

/// Every ticket has one card: which, by the ticket's number.
fn cards<'a>(record: &Record, messages: &[Message<'a>], report: &mut Report) -> HashMap<&'a str, &'a str> {
    let mut cards: HashMap<&str, Vec<&str>> = HashMap::new();
    for message in messages {
        if let Some(number) = message.event["content"]["org.ticketloom.ticket"]["number"].as_str() {
            cards.entry(number).or_default().push(message.root);
        }
    }
    for ticket in record.tickets.values() {
        let count = cards.get(ticket.number.as_str()).map_or(0, Vec::len);
        report.case("I2", count == 1, || format!("ticket {} has {count} cards", ticket.number));
    }
    cards.into_iter().map(|(number, roots)| (number, roots[0])).collect()
}

/// I2 and I7: each mail stands once, in its own ticket's thread.
fn shown_once(
    soak: &Soak,
    record: &Record,
    messages: &[Message<'_>],
    cards: &HashMap<&str, &str>,
    report: &mut Report,
) {
    let mut shown: HashMap<Canary, Vec<&str>> = HashMap::new();
    for message in messages {
        for canary in Canary::all_in(text(&message.event["content"]["body"])) {
            shown.entry(canary).or_default().push(message.root);
        }
    }
    for mail in soak.ledger.mails_in() {
        let rows = record.by_canary.get(&mail.canary).map(Vec::as_slice).unwrap_or_default();
        let Some(row) = rows.iter().map(|row| &record.mails[*row]).find(|row| row.fate == "article") else { continue };
        let Some(article) = record.articles.iter().find(|article| article.mail == Some(row.id)) else { continue };
        let number = &record.tickets[&article.ticket].number;
        let roots = shown.get(&mail.canary).map(Vec::as_slice).unwrap_or_default();
        report.case("I2", roots.len() == 1, || format!("{} is shown {} times in {number}", mail.canary, roots.len()));
        let card = cards.get(number.as_str()).copied();
        let is_own = roots.iter().all(|root| Some(*root) == card);
        report.case("I7", is_own, || format!("{} stands in another thread than {number}'s", mail.canary));
        let address = crate::soak::customers::address(mail.customer);
        let customer = &record.tickets[&article.ticket].customer;
        report.case("I7", *customer == address, || format!("{} of {address} is in {customer}'s {number}", mail.canary));
    }
}

/// I8: articles stand in the order of the record, in each thread.
fn in_order(record: &Record, messages: &[Message<'_>], report: &mut Report) {
    let places: HashMap<i64, (i64, i32)> =
        record.articles.iter().map(|article| (article.id, (article.ticket, article.seq))).collect();
    let mut last: HashMap<i64, i32> = HashMap::new();
    for id in messages.iter().filter_map(Message::article) {
        let Some((ticket, seq)) = places.get(&id).copied() else {
            report.case("I8", false, || format!("article {id} is shown and not in the record"));
            continue;
        };
        let before = last.insert(ticket, seq).unwrap_or(0);
        report.case("I8", before < seq, || format!("ticket {ticket}: article {seq} stands behind {before}"));
    }
}
