//! A server is away, or an instance dies, or two want the same: nothing is lost, nothing happens twice.

use futures_util::StreamExt;
use futures_util::stream::iter;

use super::house::{Card, Customer, House, Mode, Plan, free_ports, page, servers, unique, until, world};

/// How many mails arrive while a server is away, and how many tickets two agents want at once;
/// `TICKETLOOM_OUTAGE` says more.
fn so_many(few: usize) -> usize {
    std::env::var("TICKETLOOM_OUTAGE").ok().and_then(|many| many.parse().ok()).unwrap_or(few)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synapse_is_away_while_mails_arrive() {
    let house = House::open().await;
    house.synapse.set(Mode::Cut);
    mails_become_tickets_once(&house, so_many(60)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn synapse_answers_everything_with_500_while_mails_arrive() {
    let house = House::open().await;
    house.synapse.set(Mode::Broken);
    mails_become_tickets_once(&house, so_many(30)).await;
}

/// The mails are accepted at once; when the homeserver is back they are cards, and follow-ups come in order.
async fn mails_become_tickets_once(house: &House, mails: usize) {
    let customer = Customer::new();
    let subject = format!("Conversation {}", unique());
    customer.write(house.address(), &subject, "word 0").await;
    let acknowledgement = until("the acknowledgement", 30, async || customer.acknowledgements().await.pop()).await;
    for number in 1..=5 {
        customer.reply(&acknowledgement, &format!("word {number}")).await;
        // Postfix delivers what it has at the same time in any order.
        until("it is accepted", 30, async || (house.count("mail_in").await == 1 + number).then_some(())).await;
    }
    let subjects = write_all(house, mails).await;
    let all = i64::try_from(mails).expect("few") + 6;
    until("all are accepted", 120, async || (house.count("mail_in").await == all).then_some(())).await;
    until("all are read", 120, async || (house.count("article where kind = 'mail'").await == all).then_some(())).await;
    assert_eq!(house.count("article where event_id is not null").await, 0, "nothing could be posted");

    house.synapse.set(Mode::Open);
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    for subject in &subjects {
        assert_eq!(transcript.cards(subject).len(), 1, "{subject}");
    }
    assert_eq!(transcript.all_cards(), mails + 1);
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
    let cards = transcript.cards(&subject);
    assert_eq!(cards.len(), 1);
    let words: Vec<String> = transcript.articles(&cards[0].root);
    let expected: Vec<String> = (1..=5).map(|number| format!("📨 Carol wrote\n\nword {number}")).collect();
    assert_eq!(words, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_away_while_mails_arrive() {
    let house = House::open().await;
    let (_, card) = house.ticket().await;
    house.idle().await;
    house.postgres.set(Mode::Cut);
    let many = so_many(60);
    let subjects = write_all(&house, many).await;
    let command = house.alice.say_in(house.room(), &card.root, "!lock").await;
    until("/ready says no", 30, async || house.page("/ready").await.filter(|(status, _)| *status == 503)).await;
    assert_eq!(house.count("mail_in").await, 1, "nothing can be stored");
    assert!(house.ended().is_none(), "the desk waits");

    house.postgres.set(Mode::Open);
    let all = i64::try_from(many).expect("few") + 1;
    until("Postfix hands over what it kept", 240, async || (house.count("mail_in").await == all).then_some(())).await;
    house.alice.marked(house.room(), &command, "✅").await;
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    for subject in &subjects {
        assert_eq!(transcript.cards(subject).len(), 1, "{subject}");
    }
    assert_eq!(transcript.all_cards(), many + 1);
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
    assert_eq!(transcript.marks(&command), ["✅"]);
    until("/ready says yes", 30, async || house.page("/ready").await.filter(|(status, _)| *status == 200)).await;
}

/// What was committed without waiting for the disk is lost then: only what can be done again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_killed_while_the_desk_is_at_work() {
    const ROUNDS: usize = 3;
    const MAILS: usize = 12;
    let house = House::opened(Plan { own_postgres: true, ..Plan::default() }).await;
    let mut subjects = Vec::new();
    let mut tickets = Vec::new();
    for round in 0..ROUNDS {
        let (customer, card) = house.ticket().await;
        let answer = house.alice.say_in(house.room(), &card.root, "!answer --state closed It works again.").await;
        subjects.extend(write_all(&house, MAILS).await);
        // In each round at another moment of the work.
        let posted = 1 + round + MAILS * round + 4 * round;
        until("some of it is done", 30, async || {
            (house.alice.transcript(house.room()).await.all_cards() >= posted).then_some(())
        })
        .await;
        house.cluster().kill();
        until("/ready says no", 30, async || house.page("/ready").await.filter(|(status, _)| *status == 503)).await;
        house.cluster().resume();
        until("/ready says yes", 60, async || house.page("/ready").await.filter(|(status, _)| *status == 200)).await;
        tickets.push((customer, card, answer));
    }
    let all = i64::try_from(ROUNDS * (MAILS + 1)).expect("few");
    until("all mails are there", 60, async || (house.count("mail_in").await == all).then_some(())).await;
    for (_, _, answer) in &tickets {
        house.alice.marked(house.room(), answer, "✉️").await;
    }
    house.idle().await;
    assert!(house.ended().is_none(), "the desk waited");
    let transcript = house.alice.transcript(house.room()).await;
    for subject in &subjects {
        assert_eq!(transcript.cards(subject).len(), 1, "{subject}");
    }
    assert_eq!(transcript.all_cards(), ROUNDS * (MAILS + 1));
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
    for (customer, card, answer) in &tickets {
        let copies = customer.answers().await.len();
        let unsure = usize::from(transcript.marks(answer).contains(&"⚠️".to_owned()));
        assert!((1..=1 + unsure).contains(&copies), "{copies} answers, and {:?}", transcript.marks(answer));
        assert_eq!(transcript.ticket(&card.root)["state"], "closed successful");
    }
}

/// Mails of as many customers; their subjects. No customer gets more than an acknowledgement.
async fn write_all(house: &House, mails: usize) -> Vec<String> {
    let subjects: Vec<String> = (0..mails).map(|number| format!("Mail {number} {}", unique())).collect();
    let send = |subject: String| async move { Customer::new().write(house.address(), &subject, "Please help.").await };
    iter(subjects.clone()).map(send).buffer_unordered(8).collect::<Vec<()>>().await;
    subjects
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_hear_nothing_of_an_outage() {
    let house = House::open().await;
    house.postgres.set(Mode::Cut);
    let customer = Customer::new();
    customer.write(house.address(), "Is anybody there?", "Please help.").await;
    until("/ready says no", 30, async || house.page("/ready").await.filter(|(status, _)| *status == 503)).await;
    house.postgres.set(Mode::Open);
    until("the acknowledgement", 30, async || customer.inbox().await.pop()).await;
    house.idle().await;
    let inbox = customer.inbox().await;
    assert_eq!(inbox.len(), 1, "one mail, no report of a failure");
    assert!(inbox[0].subject.starts_with("[Ticket#"), "{}", inbox[0].subject);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postfix_refuses_our_answers_for_a_while() {
    const TICKETS: usize = 5;
    // Every desk sends through the same Postfix.
    let house = House::opened_alone(Plan::default()).await;
    let mut tickets = Vec::new();
    for _ in 0..TICKETS {
        tickets.push(house.ticket().await);
    }
    house.idle().await;
    let refusal = Refusal::of("451");
    let mut commands = Vec::new();
    for (_, card) in &tickets {
        commands.push(house.alice.say_in(house.room(), &card.root, "!answer It works again.").await);
    }
    let refused = "letter where not automatic and state = 'queued' and reply like '451 %'";
    let all = i64::try_from(TICKETS).expect("few");
    until("all are refused", 30, async || (house.count(refused).await == all).then_some(())).await;
    for command in &commands {
        house.alice.marked(house.room(), command, "⏳").await;
        assert_eq!(house.alice.transcript(house.room()).await.marks(command), ["⏳"], "it waits");
    }
    drop(refusal);
    for ((customer, _), command) in tickets.iter().zip(&commands) {
        house.alice.marked(house.room(), command, "✉️").await;
        customer.answer().await;
    }
    house.idle().await;
    for ((customer, _), command) in tickets.iter().zip(&commands) {
        assert_eq!(customer.answers().await.len(), 1);
        assert_eq!(house.alice.transcript(house.room()).await.marks(command), ["✉️"]);
    }
}

/// Postfix refuses every mail of every desk, as long as this lives.
struct Refusal;

impl Refusal {
    fn of(code: &str) -> Self {
        let refusal = Self;
        servers(&world().dir, &["refuse", code]).expect("Postfix refuses");
        refusal
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        let done = servers(&world().dir, &["refuse", "off"]);
        assert!(std::thread::panicking() || done.is_ok(), "Postfix still refuses: {done:?}");
    }
}

/// A second instance on the same record.
struct Second {
    child: std::process::Child,
    http: u16,
}

impl Second {
    async fn start(house: &House) -> Self {
        let (lmtp, http) = free_ports().await;
        let config = house.file("second.toml");
        std::fs::write(&config, house.configuration(lmtp, http, "second-state")).expect("a file");
        let child = house.launch(&config, &[]);
        let second = Self { child, http };
        second.has_side("standby").await;
        second
    }

    async fn has_side(&self, side: &str) {
        let wanted = format!("\"matrix_side\":\"{side}\"");
        until(&format!("the second instance is {side}"), 30, async || {
            page(self.http, "/ready").await.filter(|(status, body)| *status == 200 && body.contains(&wanted))
        })
        .await;
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_instance_takes_the_matrix_side_over() {
    let house = House::open().await;
    let second = Second::start(&house).await;
    let (customer, card) = house.ticket().await;
    let lock = house.alice.say_in(house.room(), &card.root, "!lock").await;
    house.alice.marked(house.room(), &lock, "✅").await;
    let answer = house.alice.say_in(house.room(), &card.root, "!answer It works again.").await;
    house.kill().await;
    let note = house.alice.say_in(house.room(), &card.root, "!note while nobody was there").await;
    second.has_side("active").await;
    house.alice.marked(house.room(), &answer, "✉️").await;
    house.alice.marked(house.room(), &note, "✅").await;
    assert_eq!(customer.answers().await.len(), 1);

    // The one that comes back stands by, and takes mail.
    house.start(&[]);
    house.answers().await;
    let (_, another) = house.ticket().await;
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    assert_eq!(transcript.all_cards(), 2, "{card:?} and {another:?}");
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
    let (_, ready) = house.page("/ready").await.expect("an answer");
    assert!(ready.contains("standby"), "{ready}");
    drop(second);
}

/// The homeserver tells a repeated event by its sender's device, and the second instance is another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_dead_leader_had_sent_is_not_sent_again_by_the_next() {
    let house = House::open().await;
    // What is sent next is to be the card.
    until("its boards stand", 60, async || (house.count("job").await == 0).then_some(())).await;
    house.kill().await;
    house.start(&[("TICKETLOOM_CRASH", "chat.after_send")]);
    house.answers().await;
    until("it leads", 30, async || house.page("/ready").await.filter(|(_, body)| body.contains("active"))).await;
    let second = Second::start(&house).await;
    let subject = format!("Once {}", unique());
    Customer::new().write(house.address(), &subject, "Please help.").await;
    house.wait_for_exit(30).await;
    second.has_side("active").await;
    house.idle().await;
    let transcript = house.alice.transcript(house.room()).await;
    assert_eq!(transcript.cards(&subject).len(), 1, "one card");
    assert_eq!(transcript.repeated_keys(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_want_the_same_tickets_at_the_same_moment() {
    let house = House::open().await;
    let subjects = write_all(&house, so_many(50)).await;
    let cards: Vec<Card> = until("all cards", 240, async || {
        let transcript = house.alice.transcript(house.room()).await;
        subjects.iter().map(|subject| transcript.cards(subject).pop()).collect::<Option<Vec<Card>>>()
    })
    .await;
    let ask = |card: Card| {
        let house = &house;
        async move {
            tokio::join!(
                house.alice.say_in(house.room(), &card.root, "!lock"),
                house.bob.say_in(house.room(), &card.root, "!lock"),
            )
        }
    };
    let asked: Vec<(String, String)> = iter(cards.clone()).map(ask).buffered(8).collect().await;
    house.idle().await;
    let marked = async || {
        let transcript = house.alice.transcript(house.room()).await;
        asked
            .iter()
            .all(|(a, b)| !transcript.marks(a).is_empty() && !transcript.marks(b).is_empty())
            .then_some(transcript)
    };
    let transcript = until("all are marked", 240, marked).await;
    house.idle().await;
    for (card, (alice, bob)) in cards.iter().zip(&asked) {
        let mut marks = [transcript.marks(alice), transcript.marks(bob)].concat();
        let owner = if marks[0] == "✅" { &house.alice.user } else { &house.bob.user };
        let ticket = house.alice.transcript(house.room()).await.ticket(&card.root);
        assert_eq!(ticket["owner"], owner.as_str(), "the card names who won");
        marks.sort();
        assert_eq!(marks, ["✅", "❌"], "one wins {}", card.number);
    }
}
