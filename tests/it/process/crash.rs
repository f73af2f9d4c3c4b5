//! `kill -9` at every named point of the two ways through the house: afterwards everything is there,
//! once.
//!
//! Each point is armed in front of the step that passes it; the rest of a ticket's life goes on after
//! the restart. A point that is never reached fails its test.

use std::collections::BTreeSet;

use super::house::{Customer, House, Plan, unique, until};

/// The step in front of which the desk is started with the point armed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Mail,
    Lock,
    Answer,
    FollowUp,
}

/// Where it is to die: the point, its pass, and the step.
struct Case {
    point: &'static str,
    pass: u32,
    at: Step,
}

const fn case(point: &'static str, pass: u32, at: Step) -> Case {
    Case { point, pass, at }
}

const LMTP: &[Case] = &[
    case("lmtp.before_commit", 1, Step::Mail),
    case("lmtp.after_commit", 1, Step::Mail),
    case("lmtp.after_reply", 1, Step::Mail),
    case("lmtp.after_commit", 1, Step::FollowUp),
    case("mail.before_commit", 1, Step::Mail),
    case("mail.after_commit", 1, Step::Mail),
    case("mail.before_commit", 1, Step::FollowUp),
];

const IMAP: &[Case] = &[
    case("imap.before_commit", 1, Step::Mail),
    case("imap.after_commit", 1, Step::Mail),
    case("imap.after_move", 1, Step::Mail),
];

const COMMANDS: &[Case] = &[
    case("sync.before_commit", 1, Step::Lock),
    case("sync.after_commit", 1, Step::Lock),
    case("command.before_commit", 1, Step::Lock),
    case("command.after_commit", 1, Step::Lock),
    case("command.before_commit", 1, Step::Answer),
    case("command.after_commit", 1, Step::Answer),
];

/// The first record of a run is that of the rooms.
const CHAT: &[Case] = &[
    case("chat.before_send", 1, Step::Mail),
    case("chat.after_send", 1, Step::Mail),
    case("chat.after_record", 2, Step::Mail),
    case("chat.after_upload", 1, Step::Mail),
    case("chat.after_send", 1, Step::Lock),
    case("chat.after_send", 1, Step::FollowUp),
];

/// The acknowledgement is the first letter of a ticket, the answer the second.
const SMTP: &[Case] = &[
    case("smtp.before_mark", 1, Step::Answer),
    case("smtp.after_mark", 1, Step::Answer),
    case("smtp.after_dot", 1, Step::Answer),
    case("smtp.before_record", 1, Step::Answer),
    case("smtp.after_record", 1, Step::Answer),
    case("smtp.before_mark", 1, Step::Mail),
    case("smtp.after_dot", 1, Step::Mail),
];

/// The points between which nobody knows whether a mail was sent.
const UNKNOWN: [&str; 3] = ["smtp.after_mark", "smtp.after_dot", "smtp.before_record"];

#[test]
fn every_point_has_a_case() {
    let cases = [LMTP, IMAP, COMMANDS, CHAT, SMTP];
    let covered = cases.into_iter().flatten().map(|case| case.point);
    let covered: BTreeSet<&str> =
        covered.chain(super::webhooks::POINTS).chain(super::erasing::POINTS).chain(super::remirror::POINTS).collect();
    let all: BTreeSet<&str> = ticketloom::crash::POINTS.iter().copied().collect();
    assert_eq!(covered, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_mail_comes_in_by_lmtp_or_is_read() {
    live_through(LMTP, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_mail_comes_in_by_imap() {
    live_through(IMAP, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_command_comes_in_or_is_done() {
    live_through(COMMANDS, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_speaks_in_matrix() {
    live_through(CHAT, false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_letter_goes_out() {
    live_through(SMTP, false).await;
}

/// A scheduled answer whose moment is there goes out once, whenever the desk dies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_a_scheduled_answer_goes_out() {
    let house = House::open().await;
    let (alice, room) = (&house.alice, house.room());
    for point in ["command.before_commit", "command.after_commit", "smtp.before_mark", "smtp.after_record"] {
        let (customer, card) = house.ticket().await;
        let answer = alice.say_in(room, &card.root, "!answer --at 30min It works again.").await;
        alice.marked(room, &answer, "⏳").await;
        // Its acknowledgement is out, too.
        until("only its moment is to come", 60, async || {
            let others = "job where kind not in ('SendScheduled', 'QueueBoard', 'HomeBoard', 'QuarantineDay')";
            (house.count(others).await == 0).then_some(())
        })
        .await;
        house.kill().await;
        for sooner in [
            "update job set run_at = now() where kind = 'SendScheduled'",
            "update lane set due = now() where name like 'scheduled:%'",
        ] {
            sqlx::query(sooner).execute(&house.record).await.expect("its moment is there");
        }
        house.start(&[("TICKETLOOM_CRASH", point)]);
        let mut deaths = 0;
        until(&format!("it went out ({point})"), 60, async || {
            deaths += u32::from(house.revive());
            let has_mark = alice.transcript(room).await.marks(&answer) == ["✉️"];
            (has_mark && customer.answers().await.len() == 1).then_some(())
        })
        .await;
        until("no job is left", 60, async || {
            deaths += u32::from(house.revive());
            house.jobs().await.is_empty().then_some(())
        })
        .await;
        assert_eq!((deaths, customer.answers().await.len()), (1, 1), "{point}");
        assert_eq!(house.count("scheduled_answer where state <> 'sent'").await, 0, "{point}");
        let written =
            format!("article join ticket using (ticket_id) where number = '{}' and kind = 'answer'", card.number);
        assert_eq!(house.count(&written).await, 1, "{point}");
    }
}

async fn live_through(cases: &[Case], imap: bool) {
    let house = House::opened(Plan { queues: usize::from(!imap), imap, ..Plan::default() }).await;
    for case in cases {
        Life { house: &house, case, deaths: 0 }.live().await;
    }
}

/// A ticket's life with one death of the desk in it.
struct Life<'a> {
    house: &'a House,
    case: &'a Case,
    deaths: u32,
}

impl Life<'_> {
    async fn live(mut self) {
        let (house, case) = (self.house, self.case);
        let (alice, room) = (&house.alice, house.room());
        let what = format!("{}:{} at {:?}", case.point, case.pass, case.at);
        let customer = Customer::new();
        let subject = format!("Ticket {}", unique());
        let has_file = case.point == "chat.after_upload";

        self.arm(Step::Mail).await;
        if has_file {
            customer.write_with_file(house.address(), &subject, "first words").await;
        } else {
            customer.write(house.address(), &subject, "first words").await;
        }
        let card = self.until("the card", async || alice.transcript(room).await.cards(&subject).pop()).await;
        self.until_idle().await;

        self.disarm(Step::Lock).await;
        let lock = alice.say_in(room, &card.root, "!lock").await;
        self.arm(Step::Lock).await;
        self.until_marked(&lock, "✅").await;
        self.until_idle().await;

        self.arm(Step::Answer).await;
        let answer = alice.say_in(room, &card.root, "!answer --state closed It works again.").await;
        self.until_marked(&answer, "✉️").await;
        let mail = self.until("the answer in the mailbox", async || customer.answers().await.pop()).await;
        self.until_idle().await;
        assert_eq!(alice.transcript(room).await.ticket(&card.root)["state"], "closed successful", "{what}");

        self.arm(Step::FollowUp).await;
        customer.reply(&mail, "second words").await;
        self.until("the follow-up", async || alice.transcript(room).await.articles(&card.root).pop()).await;
        self.until_idle().await;
        assert_eq!(self.deaths, 1, "{what}: it died so often");

        let transcript = alice.transcript(room).await;
        assert_eq!(transcript.cards(&subject), std::slice::from_ref(&card), "{what}: one card");
        assert_eq!(transcript.repeated_keys(), Vec::<String>::new(), "{what}: no event twice");
        let articles = transcript.articles(&card.root);
        assert_eq!(articles.len(), 1, "{what}: the first mail is on the card, the second here: {articles:?}");
        assert!(articles[0].contains("second words"), "{what}: {articles:?}");
        let files = transcript.thread(&card.root).iter().filter(|e| e["content"]["msgtype"] == "m.file").count();
        assert_eq!(files, usize::from(has_file), "{what}: files");
        assert_eq!(transcript.marks(&lock), ["✅"], "{what}: one mark");
        let ticket = transcript.ticket(&card.root);
        assert_eq!(
            (&ticket["state"], &ticket["locked"], &ticket["owner"]),
            (&"open".into(), &false.into(), &().into())
        );

        let is_unknown = UNKNOWN.contains(&case.point);
        let marks = transcript.marks(&answer);
        let answers = customer.answers().await;
        if is_unknown && case.at == Step::Answer {
            assert_eq!(marks, ["✉️"], "{what}: it says that it may arrive twice");
            assert!((1..=2).contains(&answers.len()), "{what}: {} answers", answers.len());
            assert!(answers.iter().all(|copy| copy.id == answers[0].id), "{what}: copies have one Message-ID");
        } else {
            assert_eq!(marks, ["✉️"], "{what}: nothing to be unsure of");
            assert_eq!(answers.len(), 1, "{what}: one answer");
        }
        assert!(answers[0].text.contains("It works again."), "{what}: {:?}", answers[0].text);
        // The acknowledgement is on its way while the rest of the desk works, so any kill may strike behind
        // its mark: then it may be missing, but only with the record saying that nobody knows.
        let unknown = format!("letter where automatic and state = 'unknown' and recipient = '{}'", customer.address);
        let least = usize::from(house.count(&unknown).await == 0);
        let acknowledged = customer.acknowledgements().await.len();
        assert!((least..=1).contains(&acknowledged), "{what}: {acknowledged} acknowledgements");
        let mails = format!("mail_in where raw like '%{}%'::bytea", customer.address);
        assert_eq!(house.count(&mails).await, 2, "{what}: two mails in the record");
        assert_eq!(house.count(&format!("ticket where subject = '{subject}'")).await, 1, "{what}: one ticket");
    }

    /// Kills the desk before a step, so that what the step says is heard by the armed one.
    async fn disarm(&self, step: Step) {
        if self.case.at == step {
            self.house.kill().await;
        }
    }

    /// Starts the desk with the point armed, if this is its step.
    async fn arm(&self, step: Step) {
        if self.case.at != step {
            return;
        }
        if step != Step::Lock {
            self.house.kill().await;
        }
        let point = format!("{}:{}", self.case.point, self.case.pass);
        self.house.start(&[("TICKETLOOM_CRASH", &point)]);
    }

    /// Waits for something; when the desk has died meanwhile, opens it again.
    async fn until<T>(&mut self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let what = format!("{what} ({}:{} at {:?})", self.case.point, self.case.pass, self.case.at);
        until(&what, 40, async || {
            self.deaths += u32::from(self.house.revive());
            look().await
        })
        .await
    }

    async fn until_marked(&mut self, event: &str, mark: &str) {
        let (alice, room) = (&self.house.alice, self.house.room());
        self.until(&format!("{mark} on {event}"), async || {
            alice.transcript(room).await.marks(event).contains(&mark.to_owned()).then_some(())
        })
        .await;
    }

    async fn until_idle(&mut self) {
        let house = self.house;
        self.until("no job is left", async || house.jobs().await.is_empty().then_some(())).await;
        house.alice.catch_up().await;
    }
}
