//! What the desk's record says.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

use crate::soak::chance::Canary;

/// A mail as it was received.
pub(super) struct MailRow {
    pub(super) id: i64,
    pub(super) fate: String,
    /// How many articles it is.
    pub(super) articles: i64,
    pub(super) is_quarantined: bool,
}

pub(super) struct ArticleRow {
    pub(super) id: i64,
    pub(super) ticket: i64,
    pub(super) seq: i32,
    pub(super) kind: String,
    pub(super) mail: Option<i64>,
    pub(super) canaries: Vec<Canary>,
}

pub(super) struct LetterRow {
    pub(super) id: i64,
    pub(super) article: i64,
    pub(super) ticket: i64,
    pub(super) recipient: String,
    pub(super) is_automatic: bool,
    pub(super) message_id: String,
    pub(super) state: String,
    pub(super) uncertain: i32,
    pub(super) command: Option<String>,
    pub(super) from: DateTime<Utc>,
    pub(super) to: Option<DateTime<Utc>>,
}

pub(super) struct TicketRow {
    pub(super) state: String,
    pub(super) owner: Option<i64>,
    pub(super) number: String,
    pub(super) customer: String,
}

/// A line of the audit trail.
pub(super) struct Happened {
    pub(super) ticket: i64,
    pub(super) by_agent: bool,
    pub(super) kind: String,
    pub(super) data: Value,
    /// The message that asked for it.
    pub(super) cause: Option<String>,
}

/// All of it.
pub(super) struct Record {
    pub(super) mails: Vec<MailRow>,
    /// The rows of `mails` with that canary.
    pub(super) by_canary: HashMap<Canary, Vec<usize>>,
    pub(super) articles: Vec<ArticleRow>,
    pub(super) letters: Vec<LetterRow>,
    pub(super) tickets: BTreeMap<i64, TicketRow>,
    /// In their order.
    pub(super) events: Vec<Happened>,
}

type Letter = (i64, i64, i64, String, bool, String, String, i32, Option<String>, DateTime<Utc>, Option<DateTime<Utc>>);

impl Record {
    pub(super) async fn read(record: &PgPool) -> Self {
        let (mails, by_canary) = mails(record).await;
        Self {
            mails,
            by_canary,
            articles: articles(record).await,
            letters: letters(record).await,
            tickets: tickets(record).await,
            events: events(record).await,
        }
    }

    /// How many articles of that kind have that canary.
    pub(super) fn written(&self, canary: &Canary, kind: &str) -> usize {
        self.articles.iter().filter(|article| article.kind == kind && article.canaries.contains(canary)).count()
    }
}

async fn mails(record: &PgPool) -> (Vec<MailRow>, HashMap<Canary, Vec<usize>>) {
    let rows: Vec<(i64, Vec<u8>, String, i64, bool)> = sqlx::query_as(
        "select mail_id, raw, fate, (select count(*) from article where article.mail_id = mail_in.mail_id),
                quarantine_id is not null from mail_in order by mail_id",
    )
    .fetch_all(record)
    .await
    .expect("the record answers");
    let (mut mails, mut by_canary) = (Vec::new(), HashMap::<Canary, Vec<usize>>::new());
    for (id, raw, fate, articles, is_quarantined) in rows {
        for canary in Canary::all_in(&String::from_utf8_lossy(&raw)) {
            by_canary.entry(canary).or_default().push(mails.len());
        }
        mails.push(MailRow { id, fate, articles, is_quarantined });
    }
    (mails, by_canary)
}

async fn articles(record: &PgPool) -> Vec<ArticleRow> {
    let rows: Vec<(i64, i64, i32, String, Option<i64>, String)> = sqlx::query_as(
        "select article_id, ticket_id, seq, kind, mail_id, concat(text, whole_text) from article order by article_id",
    )
    .fetch_all(record)
    .await
    .expect("the record answers");
    let article = |(id, ticket, seq, kind, mail, text): (i64, i64, i32, String, Option<i64>, String)| ArticleRow {
        id,
        ticket,
        seq,
        kind,
        mail,
        canaries: Canary::all_in(&text),
    };
    rows.into_iter().map(article).collect()
}

async fn letters(record: &PgPool) -> Vec<LetterRow> {
    let rows: Vec<Letter> = sqlx::query_as(
        "select letter_id, article_id, ticket_id, recipient, automatic, message_id, state, uncertain, command_event,
                created_at, finished_at from letter order by letter_id",
    )
    .fetch_all(record)
    .await
    .expect("the record answers");
    let letter = |row: Letter| LetterRow {
        id: row.0,
        article: row.1,
        ticket: row.2,
        recipient: row.3,
        is_automatic: row.4,
        message_id: row.5,
        state: row.6,
        uncertain: row.7,
        command: row.8,
        from: row.9,
        to: row.10,
    };
    rows.into_iter().map(letter).collect()
}

async fn tickets(record: &PgPool) -> BTreeMap<i64, TicketRow> {
    let rows: Vec<(i64, String, Option<i64>, String, String)> = sqlx::query_as(
        "select ticket_id, state, owner_id, number, address from ticket join customer using (customer_id)",
    )
    .fetch_all(record)
    .await
    .expect("the record answers");
    let ticket = |(id, state, owner, number, customer)| (id, TicketRow { state, owner, number, customer });
    rows.into_iter().map(ticket).collect()
}

async fn events(record: &PgPool) -> Vec<Happened> {
    let rows: Vec<(i64, bool, String, Value, Option<String>)> = sqlx::query_as(
        "select ticket_id, actor = 'agent', kind, data, matrix_event from ticket_event order by ticket_event_id",
    )
    .fetch_all(record)
    .await
    .expect("the record answers");
    let happened = |(ticket, by_agent, kind, data, cause)| Happened { ticket, by_agent, kind, data, cause };
    rows.into_iter().map(happened).collect()
}
