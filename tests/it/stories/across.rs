//! One mail to two queues, and what continues it.

use super::world::{CAROL, Eml, Sent, World};

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
