//! What stands in subjects: other desks' tags, and what a follow-up is about.

use super::world::{ALICE, CAROL, Eml, HOLD, World};

#[tokio::test]
async fn another_desks_tag_stays_and_ours_goes() {
    let w = World::new().await;
    let mail = w.mail(CAROL, "[Ticket#2020010110000019] Offer", "An offer.").await;
    let case = w.case_of(mail).await;
    assert!(w.card_post(&case).text.contains("[Ticket#2020010110000019] Offer"), "{}", w.card_post(&case).text);
    w.say(ALICE, &case, "!answer ok").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    assert_eq!(answer.subject, format!("Re: [Ticket#{}] [Ticket#2020010110000019] Offer", case.number));
    w.reply_to(&answer, "Thanks, and now?").await;
    let post = w.newest_post(&case).1;
    assert!(!post.text.contains("Subject:"), "{}", post.text);
    w.finish().await;
}

#[tokio::test]
async fn what_a_follow_up_is_about_is_shown_if_it_changed() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Unplug it.").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    for (subject, text, shown) in [
        ("call me at 555-1 EOM", "", "Subject: call me at 555-1 EOM"),
        ("👍", "", "Subject: 👍"),
        ("The fridge, too", "It hums.", "Subject: The fridge, too\nIt hums."),
    ] {
        w.deliver(&Eml::reply(&answer, text).subject(subject)).await;
        let post = w.newest_post(&case).1;
        assert!(post.text.contains(shown) && !post.text.contains("(no text)"), "{}", post.text);
        assert!(post.html.expect("HTML").contains(subject));
    }
    for subject in ["Re: It smokes", "AW: [support] It smokes", "", "RE: FW: it  smokes"] {
        w.deliver(&Eml::reply(&answer, "And now?").subject(subject)).await;
        let post = w.newest_post(&case).1;
        assert!(!post.text.contains("Subject:"), "{subject}: {}", post.text);
    }
    w.deliver(&Eml::reply(&answer, "").subject("Re: It smokes")).await;
    assert!(w.newest_post(&case).1.text.contains("(no text)"));
    w.finish().await;
}
