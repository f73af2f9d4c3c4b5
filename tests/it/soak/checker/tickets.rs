//! What tickets are, and what was done to them by whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::Rooms;
use super::record::{Happened, Record};
use super::report::Report;
use crate::process::house::text;
use crate::soak::Soak;
use crate::soak::ledger::{Said, Verb};

/// I9 and I10: each change begins where the one before it ended, and the last one leads to what the ticket is.
pub(super) fn check(record: &Record, report: &mut Report) {
    let mut states: BTreeMap<i64, String> = BTreeMap::new();
    let mut owners: BTreeMap<i64, Option<i64>> = BTreeMap::new();
    for event in &record.events {
        let (from, to) = (&event.data["from"], &event.data["to"]);
        match event.kind.as_str() {
            "owner_changed" => {
                let before = owners.insert(event.ticket, to.as_i64()).flatten();
                report.case("I9", before == from.as_i64(), || {
                    format!("ticket {} was {before:?}'s when it went from {from} to {to}", event.ticket)
                });
            }
            "state_changed" => {
                let before = states.insert(event.ticket, text(to).to_owned()).unwrap_or_else(|| "new".to_owned());
                report.case("I10", before == text(from), || {
                    format!("ticket {} was {before} when it went from {from} to {to}", event.ticket)
                });
            }
            _ => {}
        }
    }
    for (id, ticket) in &record.tickets {
        let owner = owners.get(id).copied().flatten();
        report.case("I9", owner == ticket.owner, || format!("ticket {id} is {:?}'s, not {owner:?}'s", ticket.owner));
        let state = states.get(id).map_or("new", String::as_str);
        report.case("I10", state == ticket.state, || format!("ticket {id} is {}, not {state}", ticket.state));
        let is_closed_and_locked = ticket.owner.is_some() && ticket.state.starts_with("closed");
        report.case("I10", !is_closed_and_locked, || format!("ticket {id} is closed and locked"));
    }
}

/// I11: what became of each thing that was said, and that nothing became of anything else.
pub(super) fn check_commands(soak: &Soak, record: &Record, rooms: &Rooms, report: &mut Report) {
    let marks = marks(rooms, &soak.desk.house.bot);
    let mut effects: HashMap<&str, Vec<&Happened>> = HashMap::new();
    for event in &record.events {
        if let Some(cause) = &event.cause {
            effects.entry(cause).or_default().push(event);
        }
    }
    let all = soak.ledger.all_said();
    let mut known = HashSet::new();
    for said in &all {
        let Some(event) = &said.event else { continue };
        let done = effects.get(event.as_str()).map(Vec::as_slice).unwrap_or_default();
        let marks = marks.get(event.as_str()).map(Vec::as_slice).unwrap_or_default();
        if said.by_agent {
            known.insert(event.as_str());
            agents(said, marks, done, record, report);
        } else {
            let is_nothing = done.is_empty() && record.articles.iter().all(|a| !a.canaries.contains(&said.canary));
            report.case("I11", is_nothing, || format!("a stranger's {event} did something: {marks:?}"));
            let is_refused = marks.iter().all(|mark| *mark == "❌");
            report.case("I11", is_refused, || format!("a stranger's {event} is marked {marks:?}"));
        }
        if let Some(edit) = &said.edit {
            let is_nothing = !effects.contains_key(edit.as_str());
            report.case("I11", is_nothing, || format!("the edit {edit} of {event} did something"));
        }
    }
    for event in record.events.iter().filter(|event| event.by_agent) {
        let Some(cause) = &event.cause else { continue };
        report.case("I11", known.contains(cause.as_str()), || {
            format!("{cause} did {}, and no agent said it", event.kind)
        });
    }
    for order in soak.ledger.orders() {
        let notes = record.written(&order.canary, "note");
        let is_well = notes == 1 || notes == 0 && !order.is_done;
        report.case("I11", is_well, || format!("a program's {} is {notes} notes", order.canary));
    }
}

/// What an agent said is done once, and so marked; or it is refused, and nothing is done.
fn agents(said: &Said, marks: &[&str], done: &[&Happened], record: &Record, report: &mut Report) {
    let event = said.event.as_deref().unwrap_or_default();
    let count = |kind: &str| done.iter().filter(|event| event.kind == kind).count();
    let is_refused = marks == ["❌"];
    let notes = record.written(&said.canary, "note");
    let is_well = match said.verb {
        Verb::Plain => marks.is_empty() && notes == 1 && count("note_written") == 1,
        // An answer that could not be sent is marked so afterwards.
        Verb::Answer => {
            let answers = record.written(&said.canary, "answer");
            let is_marked = matches!(marks, ["✉️" | "⚠️"]) || is_refused;
            answers == count("answer_written") && is_marked && (answers == 1 || answers == 0 && is_refused)
        }
        _ if is_refused => done.is_empty() && notes == 0,
        Verb::Note => marks == ["✅"] && notes == 1 && count("note_written") == 1,
        Verb::Lock | Verb::Unlock => marks == ["✅"] && count("owner_changed") <= 1,
        Verb::Close => marks == ["✅"] && notes == 1 && count("state_changed") == 1,
    };
    report.case("I11", is_well, || {
        let kinds: Vec<&str> = done.iter().map(|event| event.kind.as_str()).collect();
        format!("{:?} {} ({event}): marks {marks:?}, {notes} notes, did {kinds:?}", said.verb, said.canary)
    });
}

/// The desk's reactions that stand, by what they are on.
fn marks<'a>(rooms: &'a Rooms, bot: &str) -> HashMap<&'a str, Vec<&'a str>> {
    let events = || rooms.iter().flat_map(|(_, events)| events);
    let redacted: HashSet<&str> = events()
        .filter(|event| event["type"] == "m.room.redaction")
        .flat_map(|event| [&event["redacts"], &event["content"]["redacts"]])
        .filter_map(Value::as_str)
        .collect();
    let mut marks: HashMap<&str, Vec<&str>> = HashMap::new();
    for reaction in events().filter(|event| event["type"] == "m.reaction" && event["sender"] == bot) {
        let relation = &reaction["content"]["m.relates_to"];
        if let (Some(to), Some(key)) = (relation["event_id"].as_str(), relation["key"].as_str())
            && !redacted.contains(text(&reaction["event_id"]))
        {
            marks.entry(to).or_default().push(key);
        }
    }
    marks
}
