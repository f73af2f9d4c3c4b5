//! What was asked of the desk, and what it answered for: kept outside of its record, each intent before it is carried out.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::chance::Canary;

/// How a mail goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Straight to the desk.
    Lmtp,
    /// Through Postfix to the desk.
    Postfix,
    /// Through Postfix into a mailbox that the desk reads.
    Imap,
}

/// A customer's mail.
#[derive(Clone, Debug)]
pub(super) struct MailIn {
    pub(super) canary: Canary,
    pub(super) customer: usize,
    pub(super) route: Route,
    /// Whether somebody answered for it: the desk, or a mail server on its way.
    pub(super) is_accepted: bool,
    /// What the desk said that it never may.
    pub(super) refusal: Option<String>,
}

/// What somebody says in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Lock,
    Unlock,
    Note,
    /// Text without a command.
    Plain,
    Answer,
    Close,
}

/// A command, or what a stranger takes for one.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) verb: Verb,
    pub(super) canary: Canary,
    /// Whether who says it is an agent.
    pub(super) by_agent: bool,
    pub(super) customer: usize,
    /// The event, once the homeserver has it.
    pub(super) event: Option<String>,
    /// The event that says it otherwise.
    pub(super) edit: Option<String>,
}

/// What a program orders.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) canary: Canary,
    /// Whether it was told that it is done.
    pub(super) is_done: bool,
}

/// Something that was done to the desk.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) kind: &'static str,
    pub(super) from: DateTime<Utc>,
    /// Still going on: none.
    pub(super) to: Option<DateTime<Utc>>,
}

/// All of it.
pub(super) struct Ledger {
    file: Mutex<File>,
    mails: Mutex<Vec<MailIn>>,
    said: Mutex<Vec<Said>>,
    orders: Mutex<Vec<Order>>,
    faults: Mutex<Vec<Fault>>,
    /// What went wrong that no checker sees afterwards, by what it speaks against.
    troubles: Mutex<Vec<(&'static str, String)>>,
    /// How often it was looked what must be so at all times.
    looks: AtomicU64,
}

/// A row's place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row(usize);

impl Ledger {
    pub(super) fn open(path: &Path) -> Self {
        let file = Mutex::new(File::create(path).expect("a file"));
        let (mails, said, orders, faults, troubles) = Default::default();
        Self { file, mails, said, orders, faults, troubles, looks: AtomicU64::new(0) }
    }

    /// Writes a line.
    #[expect(clippy::needless_pass_by_value, reason = "it is made for this line alone")]
    pub(super) fn note(&self, what: &str, data: Value) {
        let line = json!({ "at": Utc::now(), "what": what, "data": data });
        // In one write, so that lines of several threads don't mix.
        lock(&self.file).write_all(format!("{line}\n").as_bytes()).expect("the ledger is written");
    }

    pub(super) fn trouble(&self, invariant: &'static str, what: String) {
        self.note("trouble", json!([invariant, what]));
        lock(&self.troubles).push((invariant, what));
    }

    pub(super) fn mail(&self, canary: &Canary, customer: usize, route: Route) -> Row {
        self.note("mail in", json!([canary.as_str(), customer, format!("{route:?}")]));
        let mail = MailIn { canary: canary.clone(), customer, route, is_accepted: false, refusal: None };
        push(&self.mails, mail)
    }

    pub(super) fn accepted(&self, mail: Row) {
        let mut mails = lock(&self.mails);
        mails[mail.0].is_accepted = true;
        self.note("accepted", json!(mails[mail.0].canary.as_str()));
    }

    pub(super) fn refused(&self, mail: Row, answer: &str) {
        let mut mails = lock(&self.mails);
        mails[mail.0].refusal = Some(answer.to_owned());
        self.note("refused", json!([mails[mail.0].canary.as_str(), answer]));
    }

    pub(super) fn says(&self, said: Said) -> Row {
        self.note("says", json!([format!("{:?}", said.verb), said.canary.as_str(), said.by_agent, said.customer]));
        push(&self.said, said)
    }

    pub(super) fn said(&self, row: Row, event: &str) {
        let mut said = lock(&self.said);
        said[row.0].event = Some(event.to_owned());
        self.note("said", json!([said[row.0].canary.as_str(), event]));
    }

    pub(super) fn edited(&self, row: Row, event: &str) {
        lock(&self.said)[row.0].edit = Some(event.to_owned());
        self.note("edited", json!(event));
    }

    pub(super) fn order(&self, canary: &Canary) -> Row {
        self.note("order", json!(canary.as_str()));
        push(&self.orders, Order { canary: canary.clone(), is_done: false })
    }

    pub(super) fn ordered(&self, order: Row) {
        let mut orders = lock(&self.orders);
        orders[order.0].is_done = true;
        self.note("ordered", json!(orders[order.0].canary.as_str()));
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is made for this line alone")]
    pub(super) fn fault(&self, kind: &'static str, data: Value) -> Row {
        self.note("fault", json!([kind, data]));
        push(&self.faults, Fault { kind, from: Utc::now(), to: None })
    }

    pub(super) fn fault_is_over(&self, row: Row) {
        let mut faults = lock(&self.faults);
        faults[row.0].to = Some(Utc::now());
        self.note("fault over", json!(faults[row.0].kind));
    }

    /// Whether a way to a server was cut since then. Who can't reach PostgreSQL when it begins ends, to be begun again.
    pub(super) fn is_cut_off_since(&self, moment: DateTime<Utc>) -> bool {
        const CUTS: [&str; 4] = ["cut", "silence", "backends", "postgres"];
        lock(&self.faults).iter().any(|fault| CUTS.contains(&fault.kind) && fault.to.is_none_or(|to| to >= moment))
    }

    pub(super) fn mails_in(&self) -> Vec<MailIn> {
        lock(&self.mails).clone()
    }

    pub(super) fn all_said(&self) -> Vec<Said> {
        lock(&self.said).clone()
    }

    pub(super) fn orders(&self) -> Vec<Order> {
        lock(&self.orders).clone()
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        lock(&self.faults).clone()
    }

    pub(super) fn looked(&self) {
        self.looks.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn looks(&self) -> u64 {
        self.looks.load(Ordering::Relaxed)
    }

    pub(super) fn troubles(&self) -> Vec<(&'static str, String)> {
        lock(&self.troubles).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic meanwhile")
}

fn push<T>(rows: &Mutex<Vec<T>>, row: T) -> Row {
    let mut rows = lock(rows);
    rows.push(row);
    Row(rows.len() - 1)
}
