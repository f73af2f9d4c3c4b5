//! What customers' pages show, against what each reader wrote and got: over all pages of many tickets, by canaries.
//!
//! What somebody may see is worked out here from the tables alone, in other words than the desk's view.

use std::collections::{BTreeSet, HashMap, HashSet};

use axum::http::StatusCode;
use ticketloom::domain::id::LetterId;

use super::World;
use super::record;

/// Tickets of the record; every third one's pages are opened.
const TICKETS: u32 = 1_500;
/// What canaries begin with.
const KINDS: [&str; 6] = ["CANARY", "FILE", "SUBJECT", "HTML", "WHOLE", "NAME"];
/// How many articles a page shows.
const SHOWN: usize = 200;

/// The record's rows, as they stand.
struct Tables {
    articles: Vec<Row>,
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
            "article_id", "ticket_id", "kind", "visibility", "customer_id", "cancelled_at", "response",
            "created_at > timestamptz '2026-11-23 09:00+00' - interval '90 days'",
        ];
        let letter = ["letter_id", "article_id", "ticket_id", "lower(recipient)", "state", "forward", "automatic"];
        let tickets = table(w, "ticket", &["ticket_id", "state", "merged_into"]).await;
        let removed = "ticket_event where kind = 'participant_removed'";
        Self {
            articles: table(w, "article order by article_id", &article).await,
            letters: table(w, "letter order by letter_id", &letter).await,
            tickets: tickets
                .into_iter()
                .map(|row| (row["ticket_id"].clone(), (row["state"].clone(), row["merged_into"].clone())))
                .collect(),
            customers: pairs("customer", ["lower(address)", "customer_id"]).await.into_iter().collect(),
            participants: pairs("participant", ["ticket_id", "customer_id"]).await.into_iter().collect(),
            removed: pairs(removed, ["ticket_id", "data ->> 'address'"]).await.into_iter().collect(),
            files,
        }
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
        let newest = self.articles.iter().rfind(|article| article["ticket_id"] == end)?;
        let is_young = newest["created_at > timestamptz '2026-11-23 09:00+00' - interval '90 days'"] == "true";
        let all = self.articles.iter().filter(|article| self.end_of(&article["ticket_id"]) == end);
        let seen: Vec<&Row> = all.filter(|article| self.sees(customer, address, article)).collect();
        is_young.then(|| seen[seen.len().saturating_sub(SHOWN)..].to_vec())
    }

    /// Whether somebody wrote an article, or got it.
    fn sees(&self, customer: &str, address: &str, article: &Row) -> bool {
        if article["visibility"] != "customer" || !article["cancelled_at"].is_empty() {
            return false;
        }
        match article["kind"].as_str() {
            "mail" => article["customer_id"] == customer && article["response"].is_empty(),
            "answer" | "automatic" => self.letters.iter().any(|letter| {
                letter["article_id"] == article["article_id"]
                    && letter["lower(recipient)"] == address
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

#[tokio::test]
async fn no_page_shows_anything_but_its_readers_own_side() {
    let w = World::new().await;
    record::grow(&w, TICKETS).await;
    w.sql(include_str!("pages.sql")).await;
    let tables = Tables::read(&w).await;
    let files: usize = tables.files.values().map(Vec::len).sum();
    let secrets = tables.articles.len() * 4 + files + tables.customers.len();
    let keys = w.store.begin().await.expect("a transaction").desk().keys().await.expect("keys");
    let (mut pairs, mut shown, mut closed, mut seen) = (0, 0, 0, 0);
    let is_third = |letter: &&Row| letter["ticket_id"].parse::<u64>().expect("a number").is_multiple_of(3);
    for letter in tables.letters.iter().filter(is_third) {
        let id = LetterId(letter["letter_id"].parse().expect("a number"));
        let link = format!("/t/{}", keys.page_token(id).expect("a key"));
        let page = w.follow(&link).await;
        let (text, wanted) = (page.text(), tables.page(letter));
        for word in ["@customer.test", "@grown", "@mail.test"] {
            assert!(!text.contains(word), "{letter:?}: {text}");
        }
        let wanted_words: BTreeSet<String> = wanted.iter().flatten().flat_map(|one| tables.canaries(one)).collect();
        assert_eq!(found(&text), wanted_words, "{letter:?}");
        assert_eq!(page.status == StatusCode::OK, wanted.is_some(), "{letter:?}: {}", page.status);
        pairs += secrets - wanted_words.len();
        seen += wanted_words.len();
        *(if wanted.is_some() { &mut shown } else { &mut closed }) += 1;
        let wanted: Vec<&str> = wanted.iter().flatten().map(|article| article["article_id"].as_str()).collect();
        for article in tables.articles.iter().filter(|article| article["ticket_id"] == letter["ticket_id"]) {
            let article = &article["article_id"];
            let may = wanted.contains(&article.as_str()) && tables.files.contains_key(article);
            if tables.files.contains_key(article) {
                let file = w.follow(&format!("{link}/files/{article}/1")).await;
                assert_eq!(file.status == StatusCode::OK, may, "{letter:?}: the file of {article}: {}", file.status);
            }
        }
    }
    assert!(pairs >= 100_000 && shown > 300 && closed > 100 && seen > 1_000, "{pairs} {shown} {closed} {seen}");
    println!("{pairs} pairs of a page and a secret, on {shown} pages with {seen} canaries of theirs; {closed} links open nothing");
    w.leave().await.drop_it().await;
}
