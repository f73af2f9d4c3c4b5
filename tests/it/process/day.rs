//! A day at the desk: four agents, three queues, twenty customers, and whatever goes wrong on such a day.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::house::{Agent, Card, Customer, House, Plan, unique, until};

const CUSTOMERS: usize = 20;
/// What stands in every note and refused answer, and in no mailbox.
const INNER: &str = "inner-word";
/// Answers with slips in them, each with the word that the refusal says.
const MISTYPED: [(&str, &str); 6] = [
    ("!anwser inner-word", "!answer"),
    ("!answer --sate closed inner-word", "--state"),
    ("!answer --state clsoed inner-word", "closed successful"),
    ("!answer", "TEXT"),
    ("!answer --attach 3 inner-word", "--attach"),
    ("!answer --cc nobody inner-word", "--cc"),
];

/// Somebody who wrote, and their ticket.
struct Matter {
    customer: Customer,
    queue: usize,
    card: Card,
}

/// The desk on this day.
struct Day {
    house: House,
    /// Works in the first queue alone.
    carla: Agent,
    /// The admin.
    dora: Agent,
    /// Reads along.
    walter: Agent,
}

impl Day {
    async fn begin() -> Self {
        let house = House::opened(Plan { queues: 3, ..Plan::default() }).await;
        let tag = unique();
        let names = ["carla", "dora", "walter"].map(|name| format!("{name}-{tag}"));
        let [carla, dora, walter] =
            [Agent::new(&names[0]).await, Agent::new(&names[1]).await, Agent::new(&names[2]).await];
        house.must(&["agent", "add", &carla.user, "--queue", &house.queues[0].name]).await;
        house.must(&["agent", "add", &dora.user, "--role", "admin"]).await;
        house.must(&["agent", "add", &walter.user, "--role", "observer"]).await;
        let day = Self { house, carla, dora, walter };
        for queue in 0..3 {
            day.dora.join(day.room(queue)).await;
            day.walter.join(day.room(queue)).await;
        }
        day.carla.join(day.room(0)).await;
        day
    }

    fn room(&self, queue: usize) -> &str {
        &self.house.queues[queue].room
    }

    /// Twenty customers write at once.
    async fn everybody_writes(&self) -> Vec<Matter> {
        let write = |number: usize| async move {
            let (customer, queue, subject) = (Customer::new(), number % 3, format!("Matter {number} {}", unique()));
            let address = &self.house.queues[queue].address;
            customer.write(address, &subject, &format!("Please help. My word is {}.", word(&customer))).await;
            let card = self.house.alice.card(self.room(queue), &subject).await;
            Matter { customer, queue, card }
        };
        join_all((0..CUSTOMERS).map(write)).await
    }

    /// Somebody types in a matter's thread; what mark it got.
    async fn types(&self, who: &Agent, matter: &Matter, words: &str) -> String {
        let room = self.room(matter.queue);
        let event = who.say_in(room, &matter.card.root, words).await;
        self.mark_of(room, &event).await
    }

    /// The first mark on an event that is the bot's last word: held mails go on.
    async fn mark_of(&self, room: &str, event: &str) -> String {
        let marks = async || {
            let marks = self.house.alice.transcript(room).await.marks(event);
            marks.into_iter().find(|mark| mark != "⏳")
        };
        until(&format!("a mark on {event}"), 60, marks).await
    }

    async fn does(&self, who: &Agent, matter: &Matter, words: &str) {
        let mark = self.types(who, matter, words).await;
        let done = if words.starts_with("!answer") { "✉️" } else { "✅" };
        assert_eq!(mark, done, "{words}: {:?}", self.bodies(matter).await);
    }

    /// It is refused, and the notice says so.
    async fn is_refused(&self, who: &Agent, matter: &Matter, words: &str, because: &str) {
        let before = self.bodies(matter).await.len();
        assert_eq!(self.types(who, matter, words).await, "❌", "{words}");
        let said = async || {
            let bodies = self.bodies(matter).await;
            bodies.iter().skip(before).any(|body| body.contains(because)).then_some(())
        };
        until(&format!("{words} is refused because of {because}"), 60, said).await;
    }

    async fn bodies(&self, matter: &Matter) -> Vec<String> {
        self.house.alice.transcript(self.room(matter.queue)).await.bodies(&matter.card.root)
    }

    async fn state(&self, matter: &Matter) -> Value {
        self.house.alice.transcript(self.room(matter.queue)).await.ticket(&matter.card.root)
    }

    /// What the newest list that somebody asked for in a room shows.
    async fn list(&self, who: &Agent, room: &str, words: &str) -> Vec<String> {
        let event = who.say(room, words).await;
        assert_eq!(self.mark_of(room, &event).await, "✅", "{words}");
        let shown = async || {
            let events = self.house.alice.events(room).await;
            let asked = events.iter().position(|heard| heard["event_id"] == *event)?;
            let list = events[asked..].iter().find_map(|heard| heard["content"]["org.ticketloom.list"].as_object())?;
            let numbers = list["tickets"].as_array()?.iter().filter_map(Value::as_str);
            Some(numbers.map(ToOwned::to_owned).collect::<Vec<String>>())
        };
        until(&format!("the list of {words}"), 60, shown).await
    }

    /// Each queue's list is what the record says, and what one has locked stands only in `!mine`.
    async fn lists_are_true(&self) {
        for queue in 0..3 {
            let name = &self.house.queues[queue].name;
            let mut shown = self.list(&self.house.alice, self.room(queue), "!queue").await;
            shown.sort();
            assert_eq!(shown, self.numbers(name, "owner_id is null").await, "what is unlocked in {name}");
            let mut mine = self.list(&self.house.alice, self.room(queue), "!mine").await;
            mine.sort();
            let all = format!("owner_id = (select agent_id from agent where user_id = '{}')", self.house.alice.user);
            assert_eq!(mine, self.numbers("%", &all).await, "what alice has locked");
        }
    }

    /// What the newest edit of a room's board says, and the message itself.
    async fn board(&self, who: &Agent, room: &str) -> Option<(Value, Value)> {
        let events = who.events(room).await;
        let board = |event: &Value| event["content"]["org.ticketloom.board"].clone();
        let newest = events.iter().rev().find(|event| board(event).is_object())?;
        let original = match newest["content"]["m.relates_to"]["event_id"].as_str() {
            Some(original) => original.into(),
            None => newest["event_id"].clone(),
        };
        Some((board(newest), original))
    }

    /// Each queue's pinned board says what the record does, and so does the board in alice's home.
    async fn boards_are_true(&self) {
        let alice = &self.house.alice;
        for queue in 0..3 {
            let (room, name) = (self.room(queue), &self.house.queues[queue].name);
            let unlocked = self.numbers(name, "owner_id is null").await.len();
            let locked = self.numbers(name, "owner_id is not null").await.len();
            let says = async || {
                let (board, event) = self.board(alice, room).await?;
                (board["unlocked"] == unlocked && board["locked"] == locked && board["queue"] == **name)
                    .then_some(event)
            };
            let event = until(&format!("the board of {name} says {unlocked} and {locked}"), 60, says).await;
            let pins = ["rooms", room, "state", "m.room.pinned_events", ""];
            let is_pinned = async || {
                let pinned = alice.ask(Method::GET, &pins, Value::Null).await.ok()?;
                (pinned["pinned"] == json!([event])).then_some(())
            };
            until("it is pinned", 60, is_pinned).await;
        }
        let home = format!("select room_id from room join agent using (agent_id) where user_id = '{}'", alice.user);
        let home: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(home)).fetch_one(&self.house.record).await.expect("she has a home");
        alice.join(&home).await;
        let own = format!("owner_id = (select agent_id from agent where user_id = '{}')", alice.user);
        let (locked, unlocked) = (self.numbers("%", &own).await, self.numbers("%", "owner_id is null").await);
        let says = async || {
            let (board, _) = self.board(alice, &home).await?;
            let sorted = |key: &str| {
                let mut numbers: Vec<String> = serde_json::from_value(board[key].clone()).ok()?;
                numbers.sort();
                Some(numbers)
            };
            (sorted("locked")? == locked && sorted("queues")? == unlocked).then_some(())
        };
        until(&format!("her home says {locked:?} and {unlocked:?}"), 60, says).await;
    }

    async fn numbers(&self, queue: &str, which: &str) -> Vec<String> {
        let query = format!(
            "select number from ticket join queue using (queue_id)
             where queue.name like '{queue}' and {which} and state not like 'closed%' and state not in ('merged', 'removed') order by number"
        );
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&self.house.record).await.expect("the record answers")
    }
}

/// What a customer writes, and nobody else gets.
fn word(customer: &Customer) -> String {
    customer.address.split('@').next().unwrap_or_default().replace("carol-", "word-")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_at_the_desk() {
    let day = Day::begin().await;
    let matters = day.everybody_writes().await;
    day.house.idle().await;
    day.lists_are_true().await;
    day.boards_are_true().await;

    agents_take_and_answer(&day, &matters).await;
    day.lists_are_true().await;
    words_at_the_wrong_place_or_by_the_wrong_person(&day, &matters).await;
    customers_write_again(&day, &matters).await;
    tickets_change_places(&day, &matters).await;
    day.house.idle().await;
    day.lists_are_true().await;
    day.boards_are_true().await;
    what_reached_the_mailboxes(&day, &matters).await;
}

/// Each does what one does all day: takes, notes, answers, closes, lets wait.
async fn agents_take_and_answer(day: &Day, matters: &[Matter]) {
    let (alice, bob) = (&day.house.alice, &day.house.bob);
    let work = |number: usize| async move {
        let matter = &matters[number];
        match number {
            0..3 => {
                day.does(alice, matter, "!lock").await;
                day.does(alice, matter, &format!("!note {INNER}")).await;
                day.does(alice, matter, &format!("!answer We look into matter {number}.")).await;
            }
            3..6 => day.does(bob, matter, &format!("!answer --state closed Matter {number} is done.")).await,
            6 => day.does(&day.carla, matter, "!priority 5").await,
            7 => day.does(bob, matter, &format!("!pending 2d {INNER}")).await,
            8 => day.does(&day.dora, matter, "!tag +printer").await,
            9 => day.does(&day.dora, matter, &format!("!close {INNER}")).await,
            _ => {}
        }
    };
    join_all((0..matters.len()).map(work)).await;
    for matter in &matters[..3] {
        let ticket = day.state(matter).await;
        assert_eq!((&ticket["state"], &ticket["owner"]), (&"open".into(), &alice.user.as_str().into()));
    }
    for matter in &matters[3..6] {
        let closed = async || {
            let ticket = day.state(matter).await;
            (ticket["state"] == "closed successful" && ticket["locked"] == false).then_some(())
        };
        until("an answer closes and unlocks", 60, closed).await;
    }
}

/// What must come to nothing, and says what to do instead.
async fn words_at_the_wrong_place_or_by_the_wrong_person(day: &Day, matters: &[Matter]) {
    let (alice, bob) = (&day.house.alice, &day.house.bob);
    for (words, because) in MISTYPED {
        day.is_refused(bob, &matters[10], words, because).await;
    }
    day.is_refused(bob, &matters[0], &format!("!answer {INNER}"), &alice.user).await;
    day.is_refused(bob, &matters[0], &format!("!close {INNER}"), &alice.user).await;
    // Who only reads along can't post at all, and Carla, who works in the first queue alone, is not in the other rooms.
    let path = ["rooms", day.room(matters[10].queue), "send", "m.room.message", &unique()];
    let answer = json!({ "msgtype": "m.text", "body": format!("!answer {INNER}") });
    let refused = day.walter.ask(Method::PUT, &path, answer.clone()).await.expect_err("the homeserver refuses it");
    assert_eq!(refused.0, 403, "{refused:?}");
    day.carla.ask(Method::PUT, &path, answer).await.expect_err("the homeserver refuses it");
    let other = matters.iter().find(|matter| matter.queue == 1).expect("one");
    let foreign = day.carla.say_in(day.room(0), &matters[0].card.root, &format!("!merge {}", other.card.number)).await;
    assert_eq!(day.mark_of(day.room(0), &foreign).await, "❌");
    for words in [format!("!answer {INNER}"), "!close".to_owned(), "!accept".to_owned()] {
        let event = bob.say(day.room(0), &words).await;
        assert_eq!(day.mark_of(day.room(0), &event).await, "❌", "{words} in the room, outside of threads");
    }
    assert_eq!(day.state(&matters[10]).await["state"], "new");
}

/// Answers, thanks, another's words by a mail that went from hand to hand, a mail that comes back.
async fn customers_write_again(day: &Day, matters: &[Matter]) {
    let again = &matters[0];
    let answer = again.customer.answer().await;
    again.customer.reply(&answer, "It smokes again.").await;
    let heard = async || day.bodies(again).await.iter().any(|body| body.contains("It smokes again.")).then_some(());
    until("the follow-up in the thread", 60, heard).await;

    let reopened = &matters[3];
    reopened.customer.reply(&reopened.customer.answer().await, "No, it is not done.").await;
    until("it is open again", 60, async || (day.state(reopened).await["state"] == "open").then_some(())).await;

    // Somebody else has the mail, and its signed address: an agent is asked.
    let (stranger, of) = (Customer::new(), matters[1].customer.answer().await);
    stranger.reply(&of, &format!("Let me in. {}", word(&stranger))).await;
    let held = async || {
        let events = day.house.alice.events(day.room(matters[1].queue)).await;
        let is_held = |event: &&Value| {
            event["content"]["org.ticketloom.article"]["ticket"] == matters[1].card.number
                && event["content"]["body"].as_str().is_some_and(|body| body.contains(&stranger.address))
        };
        events.iter().find(is_held).map(|event| event["event_id"].as_str().unwrap_or_default().to_owned())
    };
    until("the stranger is shown with their address", 60, held).await;
    day.does(&day.house.alice, &matters[1], "!answer Only for you.").await;
    day.house.idle().await;
    assert_eq!(stranger.answers().await.len(), 0, "a stranger gets nothing of it");
}

/// Moved, merged, given to somebody: the mails keep finding their way.
async fn tickets_change_places(day: &Day, matters: &[Matter]) {
    let (alice, bob) = (&day.house.alice, &day.house.bob);
    let (one, two) = (&matters[12], &matters[15]);
    assert_eq!(one.queue, two.queue);
    assert_eq!(day.types(bob, one, &format!("!merge {}", two.card.number)).await, "❌", "customers differ");
    day.does(bob, one, &format!("!merge --yes {}", two.card.number)).await;
    day.does(bob, two, &format!("!answer To you alone, {}.", two.customer.address)).await;

    let moved = &matters[13];
    let to = &day.house.queues[(moved.queue + 1) % 3];
    day.does(alice, moved, &format!("!move {} {INNER}", to.name)).await;
    let there = async || {
        let transcript = alice.transcript(&to.room).await;
        let subject = day.state(moved).await["subject"].as_str().unwrap_or_default().to_owned();
        transcript.cards(&subject).pop()
    };
    let card = until("its card in the other room", 60, there).await;
    assert_eq!(card.number, moved.card.number);
    let here = alice.say_in(&to.room, &card.root, "!answer From the other queue.").await;
    assert_eq!(day.mark_of(&to.room, &here).await, "✉️");
}

/// Everybody has their acknowledgement and their answers, once each, and nothing of what is nobody else's.
async fn what_reached_the_mailboxes(day: &Day, matters: &[Matter]) {
    let letters = "select count(*) from letter where state not in ('sent', 'cancelled')";
    let open: i64 = sqlx::query_scalar(letters).fetch_one(&day.house.record).await.expect("the record answers");
    assert_eq!(open, 0, "no mail is left");
    for (number, matter) in matters.iter().enumerate() {
        let inbox = matter.customer.inbox().await;
        let answers = inbox.iter().filter(|mail| mail.subject.starts_with("Re: ")).count();
        let expected = match number {
            1 => 2,
            0 | 2..6 | 13 | 15 => 1,
            _ => 0,
        };
        assert_eq!(answers, expected, "matter {number}");
        assert_eq!(inbox.len() - answers, 1, "one acknowledgement of matter {number}");
        for mail in &inbox {
            assert!(!mail.text.contains(INNER), "a note went out: {mail:?}");
            let others = matters.iter().filter(|other| other.customer.address != matter.customer.address);
            let told = others.map(|other| word(&other.customer)).find(|word| mail.text.contains(word.as_str()));
            assert_eq!(told, None, "{mail:?}");
        }
    }
}
