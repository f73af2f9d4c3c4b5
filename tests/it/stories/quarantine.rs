//! Mails that became no article by themselves, and what agents make of them.

use std::time::Duration;

use super::world::{ALICE, CAROL, Case, DAVE, Eml, ROOT, STRANGER, Shown, WALTER, World, reply};
use ticketloom::desk::post::Tone;
use ticketloom::domain::id::{EventId, MailId};
use ticketloom::store::intake::{DeliveryKey, NewMail, Route};

const BROKEN: &[u8] = b"Subject: Who am I?\r\n\r\nNobody.\r\n";

/// The newest entry, as it was first posted.
fn entry(w: &World) -> EventId {
    let entries = w.chat.posts(&w.room("support")).into_iter();
    let mut entries = entries.filter(|(_, post)| post.quarantine.is_some() && post.replaces.is_none());
    entries.next_back().expect("an entry").0
}

/// What an entry says by now.
fn now(w: &World, entry: &EventId) -> Shown {
    let posts = w.chat.posts(&w.room("support")).into_iter().rev();
    let mut of_it = posts.filter(|(id, post)| id == entry || post.replaces.as_ref() == Some(entry));
    of_it.next().expect("the entry").1
}

async fn spam(w: &World) -> (MailId, EventId) {
    let mail = w.deliver(&Eml::new(CAROL, "Cheap", "It smokes.").header("X-Spam-Flag", "YES")).await;
    assert_eq!(w.fate(mail).await, "quarantined");
    (mail, entry(w))
}

async fn only_ticket(w: &World) -> Case {
    w.only_case().await
}

#[tokio::test]
async fn what_is_in_quarantine_stands_in_one_thread_a_day_with_its_reason_and_file() {
    let w = World::new().await;
    spam(&w).await;
    w.mail_raw(BROKEN, "support@desk.test", "").await;
    let posts = w.chat.posts(&w.room("support"));
    let [(root, day), (one, first), (_, first_file), (two, second), (_, second_file)] = &posts[..] else {
        panic!("{posts:?}")
    };
    assert!(day.text.starts_with("🗄 Quarantine of 2026-11-23 · 1 spam\n") && day.mentions.is_empty(), "{}", day.text);
    for (entry, post, file) in [(one, first, first_file), (two, second, second_file)] {
        assert!(post.file.is_none() && post.quarantine.as_ref().is_some_and(|mark| mark.count == 1));
        assert_eq!(post.thread.as_ref().map(|place| &place.root), Some(root));
        let place =
            file.thread.clone().filter(|_| file.file.is_some() && file.quarantine.is_none()).expect("the raw mail");
        assert_eq!((&place.root, &place.last, place.is_reply), (root, entry, false), "behind its entry");
    }
    let names = [first_file, second_file].map(|post| post.file.as_ref().map(|file| file.name.clone()));
    assert_eq!(names, [Some("Cheap.eml".to_owned()), Some("Who am I?.eml".to_owned())], "it says whose it is");
    let said = format!("🗄 Cheap · {CAROL}\n\nIt smokes.\n\nmarked as spam (X-Spam-Flag: YES)");
    assert_eq!(first.text, said, "words by themselves, since few clients show those of a file");
    assert!(second.text.starts_with("🗄 Who am I? · nobody\n\nNobody.\n\n"), "{}", second.text);
    w.pass(Duration::from_secs(10)).await;
    assert!(
        now(&w, root).text.starts_with("🗄 Quarantine of 2026-11-23 · 1 to look at · 1 spam\n"),
        "{}",
        now(&w, root).text
    );
    assert!(w.outbox().is_empty());
    w.finish().await;
}

#[tokio::test]
async fn a_tick_makes_it_a_ticket_like_any_other() {
    let w = World::new().await;
    let (mail, entry) = spam(&w).await;
    w.react(ALICE, &w.room("support"), &entry, "✅").await;
    let case = w.case_of(mail).await;
    assert_eq!(w.card(&case), "new · nobody's");
    assert_eq!(w.newest_mail().to, CAROL, "it is acknowledged like any other");
    assert!(now(&w, &entry).text.contains(&format!("now in Ticket#{}", case.number)), "{}", now(&w, &entry).text);
    let again = w.message(ALICE, &w.room("support"), reply("!accept", &entry)).await;
    again.refused("decided about before");
    assert_eq!(w.count("select count(*) from ticket").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn it_is_filed_in_the_ticket_that_an_agent_names() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close").await.done();
    let away = Eml::new(DAVE, "Away", "I am away.").header("Auto-Submitted", "auto-replied");
    let automatic = w.deliver(&away).await;
    let first = entry(&w);
    let room = w.room("support");
    w.message(ALICE, &room, reply("!attach 123", &first)).await.refused("no ticket 123");
    w.message(ALICE, &room, reply(&format!("!attach {}", case.number), &first)).await.done();
    assert_eq!(w.case_of(automatic).await.id, case.id);
    assert_eq!(w.card(&case), "closed successful, customer not told", "machines open nothing");
    let (mail, second) = spam(&w).await;
    w.message(ALICE, &room, reply(&format!("!attach {}", case.number), &second)).await.done();
    assert_eq!(w.case_of(mail).await.id, case.id);
    assert_eq!(w.card(&case), "open · nobody's", "people do");
    w.finish().await;
}

#[tokio::test]
async fn a_blocked_senders_mail_is_kept_and_becomes_nothing() {
    let w = World::new().await;
    let (_, first) = spam(&w).await;
    let room = w.room("support");
    w.react(ALICE, &room, &first, "🚫").await;
    assert!(now(&w, &first).text.contains("blocked by"), "{}", now(&w, &first).text);
    let mail = w.mail(CAROL, "It smokes", "It smokes.").await;
    assert_eq!(w.fate(mail).await, "quarantined");
    assert!(now(&w, &entry(&w)).text.contains("carol@customer.test is blocked"));
    w.say_in(ALICE, &room, &format!("!unblock {CAROL}")).await.refused("only admins");
    w.say_in(ROOT, &room, &format!("!unblock {CAROL}")).await.done();
    w.say_in(ROOT, &room, &format!("!unblock {CAROL}")).await.refused("is not blocked");
    assert_eq!(w.card(&w.ticket("It smokes again").await), "new · nobody's");
    w.say_in(ROOT, &room, "!block support@desk.test").await.refused("this desk itself");
    w.say_in(ROOT, &room, "!block nonsense").await.refused("no mail address");
    w.finish().await;
}

#[tokio::test]
async fn spam_closes_blocks_and_mails_nobody() {
    let w = World::new().await;
    let case = w.ticket("Cheap").await;
    let before = w.outbox().len();
    w.say(ALICE, &case, "!spam").await.done();
    assert_eq!(w.card(&case), "closed unsuccessful, customer not told");
    let mail = w.mail(CAROL, &format!("[Ticket#{}]", case.number), "Cheaper!").await;
    assert_eq!((w.fate(mail).await.as_str(), w.outbox().len()), ("quarantined", before));
    w.finish().await;
}

#[tokio::test]
async fn who_is_no_agent_decides_nothing() {
    let w = World::new().await;
    let (mail, entry) = spam(&w).await;
    let room = w.room("support");
    for who in [WALTER, STRANGER] {
        w.react(who, &room, &entry, "✅").await;
        w.message(who, &room, reply("!accept", &entry)).await.refused("no agent");
        w.message(who, &room, reply("!block", &entry)).await.refused("no agent");
    }
    assert_eq!(w.fate(mail).await, "quarantined");
    assert_eq!(w.count("select count(*) from blocked_sender").await, 0);
    w.say_in(ALICE, &room, "!accept").await.refused("as a reply to a quarantined mail");
    w.finish().await;
}

#[tokio::test]
async fn what_can_not_be_read_can_still_be_taken_up_and_says_whom_it_can_not_answer() {
    let w = World::new().await;
    w.mail_raw(BROKEN, "support@desk.test", "").await;
    w.message(ALICE, &w.room("support"), reply("!accept", &entry(&w))).await.done();
    let case = only_ticket(&w).await;
    assert!(w.card_post(&case).text.contains("Nobody."), "{}", w.card_post(&case).text);
    assert!(w.outbox().is_empty(), "there is nobody to acknowledge it to");
    w.say(ALICE, &case, "!answer Hello?").await.refused("!customer ADDRESS");
    w.say(ALICE, &case, "!customer support@desk.test").await.refused("this desk itself");
    w.say(ALICE, &case, &format!("!customer {DAVE}")).await.done();
    w.say(ALICE, &case, "!answer Hello?").await;
    w.pass(super::world::HOLD).await;
    assert_eq!(w.newest_mail().to, DAVE);
    w.finish().await;
}

#[tokio::test]
async fn a_burst_is_one_entry_and_does_not_become_a_flood_of_tickets() {
    let w = World::new().await;
    for n in 0..22 {
        let mail = Eml::new(CAROL, &format!("Out {n}"), "I am away.").header("Auto-Submitted", "auto-replied");
        w.deliver(&mail).await;
    }
    let entry = entry(&w);
    w.pass(std::time::Duration::from_secs(5)).await;
    assert_eq!(now(&w, &entry).quarantine.map(|mark| mark.count), Some(22));
    let room = w.room("support");
    w.message(ALICE, &room, reply("!accept", &entry)).await.refused("22 tickets at once");
    let case = w.ticket("It smokes").await;
    w.message(ALICE, &room, reply(&format!("!attach {}", case.number), &entry)).await.done();
    assert_eq!(w.count("select count(*) from article where kind = 'mail'").await, 23);
    assert_eq!(w.say_in(ALICE, &room, "!quarantine").await.done().answer(), "Quarantine of support · none");
    w.finish().await;
}

#[tokio::test]
async fn the_list_names_what_is_undecided_with_a_link() {
    let w = World::new().await;
    let (_, entry) = spam(&w).await;
    let said = w.say_in(ALICE, &w.room("support"), "!quarantine").await.done().answer();
    let line = format!("Quarantine of support · 1 spam\nCheap · {CAROL} · marked as spam");
    assert!(said.contains(&line) && said.contains(entry.as_str()), "{said}");
    w.finish().await;
}

#[tokio::test]
async fn a_refused_spam_changes_nothing() {
    let w = World::new().await;
    let case = w.ticket("Cheap").await;
    w.say_in(ROOT, &w.room("support"), &format!("!block {CAROL}")).await.done();
    w.say(super::world::BOB, &case, "!lock").await.done();
    w.say(ALICE, &case, "!spam").await.refused("has locked this ticket");
    assert_eq!(w.count("select count(*) from blocked_sender").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn a_mail_that_goes_round_in_circles_is_kept_and_starts_nothing() {
    let w = World::new().await;
    let circling = |servers| {
        let hop = |mail: Eml, n| mail.header("Received", &format!("from mx{n}.test by mx{}.test", n + 1));
        (0..servers).fold(Eml::new(CAROL, "Round and round", "Hello."), hop)
    };
    let mail = w.deliver(&circling(51)).await;
    assert_eq!(w.fate(mail).await, "quarantined");
    assert!(now(&w, &entry(&w)).text.contains("goes round in circles"));
    assert!(w.outbox().is_empty());
    assert_eq!(w.fate(w.deliver(&circling(50)).await).await, "article");
    w.finish().await;
}

#[tokio::test]
async fn a_mail_that_was_too_large_is_shown_by_its_header_and_can_become_a_ticket() {
    let w = World::new().await;
    // A file and no text: nothing but the file tells it from its own header.
    let film = [("film.mp4", "video/mp4", "AAAA")];
    let whole = Eml::new(CAROL, "The film", "").files(&film).bytes();
    let end = whole.windows(4).position(|four| four == b"\r\n\r\n").expect("an end of the header") + 4;
    let queue = w.store.queue_named("support").await.expect("an answer").expect("a queue");
    let left = |key| NewMail {
        queue,
        route: Route::Imap,
        recipient: "support@desk.test".to_owned(),
        envelope_from: Some(CAROL.to_owned()),
        raw: whole[..end].to_vec().into(),
        left_behind: Some(31 << 20),
        key,
    };
    let (told, taken) = (DeliveryKey::of_place_left("a", "INBOX", 1, 7), DeliveryKey::of_place("a", "INBOX", 1, 7));
    for _ in 0..2 {
        w.store.accept_mails(vec![left(told.clone())]).await.expect("accepted");
        w.settle().await;
    }
    assert_eq!(w.count("select count(*) from quarantine").await, 1, "it is told of once");
    let entry = entry(&w);
    assert!(now(&w, &entry).text.contains("it has 31 MiB, more than is taken"), "{}", now(&w, &entry).text);
    w.react(ALICE, &w.room("support"), &entry, "✅").await;
    let case = only_ticket(&w).await;
    let card = w.card_post(&case).text;
    assert!(card.contains("The film") && card.contains("Only its header is here. It has 31 MiB"), "{card}");
    let later = NewMail { raw: whole.clone().into(), left_behind: None, ..left(taken) };
    w.store.accept_mails(vec![later]).await.expect("accepted");
    w.settle().await;
    assert_eq!(w.count("select count(*) from mail_in where fate = 'article'").await, 2, "the limit was raised");
    assert_eq!(only_ticket(&w).await.id, case.id, "it comes to what was made of its header");
    assert_eq!(w.outbox().len(), 1, "and is acknowledged once");
    w.finish().await;
}

#[tokio::test]
async fn an_entry_of_several_mails_names_every_ticket_that_they_became() {
    let w = World::new().await;
    let machine = |subject| Eml::new(CAROL, subject, "Done.").header("Auto-Submitted", "auto-generated");
    let (one, two) = (w.deliver(&machine("One")).await, w.deliver(&machine("Two")).await);
    let entry = entry(&w);
    w.react(ALICE, &w.room("support"), &entry, "✅").await;
    let (one, two) = (w.case_of(one).await, w.case_of(two).await);
    let said = now(&w, &entry).text;
    assert!(said.contains(&format!("now in Ticket#{}, Ticket#{}", one.number, two.number)), "{said}");
    w.finish().await;
}

#[tokio::test]
async fn what_says_that_it_is_from_the_desk_itself_gets_no_mail_even_as_a_ticket() {
    let w = World::new().await;
    let own = Eml::new("billing+foo@desk.test", "From you", "Hello.").envelope_from(CAROL);
    let mail = w.deliver(&own).await;
    w.react(ALICE, &w.room("support"), &entry(&w), "✅").await;
    let case = w.case_of(mail).await;
    w.say(ALICE, &case, "!answer Hello myself").await.refused("an address of this desk itself");
    assert!(w.outbox().is_empty(), "neither an acknowledgement nor an answer");
    w.finish().await;
}

#[tokio::test]
async fn what_is_asked_in_a_days_thread_is_answered_there() {
    let w = World::new().await;
    spam(&w).await;
    let room = w.room("support");
    let (day, _) = w.chat.posts(&room).remove(0);
    let told = w.message(ALICE, &room, super::world::text("!accept", Some(&day))).await;
    told.refused("as a reply to a quarantined mail");
    let (_, answer) = w.chat.posts(&room).pop().expect("an answer");
    let place = answer.thread.expect("it stands in the thread");
    assert_eq!((place.root, place.last, place.is_reply), (day, told.event.clone(), true));
    w.finish().await;
}

#[tokio::test]
async fn what_was_too_expensive_to_read_is_not_read_again_when_it_is_let_in() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "Cheap to write", "Dear to read.");
    let key = DeliveryKey::of_bytes("x", b"y");
    let id = w.accept(&mail.bytes(), &mail.recipient, CAROL, key).await.expect("new");
    let mut tx = w.store.begin().await.expect("the record");
    tx.mails().set_too_expensive(id).await.expect("noted");
    tx.commit().await.expect("noted");
    w.settle().await;
    assert_eq!(w.fate(id).await, "quarantined");
    let entry = entry(&w);
    assert!(now(&w, &entry).text.contains("too expensive"), "{}", now(&w, &entry).text);
    w.react(ALICE, &w.room("support"), &entry, "✅").await;
    let card = w.card_post(&w.case_of(id).await).text;
    assert!(!card.contains("Dear to read"), "{card}");
    w.finish().await;
}

#[tokio::test]
async fn one_tap_decides_and_what_is_decided_offers_nothing_more() {
    let w = World::new().await;
    let (mail, first) = spam(&w).await;
    let room = w.room("support");
    assert_eq!(w.marks(&room, &first), "🎫🚫🗑", "no ✅, which would read as done");
    w.react(ALICE, &room, &first, "🎫").await;
    assert_eq!(w.fate(mail).await, "article");
    assert_eq!(w.marks(&room, &first), "");
    w.finish().await;
}

#[tokio::test]
async fn it_can_be_emptied_one_by_one_and_by_the_day() {
    let w = World::new().await;
    let room = w.room("support");
    let (_, first) = spam(&w).await;
    w.react(WALTER, &room, &first, "🗑").await;
    assert!(!now(&w, &first).text.contains("→"), "who is no agent decides nothing");
    w.react(ALICE, &room, &first, "🗑").await;
    assert!(now(&w, &first).text.ends_with("→ left here by @alice:desk.test"), "{}", now(&w, &first).text);
    w.message(ALICE, &room, reply("!drop", &first)).await.refused("decided about before");
    for n in 0..3 {
        w.deliver(&Eml::new(CAROL, &format!("Cheap {n}"), "Buy.").header("X-Spam-Flag", "YES")).await;
    }
    let (day, beginning) = w.chat.posts(&room).remove(0);
    assert!(beginning.text.contains("🗑 here leaves all"), "{}", beginning.text);
    assert_eq!(w.marks(&room, &day), "🗑");
    assert!(w.say_in(ALICE, &room, "!quarantine").await.done().answer().starts_with("Quarantine of support · 3 spam"));
    w.react(WALTER, &room, &day, "🗑").await;
    assert_eq!(w.count("select count(*) from quarantine where outcome is null").await, 3);
    w.react(ALICE, &room, &day, "🗑").await;
    w.pass(Duration::from_secs(10)).await;
    assert!(now(&w, &day).text.starts_with("🗄 Quarantine of 2026-11-23 · all decided\n"), "{}", now(&w, &day).text);
    assert_eq!(w.marks(&room, &day), "", "there is nothing left to leave");
    assert_eq!(w.say_in(ALICE, &room, "!quarantine").await.done().answer(), "Quarantine of support · none");
    let left = w.count("select count(*) from mail_in where fate = 'quarantined'").await;
    assert_eq!(left, 4, "all of it is in the record");
    w.finish().await;
}

#[tokio::test]
async fn its_raw_mail_is_decided_on_as_it_is_itself_and_it_counts_once() {
    let w = World::new().await;
    let room = w.room("support");
    let (_, first) = spam(&w).await;
    let posts = w.chat.posts(&room);
    let (file, _) = posts.iter().find(|(_, post)| post.file.is_some()).expect("the raw mail");
    let (_, shown) = posts.iter().find(|(event, _)| *event == first).expect("the entry");
    assert!(shown.tone == Tone::Notice, "clients count the file, and nothing else of it");
    w.react(WALTER, &room, file, "🗑").await;
    assert!(!now(&w, &first).text.contains("→"), "who is no agent decides nothing");
    w.react(ALICE, &room, file, "🗑").await;
    assert!(now(&w, &first).text.ends_with("→ left here by @alice:desk.test"), "{}", now(&w, &first).text);
    let mail = w.deliver(&Eml::new(CAROL, "Cheap, too", "Buy.").header("X-Spam-Flag", "YES")).await;
    let (file, _) = w.chat.posts(&room).into_iter().rfind(|(_, post)| post.file.is_some()).expect("the raw mail");
    w.message(ALICE, &room, reply("!accept", &file)).await.done();
    assert_eq!(w.fate(mail).await, "article");
    w.finish().await;
}

#[tokio::test]
async fn what_is_of_a_kind_stands_together_in_the_list() {
    let w = World::new().await;
    spam(&w).await;
    w.deliver(&Eml::new(DAVE, "Away", "I am away.").header("Auto-Submitted", "auto-replied")).await;
    w.deliver(&Eml::new(CAROL, "Cheaper", "Buy.").header("X-Spam-Flag", "YES")).await;
    let said = w.say_in(ALICE, &w.room("support"), "!quarantine").await.done().answer();
    assert!(said.starts_with("Quarantine of support · 1 automatic · 2 spam\n"), "{said}");
    let place = |words: &str| said.find(words).unwrap_or_else(|| panic!("{words:?} is not in {said}"));
    let order = ["\nautomatic\n", "\nAway · dave", "\nspam\n", "\nCheaper · carol", "\nCheap · carol"].map(place);
    assert!(order.is_sorted(), "{said}");
    w.finish().await;
}
