//! Whatever customers and agents do, in whatever order: what must always be so is so after every step.

use std::collections::HashSet;
use std::time::Duration;

use super::world::{ALICE, BOB, Case, Chance, Eml, HOLD, ROOT, World};

const STEPS: usize = 180;
const CUSTOMERS: [&str; 5] = ["carol", "dave", "erin", "frank", "grace"];
const AGENTS: [&str; 3] = [ALICE, BOB, ROOT];
const HOUR: Duration = Duration::from_hours(1);
const WAITS: [Duration; 4] = [Duration::ZERO, HOLD, HOUR, Duration::from_hours(26)];
/// What stands in every note, and in no mail.
const INNER: &str = "inner-word";
/// What agents type; `#` is a ticket's number.
const COMMANDS: [&str; 40] = [
    "!lock",
    "!unlock",
    "!owner @bob",
    "!owner @me",
    "!answer An answer",
    "!answer --state closed An answer",
    "!answer --state unsuccessful An answer",
    "!answer --until 2d An answer",
    "!answer --all An answer",
    "!answer An answer\n\n> with a quote",
    "!note inner-word",
    "inner-word without a command",
    "!close",
    "!close inner-word",
    "!close --state unsuccessful inner-word",
    "!reopen",
    "!reopen inner-word",
    "!state open",
    "!state closed",
    "!pending 2h inner-word",
    "!pending --then close 2d",
    "!priority 5",
    "!subject Another matter",
    "!tag +hot -cold",
    "!watch",
    "!unwatch",
    "!move billing",
    "!move support inner-word",
    "!merge #",
    "!merge --yes #",
    "!merge --yes #",
    "!unmerge",
    "!link #",
    "!unlink #",
    "!customer dave@customer.test",
    "!undo",
    "!why",
    "!raw",
    "!history",
    "!spam",
];

/// The words that one customer writes, and nobody else may get.
fn secret(customer: &str) -> String {
    format!("secret-of-{customer}")
}

fn address(customer: &str) -> String {
    format!("{customer}@customer.test")
}

struct Day<'w> {
    w: &'w World,
    chance: Chance,
    /// All that was done, for whoever reads why it failed.
    log: Vec<String>,
}

impl Day<'_> {
    async fn step(&mut self) {
        match self.chance.below(10) {
            0..=1 => self.somebody_writes().await,
            2..=3 => self.somebody_replies().await,
            4 => self.a_mail_comes_back().await,
            5 => self.an_agent_reacts().await,
            _ => self.an_agent_types().await,
        }
        let wait = *self.chance.one(&WAITS);
        self.w.pass(wait).await;
        self.holds().await;
    }

    async fn somebody_writes(&mut self) {
        let (customer, queue) = (*self.chance.one(&CUSTOMERS), *self.chance.one(&["support", "billing"]));
        let subject = ["It smokes", "Re: Your offer", "Invoice"][self.chance.below(3)];
        self.log.push(format!("{customer} writes to {queue}: {subject}"));
        let text = format!("Please help. {}", secret(customer));
        self.w.deliver(&Eml::new(&address(customer), subject, &text).to(&format!("{queue}@desk.test"))).await;
    }

    async fn somebody_replies(&mut self) {
        let sent = self.w.outbox();
        let Some(sent) = sent.get(self.chance.below(sent.len().max(1))) else { return };
        // Sometimes it is another one, to whom it was forwarded.
        let own = sent.to.split('@').next().unwrap_or_default().to_owned();
        let from = if self.chance.below(4) == 0 { (*self.chance.one(&CUSTOMERS)).to_owned() } else { own };
        let words = ["Thank you!", "And now?", "No."][self.chance.below(3)];
        self.log.push(format!("{from} replies to {} of {}: {words}", sent.subject, sent.to));
        let mail = Eml::reply(sent, &format!("{words} {}", secret(&from))).from(&address(&from));
        let new = "select string_agg(ticket_id || state, ',' order by ticket_id) from ticket where state = 'new'";
        let before = self.w.rows(&format!("select coalesce(({new}), '')")).await.remove(0);
        self.w.deliver(&mail).await;
        let after = self.w.rows(&format!("select coalesce(({new}), '')")).await.remove(0);
        assert!(after.starts_with(&before), "a new ticket stays new, whatever its customer writes: {}", self.told());
    }

    async fn a_mail_comes_back(&mut self) {
        let sent = self.w.outbox();
        let Some(sent) = sent.get(self.chance.below(sent.len().max(1))) else { return };
        let Some(to) = &sent.envelope_from else { return };
        self.log.push(format!("{} of {} comes back", sent.subject, sent.to));
        let report =
            Eml::new("MAILER-DAEMON@customer.test", "Undelivered Mail Returned to Sender", "550 5.1.1 unknown");
        self.w.deliver(&report.to(to).envelope_from("")).await;
    }

    async fn an_agent_reacts(&mut self) {
        let Some(case) = self.any_case().await else { return };
        let (who, key) = (*self.chance.one(&AGENTS), *self.chance.one(&["🔒", "❌", "✉️", "👀"]));
        let posts = self.w.chat.posts(&case.room);
        let to = if self.chance.below(2) == 0 { case.root.clone() } else { self.chance.one(&posts).0.clone() };
        self.log.push(format!("{who} reacts in #{}: {key}", case.number));
        self.w.react(who, &case.room, &to, key).await;
    }

    async fn an_agent_types(&mut self) {
        let (Some(case), Some(other)) = (self.any_case().await, self.any_case().await) else { return };
        let who = *self.chance.one(&AGENTS);
        let words = self.chance.one(&COMMANDS).replace('#', &other.number);
        let told = self.w.say(who, &case, &words).await;
        self.log.push(format!("{who} in #{}: {words} {}", case.number, told.marks()));
        if self.chance.below(6) == 0 {
            self.log.push("and takes it back".to_owned());
            self.w.redact(who, &told).await;
        }
        if words == "!spam" {
            self.w.say_in(ROOT, &case.room, &format!("!unblock {}", address("carol"))).await;
        }
    }

    async fn any_case(&mut self) -> Option<Case> {
        let ids = self.w.rows("select ticket_id::text from ticket order by ticket_id").await;
        let id = ids.get(self.chance.below(ids.len().max(1)))?;
        Some(self.w.case(id).await)
    }

    fn told(&self) -> String {
        self.log.join("\n")
    }

    async fn none(&self, what: &str, query: &str) {
        let rows = self.w.rows(query).await;
        assert!(rows.is_empty(), "{what}: {rows:?}, after\n{}", self.told());
    }

    /// What must always be so.
    async fn holds(&self) {
        self.none("a job is given up", "select kind || ': ' || error from dead_job").await;
        self.none(
            "a mail is neither in one ticket nor in quarantine nor a repetition",
            "select mail_id || ' ' || fate || ' ' || (select count(*) from article where article.mail_id = mail_in.mail_id)
             from mail_in where fate = 'waiting'
             or (fate = 'article' and (select count(*) from article where article.mail_id = mail_in.mail_id) <> 1)
             or (fate = 'quarantined' and quarantine_id is null)",
        )
        .await;
        self.none(
            "what is over is locked, or what is merged into another is not merged",
            "select number || ' ' || state from ticket
             where (owner_id is not null and (state like 'closed%' or state = 'merged')) or (merged_into is null) = (state = 'merged')",
        )
        .await;
        self.none(
            "merged tickets lead to none",
            "with recursive way as (
                 select ticket_id as start, merged_into as at, 1 as steps from ticket where merged_into is not null
                 union all
                 select start, merged_into, steps + 1 from way join ticket on ticket_id = at
                 where merged_into is not null and steps < 1000)
             select start::text from way where steps >= 1000 or start = at",
        )
        .await;
        self.none(
            "a mail stands on an article that is not the customer's to see",
            "select letter_id::text from letter join article using (article_id) where article.visibility <> 'customer'",
        )
        .await;
        self.mails_are_right().await;
    }

    async fn mails_are_right(&self) {
        let numbers: HashSet<String> = self.w.rows("select number from ticket").await.into_iter().collect();
        let mut seen = HashSet::new();
        for mail in self.w.outbox() {
            assert!(seen.insert(mail.message_id.clone()), "{} went out twice, after\n{}", mail.subject, self.told());
            assert!(!mail.source.contains(INNER), "a note went to {}, after\n{}", mail.to, self.told());
            let number = mail.subject.split("[Ticket#").nth(1).and_then(|rest| rest.split(']').next());
            assert!(number.is_some_and(|number| numbers.contains(number)), "no ticket's tag: {}", mail.subject);
            for customer in CUSTOMERS.iter().filter(|customer| address(customer) != mail.to) {
                let told = mail.text.contains(&secret(customer));
                assert!(!told, "{} got what {customer} wrote, after\n{}\n\n{}", mail.to, self.told(), mail.source);
            }
        }
    }
}

async fn a_long_day(seed: u64) {
    let w = World::new().await;
    let mut day = Day { w: &w, chance: Chance::new(seed), log: Vec::new() };
    for _ in 0..STEPS {
        day.step().await;
    }
    // Timers of the last step are a year off at most.
    w.pass(Duration::from_hours(24 * 400)).await;
    day.holds().await;
    assert!(w.outbox().len() > STEPS / 10, "a day on which something goes out");
    w.finish().await;
}

#[tokio::test]
async fn what_must_be_so_is_so_on_one_day() {
    a_long_day(1).await;
}

#[tokio::test]
async fn and_on_another() {
    a_long_day(20_261_126).await;
}
