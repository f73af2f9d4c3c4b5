//! Agents at work in the threads, a stranger who would like to, and programs that act for both agents at once.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::Soak;
use super::chance::{Canary, Chance, Kind};
use super::desk::INSTANCES;
use super::ledger::{Row, Said, Verb};
use super::room::Card;
use crate::process::house::{Agent, text};

/// Among how many of the newest tickets somebody works.
const AT_HAND: usize = 30;

/// Somebody in the rooms.
pub(super) struct Worker {
    agent: Agent,
    is_agent: bool,
    chance: Chance,
    /// Commands whose message may be edited.
    past: Vec<(Row, String, String)>,
}

impl Worker {
    pub(super) fn new(agent: &Agent, is_agent: bool, chance: Chance) -> Self {
        Self { agent: Agent::with_token(&agent.user, &agent.token), is_agent, chance, past: Vec::new() }
    }

    /// Works until the end.
    pub(super) async fn live(mut self, soak: Arc<Soak>) {
        let pause = if self.is_agent { 600..1_600 } else { 3_000..6_000 };
        loop {
            sleep(Duration::from_millis(self.chance.within(pause.start, pause.end))).await;
            if soak.is_over() {
                return;
            }
            let cards = soak.rooms.newest_cards(AT_HAND);
            if cards.is_empty() {
                continue;
            }
            let (customer, card) = self.chance.pick(&cards).clone();
            if self.is_agent && !self.past.is_empty() && self.chance.one_in(12) {
                self.edit(&soak).await;
            } else {
                self.say(&soak, customer, &card).await;
            }
        }
    }

    async fn say(&mut self, soak: &Soak, customer: usize, card: &Card) {
        let verb = match self.chance.below(20) {
            0..5 => Verb::Lock,
            5..7 => Verb::Unlock,
            7..10 => Verb::Note,
            10..12 => Verb::Plain,
            12..18 => Verb::Answer,
            _ => Verb::Close,
        };
        let kind = match verb {
            _ if !self.is_agent => Kind::Stranger,
            Verb::Answer => Kind::Answer,
            _ => Kind::Note,
        };
        let canary = self.chance.canary(kind);
        let closes = self.chance.one_in(3);
        let body = words(verb, &canary, closes);
        let said = Said { verb, canary, by_agent: self.is_agent, customer, event: None, edit: None };
        let row = soak.ledger.says(said);
        let place = json!({ "rel_type": "m.thread", "event_id": card.root, "is_falling_back": true, "m.in_reply_to": { "event_id": card.root } });
        let content = json!({ "msgtype": "m.text", "body": body, "m.mentions": {}, "m.relates_to": place });
        let Some(event) = self.send(soak, &card.room, content).await else { return };
        soak.ledger.said(row, &event);
        if matches!(verb, Verb::Lock | Verb::Unlock | Verb::Close) {
            self.past.push((row, card.room.clone(), event));
        }
    }

    /// Makes another command of the message of a former one.
    async fn edit(&mut self, soak: &Soak) {
        let at = self.chance.below(self.past.len());
        let (row, room, event) = self.past.swap_remove(at);
        let text = words(Verb::Close, &self.chance.canary(Kind::Note), false);
        let new = json!({ "msgtype": "m.text", "body": text, "m.mentions": {} });
        let relation = json!({ "rel_type": "m.replace", "event_id": event });
        let body = format!("* {text}");
        let content = json!({ "msgtype": "m.text", "body": body, "m.mentions": {}, "m.new_content": new, "m.relates_to": relation });
        if let Some(edit) = self.send(soak, &room, content).await {
            soak.ledger.edited(row, &edit);
        }
    }

    /// Insists under one transaction id, as clients do, while the homeserver is away.
    async fn send(&mut self, soak: &Soak, room: &str, content: Value) -> Option<String> {
        let transaction = self.chance.canary(Kind::Note);
        while !soak.is_given_up() {
            let path = ["rooms", room, "send", "m.room.message", transaction.as_str()];
            match self.agent.ask(Method::PUT, &path, content.clone()).await {
                Ok(sent) => return Some(text(&sent["event_id"]).to_owned()),
                Err(_) => sleep(Duration::from_millis(500)).await,
            }
        }
        None
    }
}

fn words(verb: Verb, canary: &Canary, closes: bool) -> String {
    match verb {
        Verb::Lock => "!lock".to_owned(),
        Verb::Unlock => "!unlock".to_owned(),
        Verb::Note => format!("!note Look at the fuse. {canary}"),
        Verb::Plain => format!("Has anybody looked at the fuse? {canary}"),
        Verb::Answer if closes => format!("!answer --state closed Please **unplug** it. {canary}"),
        Verb::Answer => format!("!answer Please unplug it. {canary}"),
        Verb::Close => format!("!close It was the fuse. {canary}"),
    }
}

/// Programs of both agents, which ask different instances for the same at the same moment.
pub(super) struct Programs {
    pub(super) tokens: Vec<String>,
    pub(super) chance: Chance,
}

impl Programs {
    /// Asks until the end.
    pub(super) async fn live(mut self, soak: Arc<Soak>) {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().expect("a client");
        loop {
            sleep(Duration::from_millis(self.chance.within(300, 900))).await;
            if soak.is_over() {
                return;
            }
            let cards = soak.rooms.newest_cards(AT_HAND);
            if cards.is_empty() {
                continue;
            }
            let number = self.chance.pick(&cards).1.number.clone();
            if self.chance.one_in(6) {
                self.note_twice(&soak, &http, &number).await;
            } else {
                self.race(&soak, &http, &number).await;
            }
        }
    }

    /// Both want the lock; who got it may hand it back.
    async fn race(&mut self, soak: &Soak, http: &reqwest::Client, number: &str) {
        let ask = |who: usize, what: &str| {
            let url = format!("{}/tickets/{number}/{what}", soak.desk.api[who % INSTANCES]);
            http.post(url).bearer_auth(&self.tokens[who]).send()
        };
        let (one, other) = tokio::join!(ask(0, "lock"), ask(1, "lock"));
        let statuses = [one, other].map(|answer| answer.map_or(0, |answer| answer.status().as_u16()));
        soak.ledger.note("race", json!([number, statuses]));
        if let Some(winner) = statuses.iter().position(|status| *status == 200)
            && !self.chance.one_in(6)
        {
            let done = ask(winner, "unlock").await.map_or(0, |answer| answer.status().as_u16());
            soak.ledger.note("handed back", json!([number, winner, done]));
        }
    }

    /// The same note under the same key to both instances: it is one.
    async fn note_twice(&mut self, soak: &Soak, http: &reqwest::Client, number: &str) {
        let canary = self.chance.canary(Kind::Note);
        let order = soak.ledger.order(&canary);
        let body = json!({ "text": format!("By a program. {canary}") });
        let ask = |instance: usize| {
            let url = format!("{}/tickets/{number}/notes", soak.desk.api[instance]);
            let post = http.post(url).bearer_auth(&self.tokens[0]).header("Idempotency-Key", canary.as_str());
            post.json(&body).send()
        };
        let (one, other) = tokio::join!(ask(0), ask(1));
        let is_taken = |answer: reqwest::Result<reqwest::Response>| {
            answer.is_ok_and(|answer| [StatusCode::OK, StatusCode::CREATED].contains(&answer.status()))
        };
        if [is_taken(one), is_taken(other)].contains(&true) {
            soak.ledger.ordered(order);
        }
    }
}
