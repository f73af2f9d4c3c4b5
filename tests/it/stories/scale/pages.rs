//! What customers' pages show, against what each reader wrote and got: over all pages of many tickets, by canaries.
//!
//! What somebody may see is worked out here from the tables alone, in other words than the desk's view.

use std::collections::{BTreeSet, HashMap, HashSet};

use axum::http::StatusCode;
use ticketloom::domain::id::LetterId;
use ticketloom::domain::token::Keys;

use super::World;
use super::record;

/// Tickets of the record; every third one's pages are opened.
const TICKETS: u32 = 1_500;
/// What canaries begin with.
const KINDS: [&str; 6] = ["CANARY", "FILE", "SUBJECT", "HTML", "WHOLE", "NAME"];
/// How many articles a page shows.
const SHOWN: usize = 200;

/// The view without one of its conditions, and what that would show.
const WEAKENED: &[(&str, &str, &str)] = &[
    (
        "(article.visibility = 'customer'::text) AND (article.kind = 'mail'",
        "(article.kind = 'mail'",
        "held and internal mails",
    ),
    ("(article.cancelled_at IS NULL)", "true", "what was taken back"),
    ("(article.response IS NULL)", "true", "what a machine wrote for them"),
    ("(letter.state = ANY (ARRAY['sent'::text, 'unknown'::text]))", "true", "what never went out"),
    (
        "article.customer_id",
        "(select ticket.customer_id from ticket where ticket.ticket_id = article.ticket_id) as customer_id",
        "others' mails",
    ),
];

/// The record's rows, as they stand.
struct Tables {
    /// By the ticket in which their conversation goes on.
    conversations: HashMap<String, Vec<Row>>,
    /// By article.
    copies: HashMap<String, Vec<Row>>,
    letters: Vec<Row>,
    /// Ticket: state and what it was merged into.
    tickets: HashMap<String, (String, String)>,
    customers: HashMap<String, String>,
    participants: HashSet<(String, String)>,
    /// Ticket and address of those who were put out.
    removed: HashSet<(String, String)>,
    /// Article: its files.
    files: HashMap<String, Vec<String>>,
}

/// A row's columns as text, by name.
type Row = HashMap<&'static str, String>;

async fn table(w: &World, from: &str, columns: &[&'static str]) -> Vec<Row> {
    let list: Vec<String> = columns.iter().map(|column| format!("coalesce(({column})::text, '')")).collect();
    let rows = w.rows(&format!("select concat_ws('|', {}) from {from}", list.join(", "))).await;
    let row = |row: String| columns.iter().copied().zip(row.split('|').map(ToOwned::to_owned)).collect();
    rows.into_iter().map(row).collect()
}

impl Tables {
    async fn read(w: &World) -> Self {
        let pairs = async |from: &str, columns: [&'static str; 2]| {
            let rows = table(w, from, &columns).await;
            rows.into_iter().map(|row| (row[columns[0]].clone(), row[columns[1]].clone())).collect::<Vec<_>>()
        };
        let mut files: HashMap<String, Vec<String>> = HashMap::new();
        for (article, file) in pairs("attachment", ["article_id", "attachment_id"]).await {
            files.entry(article).or_default().push(file);
        }
        let article = [
            "article_id",
            "ticket_id",
            "kind",
            "visibility",
            "customer_id",
            "cancelled_at",
            "response",
            "created_at > timestamptz '2026-11-23 09:00+00' - interval '90 days'",
        ];
        let letter = ["letter_id", "article_id", "ticket_id", "lower(recipient)", "state", "forward", "automatic"];
        let tickets = table(w, "ticket", &["ticket_id", "state", "merged_into"]).await;
        let removed = "ticket_event where kind = 'participant_removed'";
        let letters = table(w, "letter order by letter_id", &letter).await;
        let mut copies: HashMap<String, Vec<Row>> = HashMap::new();
        for letter in &letters {
            copies.entry(letter["article_id"].clone()).or_default().push(letter.clone());
        }
        let mut tables = Self {
            conversations: HashMap::new(),
            copies,
            letters,
            tickets: tickets
                .into_iter()
                .map(|row| (row["ticket_id"].clone(), (row["state"].clone(), row["merged_into"].clone())))
                .collect(),
            customers: pairs("customer", ["lower(address)", "customer_id"]).await.into_iter().collect(),
            participants: pairs("participant", ["ticket_id", "customer_id"]).await.into_iter().collect(),
            removed: pairs(removed, ["ticket_id", "data ->> 'address'"]).await.into_iter().collect(),
            files,
        };
        for article in table(w, "article order by article_id", &article).await {
            let end = tables.end_of(&article["ticket_id"]).to_owned();
            tables.conversations.entry(end).or_default().push(article);
        }
        tables
    }

    /// How many secrets there are.
    fn secrets(&self) -> usize {
        let articles: usize = self.conversations.values().map(Vec::len).sum();
        let files: usize = self.files.values().map(Vec::len).sum();
        articles * 4 + files + self.customers.len()
    }

    /// Where a ticket's conversation goes on.
    fn end_of<'t>(&'t self, mut ticket: &'t str) -> &'t str {
        while self.tickets[ticket].0 == "merged" {
            ticket = &self.tickets[ticket].1;
        }
        ticket
    }

    /// The articles that a letter's page shows; `None`: it opens nothing.
    fn page(&self, letter: &Row) -> Option<Vec<&Row>> {
        let (ticket, address) = (&letter["ticket_id"], &letter["lower(recipient)"]);
        let (end, customer) = (self.end_of(ticket), self.customers.get(address)?);
        let takes_part = |ticket: &str| self.participants.contains(&(ticket.to_owned(), customer.clone()));
        let is_invited = letter["automatic"] == "false" && !self.removed.contains(&(ticket.clone(), address.clone()));
        if !letter["forward"].is_empty()
            || letter["state"] == "cancelled"
            || self.tickets[end].0 == "removed"
            || !(takes_part(ticket) || takes_part(end) || is_invited)
        {
            return None;
        }
        let all = self.conversations.get(end)?;
        let newest = all.iter().rfind(|article| article["ticket_id"] == end)?;
        let is_young = newest["created_at > timestamptz '2026-11-23 09:00+00' - interval '90 days'"] == "true";
        let seen: Vec<&Row> = all.iter().filter(|article| self.sees(customer, address, article)).collect();
        is_young.then(|| seen[seen.len().saturating_sub(SHOWN)..].to_vec())
    }

    /// Whether somebody wrote an article, or got it.
    fn sees(&self, customer: &str, address: &str, article: &Row) -> bool {
        if article["visibility"] != "customer" || !article["cancelled_at"].is_empty() {
            return false;
        }
        match article["kind"].as_str() {
            "mail" => article["customer_id"] == customer && article["response"].is_empty(),
            "answer" | "automatic" => self.copies.get(&article["article_id"]).into_iter().flatten().any(|letter| {
                letter["lower(recipient)"] == address
                    && letter["forward"].is_empty()
                    && ["sent", "unknown"].contains(&letter["state"].as_str())
            }),
            _ => false,
        }
    }

    fn canaries(&self, article: &Row) -> impl Iterator<Item = String> {
        let id = &article["article_id"];
        let files = self.files.get(id).into_iter().flatten().map(|file| format!("FILE{file}"));
        std::iter::once(format!("CANARY{id}")).chain(files)
    }
}

/// All canaries in a text.
fn found(text: &str) -> BTreeSet<String> {
    let word = |part: &str| part.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned();
    let is_canary = |word: &String| {
        let number = KINDS.iter().find_map(|kind| word.strip_prefix(kind));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    text.split(';').map(word).filter(is_canary).collect()
}

/// A grown record of many hands, its rows, and the links of every third ticket's letters.
async fn grown(tickets: u32) -> (World, Tables, Keys) {
    let w = World::new().await;
    record::grow(&w, tickets).await;
    w.sql(include_str!("pages.sql")).await;
    let tables = Tables::read(&w).await;
    let keys = w.store.begin().await.expect("a transaction").desk().keys().await.expect("keys");
    (w, tables, keys)
}

fn link(keys: &Keys, letter: &Row) -> String {
    let id = LetterId(letter["letter_id"].parse().expect("a number"));
    format!("/t/{}", keys.page_token(id).expect("a key"))
}

#[tokio::test]
async fn no_page_shows_anything_but_its_readers_own_side() {
    let (w, tables, keys) = grown(TICKETS).await;
    let (mut pairs, mut shown, mut closed, mut seen) = (0, 0, 0, 0);
    let is_third = |letter: &&Row| letter["ticket_id"].parse::<u64>().expect("a number").is_multiple_of(3);
    for letter in tables.letters.iter().filter(is_third) {
        let page = w.follow(&link(&keys, letter)).await;
        let (text, wanted) = (page.text(), tables.page(letter));
        for word in ["@customer.test", "@grown", "@mail.test"] {
            assert!(!text.contains(word), "{letter:?}: {text}");
        }
        let own: BTreeSet<String> = wanted.iter().flatten().flat_map(|one| tables.canaries(one)).collect();
        assert_eq!(found(&text), own, "{letter:?}");
        assert_eq!(page.status == StatusCode::OK, wanted.is_some(), "{letter:?}: {}", page.status);
        pairs += tables.secrets() - own.len();
        seen += own.len();
        *(if wanted.is_some() { &mut shown } else { &mut closed }) += 1;
    }
    assert!(pairs >= 100_000 && shown > 300 && closed > 100 && seen > 1_000, "{pairs} {shown} {closed} {seen}");
    println!(
        "{pairs} pairs of a page and a secret: {shown} pages with {seen} of their own, {closed} links open nothing"
    );
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn no_link_leads_to_a_file_that_its_page_does_not_show() {
    let (w, tables, keys) = grown(300).await;
    let (mut given, mut refused) = (0, 0);
    for letter in tables.letters.iter().step_by(2) {
        let shown: Vec<&str> =
            tables.page(letter).iter().flatten().map(|article| article["article_id"].as_str()).collect();
        let all = tables.conversations.get(tables.end_of(&letter["ticket_id"])).into_iter().flatten();
        for article in all.map(|article| &article["article_id"]).filter(|article| tables.files.contains_key(*article)) {
            let file = w.follow(&format!("{}/files/{article}/1", link(&keys, letter))).await;
            let may = shown.contains(&article.as_str());
            assert_eq!(file.status == StatusCode::OK, may, "{letter:?}: the file of {article}: {}", file.status);
            *(if may { &mut given } else { &mut refused }) += 1;
        }
    }
    assert!(given > 20 && refused > 100, "{given} {refused}");
    w.leave().await.drop_it().await;
}

/// So the canaries are found where they are not wanted.
#[tokio::test]
async fn each_condition_of_the_view_keeps_something_back() {
    let (w, tables, keys) = grown(300).await;
    let view = w.rows("select pg_get_viewdef('page_article')").await.remove(0);
    for (condition, instead, what) in WEAKENED {
        let weakened = view.replace(condition, instead);
        assert_ne!(weakened, view, "{condition}");
        w.sql(&format!("create or replace view page_article as {weakened}")).await;
        let mut leaked = false;
        for letter in &tables.letters {
            let Some(wanted) = tables.page(letter) else { continue };
            let own: BTreeSet<String> = wanted.iter().flat_map(|one| tables.canaries(one)).collect();
            let shown = found(&w.follow(&link(&keys, letter)).await.text());
            if !shown.is_subset(&own) {
                leaked = true;
                break;
            }
        }
        assert!(leaked, "{what}: nobody would see it");
    }
    w.leave().await.drop_it().await;
}
