//! Several instances of one desk on one PostgreSQL: whichever is killed, frozen or cut off, another goes on, nothing is lost,
//! nothing happens twice, and only one speaks.

mod fleet;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::iter;

use self::fleet::{Fleet, HANDOVER};
use super::house::{Card, Customer, House, Mode, unique, until};

/// Mails of a round before the fault, and after it.
const BEFORE: usize = 5;
const AFTER: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_are_killed_and_frozen() {
    live_through(2, 3, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_instances_are_killed_and_frozen() {
    live_through(4, 4, 4).await;
}

/// `TICKETLOOM_INSTANCES="4 100 7"`: four instances, a hundred faults, by seed 7.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "as long as TICKETLOOM_INSTANCES says"]
async fn instances_are_killed_and_frozen_as_often_as_wanted() {
    let told = std::env::var("TICKETLOOM_INSTANCES").unwrap_or_else(|_| "4 20 1".to_owned());
    let numbers: Vec<u64> = told.split(' ').map(|word| word.parse().expect("instances, faults, seed")).collect();
    let [instances, faults, seed] = numbers[..] else { panic!("instances, faults, seed: {told}") };
    live_through(usize::try_from(instances).expect("few"), faults, seed).await;
}

/// What a seed says, the same on every machine (Knuth's MMIX generator; the upper bits are the good ones).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}

/// What was asked for, for the end.
#[derive(Default)]
struct Asked {
    subjects: Vec<String>,
    answers: Vec<(Customer, String)>,
    notes: Vec<String>,
}

async fn live_through(instances: usize, faults: u64, seed: u64) {
    let house = House::open().await;
    let mut fleet = Fleet::start(&house, instances, &[]).await;
    let (mut chance, mut asked) = (Chance(seed), Asked::default());
    for fault in 0..faults {
        let (customer, card) = new_ticket(&house, &mut asked).await;
        let stood = house.alice.transcript(house.room()).await.all_cards();
        write(&house, BEFORE, &mut asked).await;
        command(&house, customer, &card, &mut asked).await;
        // In the middle of the work, each time elsewhere.
        let enough = stood + chance.below(BEFORE);
        until("some of it is done", 60, async || {
            (house.alice.transcript(house.room()).await.all_cards() >= enough).then_some(())
        })
        .await;
        let leader = until("somebody leads", HANDOVER, async || fleet.leader_but(None).await).await;
        // Every other time it is the leader; the first times both of what may happen.
        let victim = if fault % 2 == 0 { leader } else { chance.below(instances) };
        let freezes = if fault < 3 { fault == 2 } else { chance.below(2) == 0 };
        println!(
            "fault {fault} of seed {seed}: instance {victim} (led: {leader}) is {}",
            if freezes { "frozen" } else { "killed" }
        );
        if freezes {
            fleet.freeze(victim);
        } else {
            fleet.kill(victim);
        }
        write(&house, AFTER, &mut asked).await;
        if victim == leader {
            until("another leads", HANDOVER, async || fleet.leader_but(Some(victim)).await).await;
        }
        if freezes {
            fleet.thaw(victim);
        } else {
            fleet.revive(&house, victim).await;
        }
        fleet.agrees().await;
    }
    all_once(&house, &asked).await;
    fleet.agrees().await;
}

async fn new_ticket(house: &House, asked: &mut Asked) -> (Customer, Card) {
    let (customer, subject) = (Customer::new(), format!("Broken {}", unique()));
    customer.write(house.address(), &subject, "It does not work.").await;
    let card = until("its card", 60, async || house.alice.transcript(house.room()).await.cards(&subject).pop()).await;
    asked.subjects.push(subject);
    (customer, card)
}

async fn write(house: &House, mails: usize, asked: &mut Asked) {
    let subjects: Vec<String> = (0..mails).map(|number| format!("Mail {number} {}", unique())).collect();
    let send = |subject: String| async move { Customer::new().write(house.address(), &subject, "Please help.").await };
    iter(subjects.clone()).map(send).buffer_unordered(4).collect::<Vec<()>>().await;
    asked.subjects.extend(subjects);
}

async fn command(house: &House, customer: Customer, card: &Card, asked: &mut Asked) {
    asked.notes.push(house.alice.say_in(house.room(), &card.root, "!note Look at the fuse.").await);
    asked.answers.push((customer, house.alice.say_in(house.room(), &card.root, "!answer It works again.").await));
}

/// Everything is there, and once: what is repeated is only a mail of which nobody knows whether it went out, and that says so.
async fn all_once(house: &House, asked: &Asked) {
    let all = i64::try_from(asked.subjects.len()).expect("few");
    until("all mails are there", 240, async || (house.count("mail_in").await == all).then_some(())).await;
    until("all is done", 240, async || house.jobs().await.is_empty().then_some(())).await;
    for (_, answer) in &asked.answers {
        house.alice.marked(house.room(), answer, "✉️").await;
    }
    for note in &asked.notes {
        house.alice.marked(house.room(), note, "✅").await;
    }
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    for subject in &asked.subjects {
        assert_eq!(transcript.cards(subject).len(), 1, "{subject}");
    }
    assert_eq!(transcript.all_cards(), asked.subjects.len());
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
    for note in &asked.notes {
        assert_eq!(transcript.marks(note), ["✅"]);
    }
    for (customer, answer) in &asked.answers {
        let marks = transcript.marks(answer);
        let copies = customer.answers().await.len();
        let unsure = usize::from(marks.contains(&"⚠️".to_owned()));
        assert!((1..=1 + unsure).contains(&copies), "{copies} answers, and {marks:?}");
    }
    let twice = "(select 1 from article where kind = 'note' group by ticket_id having count(*) > 1) as doubled";
    assert_eq!(house.count(twice).await, 0, "a note was taken twice");
}

/// Frozen at the worst moment: it is about to say what the next one has looked for and not found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_thaws_says_nothing_more() {
    let house = House::open().await;
    until("its boards stand", 60, async || (house.count("job").await == 0).then_some(())).await;
    let fleet = Fleet::start(&house, 2, &[("TICKETLOOM_FREEZE", "chat.before_send")]).await;
    let subject = format!("Once {}", unique());
    // The other one takes the mail.
    fleet.unwell(0);
    Customer::new().write(house.address(), &subject, "Please help.").await;
    until("it is frozen", 30, async || fleet.is_frozen(0).then_some(())).await;
    until("the other leads", HANDOVER, async || fleet.leader_but(Some(0)).await).await;
    let cards = async || house.alice.transcript(house.room()).await.cards(&subject).len();
    until("the other shows it", 60, async || (cards().await == 1).then_some(())).await;
    fleet.thaw(0);
    fleet.agrees().await;
    house.idle().await;
    assert_eq!(cards().await, 1, "the card stands once");
    assert_eq!(house.alice.transcript(house.room()).await.repeated_keys(), Vec::<String>::new());
}

/// It hears agents and the homeserver hears it, and only PostgreSQL is silent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_is_cut_off_from_postgresql_is_replaced() {
    let house = House::open().await;
    let fleet = Fleet::start(&house, 2, &[]).await;
    let mut asked = Asked::default();
    let (customer, card) = new_ticket(&house, &mut asked).await;
    fleet.instances[0].postgres.set(Mode::Silent);
    fleet.unwell(0);
    command(&house, customer, &card, &mut asked).await;
    write(&house, AFTER, &mut asked).await;
    until("the other leads", HANDOVER, async || fleet.leader_but(Some(0)).await).await;
    let answer = asked.answers[0].1.clone();
    until("it goes on", 60, async || {
        house.alice.transcript(house.room()).await.marks(&answer).contains(&"✉️".to_owned()).then_some(())
    })
    .await;
    fleet.instances[0].postgres.set(Mode::Open);
    fleet.agrees().await;
    all_once(&house, &asked).await;
    tokio::time::timeout(Duration::from_secs(30), fleet.agrees()).await.expect("one leads");
}
