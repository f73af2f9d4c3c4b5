//! Programs are told what happens, over real sockets.

mod failing;
mod guarded;
mod told;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use ticketloom::config::Allowed;
use ticketloom::desk::rooms::refresh_rooms;
use ticketloom::dispatch::Calling;
use ticketloom::domain::id::{AgentId, QueueId, RoomId, WebhookId};
use ticketloom::domain::room::Purpose;
use ticketloom::store::jobs::Class;
use ticketloom::store::webhooks::{NewWebhook, Webhook};
use ticketloom::webhook::{Lookup, Receivers};
use ticketloom::worker;

use super::world::{READERS, World};
use crate::receiver::Receiver;

/// What all receivers here know.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Names that mean something else each time somebody asks.
#[derive(Default)]
struct Book(Mutex<HashMap<String, Vec<IpAddr>>>);

#[async_trait]
impl Lookup for Book {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut book = self.0.lock().expect("nobody panicked here");
        let left = book.get_mut(name).filter(|left| !left.is_empty());
        left.map(|left| vec![left.remove(0)]).ok_or_else(|| std::io::Error::other("no such name"))
    }
}

fn calling(w: &World, allowed: &[&str], book: Book) -> Arc<Calling> {
    let allowed = allowed.iter().map(|word| Allowed::parse(word).expect("a place")).collect();
    let receivers = Receivers::new(allowed, Arc::new(book)).expect("TLS");
    Arc::new(Calling { desk: w.desk.clone(), caller: Arc::new(receivers) })
}

/// Numbers what happened, and calls whom there is to call; what is on this machine may be.
async fn tell(w: &World) {
    w.desk.tell_events().await.expect("numbers");
    call(w).await;
}

async fn call(w: &World) {
    run(w, calling(w, &["127.0.0.1"], Book::default())).await;
}

async fn run(w: &World, calling: Arc<Calling>) {
    worker::run_until_idle(Arc::new(w.store.clone()), Class::Webhook, READERS, calling).await.expect("work");
    w.settle().await;
}

/// A webhook for everything.
fn everything(url: &str) -> NewWebhook {
    let (url, secret) = (url.to_owned(), SECRET.to_owned());
    NewWebhook { url, secret, events: vec![], queues: vec![], has_bodies: false, owner: None }
}

async fn add(w: &World, new: NewWebhook) -> WebhookId {
    let mut tx = w.store.begin().await.expect("a transaction");
    let id = tx.webhooks().add(&new).await.expect("a webhook");
    tx.commit().await.expect("a commit");
    id
}

async fn hooked(w: &World, receiver: &Receiver) -> WebhookId {
    add(w, everything(&receiver.url())).await
}

async fn webhook(w: &World, id: WebhookId) -> Webhook {
    let mut tx = w.store.begin().await.expect("a transaction");
    let all = tx.webhooks().all().await.expect("the webhooks");
    all.into_iter().find(|webhook| webhook.id == id).expect("a webhook")
}

async fn queue(w: &World, name: &str) -> QueueId {
    QueueId(w.count(&format!("select queue_id from queue where name = '{name}'")).await)
}

async fn agent(w: &World, user: &str) -> AgentId {
    AgentId(w.count(&format!("select agent_id from agent where user_id = '{user}'")).await)
}

/// The admins' room.
async fn admins(w: &World) -> RoomId {
    let mut tx = w.store.begin().await.expect("a transaction");
    refresh_rooms(&mut tx);
    tx.commit().await.expect("a commit");
    w.settle().await;
    let mut tx = w.store.begin().await.expect("a transaction");
    tx.rooms().get(Purpose::Admins).await.expect("an answer").expect("the admins' room")
}
