//! One mail to two queues, and what continues it.

use super::world::{ALICE, CAROL, Eml, Sent, World, text};

/// One mail, to its own recipient and to billing, in that order or the other.
async fn to_both(w: &World, mail: &Eml, billing_first: bool) {
    let mut recipients = [mail.recipient.as_str(), "billing@desk.test"];
    if billing_first {
        recipients.reverse();
    }
    for recipient in recipients {
        w.mail_raw(&mail.bytes(), recipient, CAROL).await.expect("a copy of its own");
    }
}

/// How many mails stand in each ticket.
async fn mails(w: &World) -> Vec<String> {
    w.rows("select count(*) from article where kind = 'mail' group by ticket_id order by ticket_id").await
}

#[tokio::test]
async fn what_continues_a_mail_to_two_queues_stands_once_in_each_ticket() {
    for billing_first in [false, true] {
        let w = World::new().await;
        let first = Eml::new(CAROL, "It smokes", "And costs.").header("Cc", "billing@desk.test");
        to_both(&w, &first, billing_first).await;
        assert_eq!(mails(&w).await, ["1", "1"]);
        let by_support = |sent: &Sent| sent.reply_to.starts_with("support+");
        let ours = w.outbox().into_iter().find(by_support).expect("support's acknowledgement");
        let to_ours = Eml::reply(&ours, "It still smokes.").header("Cc", "billing@desk.test");
        to_both(&w, &to_ours, billing_first).await;
        assert_eq!(mails(&w).await, ["2", "2"], "to the acknowledgement");
        let to_own =
            Eml::new(CAROL, "Re: It smokes", "And on.").header("In-Reply-To", &format!("<{}>", first.message_id));
        to_both(&w, &to_own, billing_first).await;
        assert_eq!(mails(&w).await, ["3", "3"], "to her own mail");
        assert_eq!(w.count("select count(*) from ticket").await, 2);
        w.finish().await;
    }
}

#[tokio::test]
async fn a_queue_without_a_ticket_of_it_is_told_where_the_mail_is() {
    for billing_first in [false, true] {
        let w = World::new().await;
        let case = w.ticket("It smokes").await;
        let reply = Eml::reply(&w.newest_mail(), "And costs.").header("Cc", "billing@desk.test");
        to_both(&w, &reply, billing_first).await;
        assert_eq!(mails(&w).await, ["2"], "never twice in one ticket");
        assert_eq!(w.count("select count(*) from mail_in where fate = 'duplicate' and copy_of is not null").await, 1);
        let told = w.chat.posts(&w.room("billing"));
        let [(_, told)] = &told[..] else { panic!("{told:?}") };
        assert!(
            told.text.contains(&format!("A mail of {CAROL} to this queue is in #{}", case.number)),
            "{}",
            told.text
        );
        let forwarded = Eml::new(CAROL, "WG: It smokes", "Please pay.").to("billing@desk.test");
        let forwarded = forwarded.header("In-Reply-To", &format!("<{}>", reply.message_id));
        assert_eq!(w.case_of(w.deliver(&forwarded).await).await.id, case.id);
        assert_eq!(w.chat.posts(&w.room("billing")).len(), 2, "and so is one that is forwarded there");
        w.finish().await;
    }
}

#[tokio::test]
async fn what_continues_two_tickets_that_were_merged_stands_once_in_what_is_left() {
    for billing_first in [false, true] {
        let w = World::new().await;
        let first = Eml::new(CAROL, "It smokes", "And costs.").header("Cc", "billing@desk.test");
        to_both(&w, &first, false).await;
        let numbers = w.rows("select number from ticket order by queue_id").await;
        let room = w.room("support");
        let card = w.chat.posts(&room).into_iter().find(|(_, post)| post.ticket.is_some()).expect("a card").0;
        w.message(ALICE, &room, text(&format!("!merge {}", numbers[1]), Some(&card))).await.done();
        let by_support = |sent: &Sent| sent.reply_to.starts_with("support+");
        let ours = w.outbox().into_iter().find(by_support).expect("support's acknowledgement");
        to_both(&w, &Eml::reply(&ours, "It still smokes.").header("Cc", "billing@desk.test"), billing_first).await;
        assert_eq!(mails(&w).await, ["1", "2"], "one copy, in the ticket that is left");
        w.finish().await;
    }
}

/// What the house's mail server calls one queue, it hands over once for each name.
#[tokio::test]
async fn one_mail_to_several_names_of_a_queue_is_one_ticket_and_goes_on_as_one() {
    let w = World::new().await;
    let names = ["support@desk.test", "support+sales@desk.test", "support+info@desk.test"];
    let to_all = async |mail: &Eml, first: &str| {
        for recipient in [&[first], &names[1..]].concat() {
            w.mail_raw(&mail.bytes(), recipient, CAROL).await;
        }
    };
    let first = Eml::new(CAROL, "It smokes", "Look.").header("Cc", "sales@desk.test");
    to_all(&first, names[0]).await;
    let ours = w.newest_mail();
    let reply = Eml::reply(&ours, "It still smokes.").header("Cc", "sales@desk.test");
    to_all(&reply, &ours.reply_to).await;
    assert_eq!(mails(&w).await, ["2"]);
    assert_eq!(w.count("select count(*) from mail_in where fate = 'duplicate'").await, 4);
    w.finish().await;
}
