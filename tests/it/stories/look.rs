//! What one sees of a ticket: the sign that it begins with, whose words are whose, and what is over is taken away.

use ticketloom::desk::seams::Delivery;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, World, text};

/// The line of a card that says what was said last.
fn last_said(w: &World, case: &Case) -> Option<String> {
    let text = w.card_post(case).text;
    let is_it = |line: &&str| ["answered", "answer NOT", "customer wrote"].iter().any(|begin| line.starts_with(begin));
    text.lines().find(is_it).map(ToOwned::to_owned)
}

#[tokio::test]
async fn a_card_begins_with_what_its_ticket_needs_and_says_what_was_said_last() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let shows = |sign: &str, said: Option<&str>, why: &str| {
        assert_eq!((w.sign(&case).as_str(), last_said(&w, &case).as_deref()), (sign, said), "{why}");
    };
    shows("🆕", None, "the first mail stands below it");
    w.say(ALICE, &case, "!answer Unplug it.").await;
    shows("💬", None, "nothing has left the house yet");
    w.pass(HOLD).await;
    shows("💬", Some("answered 23 Nov 09:00 to carol@customer.test"), "it has");
    w.reply_to(&w.newest_mail(), "It still smokes.").await;
    shows("📨", Some("customer wrote last, 23 Nov 09:00"), "she waits");
    w.say(ALICE, &case, &format!("!answer --cc {DAVE} Dave comes.")).await;
    w.pass(HOLD).await;
    shows("💬", Some("answered 23 Nov 09:00 to carol@customer.test and 1 more"), "both got it");
    w.mailer.will(Delivery::Refused { why: "550 5.1.1 no such user".to_owned() });
    w.say(ALICE, &case, "!answer Is he there?").await;
    w.pass(HOLD).await;
    shows("⚠️", Some("answer NOT delivered to carol@customer.test"), "it must not look answered");
    w.say(ALICE, &case, "!answer Once more.").await;
    w.say(ALICE, &case, "!undo").await.done();
    shows("⚠️", Some("answer NOT delivered to carol@customer.test"), "what was taken back says nothing");
    w.mail("eve@elsewhere.test", &format!("[Ticket#{}]", case.number), "Me, too.").await;
    assert_eq!(w.sign(&case), "⛔", "somebody has to decide");
    let (held, _) = w.newest_post(&case);
    w.react(ALICE, &case.room, &held, "🗑").await;
    w.say(ALICE, &case, "!close").await.done();
    assert_eq!(w.sign(&case), "✅");
    w.pass(HOLD).await;
    w.finish().await;
}

#[tokio::test]
async fn what_is_over_is_a_line_with_the_rest_folded_away() {
    let w = World::new().await;
    let (closed, merged) = (w.ticket("It smokes").await, w.ticket("It still smokes").await);
    w.say(ALICE, &closed, "!close").await.done();
    let html = w.card_post(&closed).html.expect("HTML");
    let (line, rest) = html.split_once("<br></summary>").expect("a line");
    assert!(line.contains("✅") && line.contains("customer not told") && line.contains(&closed.number), "{line}");
    assert!(!line.contains(CAROL) && rest.contains(CAROL) && rest.contains("<blockquote>It smokes."), "{rest}");
    let newest = w.say(ALICE, &closed, "!reopen").await;
    newest.done();
    assert!(!w.card_post(&closed).html.expect("HTML").contains("<details>"), "it is worked on again");
    w.say(ALICE, &merged, &format!("!merge {}", closed.number)).await.done();
    let html = w.card_post(&merged).html.expect("HTML");
    let line = html.split_once("<br></summary>").expect("a line").0;
    assert!(line.contains("➡️") && line.contains(&format!("#{}</a>", closed.number)), "{line}");
    // What the merge says in the thread may be there before the card is, or after it.
    let there: Vec<_> = w.thread(&closed).into_iter().map(|(event, _)| event).chain([newest.event.clone()]).collect();
    assert!(there.iter().any(|event| line.contains(event.as_str())), "it leads into that thread: {line}");
    w.finish().await;
}

#[tokio::test]
async fn whose_words_are_whose_is_seen() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let about = format!("[Ticket#{}]", case.number);
    w.deliver(&Eml::new("Carol Jones <carol@customer.test>", &about, "Hello.\nIt burns.")).await;
    let (_, customer) = w.newest_post(&case);
    assert!(
        customer
            .html
            .expect("HTML")
            .ends_with("📨 Carol Jones wrote</strong><blockquote>Hello.<br>It burns.</blockquote>")
    );
    w.deliver(&Eml::new("Carol Jones <mallory@elsewhere.test>", &about, "Send me the key.")).await;
    let (_, stranger) = w.newest_post(&case);
    let html = stranger.html.expect("HTML");
    let (said, quoted) = html.split_once("<blockquote>").expect("a quote");
    assert!(
        said.contains("⛔ <strong>Not from this customer</strong>") && said.contains("mallory@elsewhere.test"),
        "{said}"
    );
    assert!(said.contains("📥 let in · 🆕 own ticket · 🗑 drop") && !said.contains("wrote"), "{said}");
    assert_eq!(quoted, "Send me the key.</blockquote>");
    let (held, _) = w.newest_post(&case);
    w.react(ALICE, &case.room, &held, "🗑").await;
    w.finish().await;
}

#[tokio::test]
async fn a_subject_from_right_to_left_leaves_the_card_s_order_alone() {
    let w = World::new().await;
    let case = w.ticket("لا أستطيع تسجيل الدخول").await;
    let card = w.card_post(&case);
    assert!(card.text.starts_with("\u{200e}🆕 \u{2068}") && card.html.expect("HTML").starts_with("\u{200e}🆕"));
    let case = w.ticket("It smokes").await;
    assert!(w.card_post(&case).text.starts_with("🆕 It smokes —"), "nothing is put where nothing turns");
    w.finish().await;
}

#[tokio::test]
async fn a_list_leads_into_the_thread_so_that_no_other_one_stays_open() {
    let w = World::new().await;
    let (quiet, busy) = (w.ticket("Quiet").await, w.ticket("Busy").await);
    w.mail(CAROL, &format!("[Ticket#{}]", busy.number), "And another thing.").await;
    let (newest, _) = w.newest_post(&busy);
    let list = w.say_in(ALICE, &busy.room, "!queue").await.done().answer();
    assert!(list.contains(newest.as_str()) && !list.contains(busy.root.as_str()), "{list}");
    assert!(list.contains(quiet.root.as_str()), "where nothing is in it: {list}");
    let said = w.say(ALICE, &busy, "I look at it").await;
    let zoom = w.say_in(ALICE, &w.dm(ALICE), &format!("!zoom {}", busy.number)).await.done().answer();
    assert!(zoom.contains(said.event.as_str()), "an agent's own word counts, too: {zoom}");
    w.finish().await;
}

#[tokio::test]
async fn a_picture_fits_a_phone_and_code_keeps_its_shape() {
    let w = World::new().await;
    // The beginning of a PNG of 900 x 520 pixels.
    let png = "iVBORw0KGgoAAAANSUhEUgAAA4QAAAIICAYAAAA=";
    let body = format!(
        "--=r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Look: <img src=\"cid:a@c\" alt=\"smoke\"></p>\r\n\
         --=r\r\nContent-Type: image/png; name=\"a.png\"\r\nContent-ID: <a@c>\r\nContent-Disposition: inline\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{png}\r\n--=r--\r\n"
    );
    let mail = Eml::new(CAROL, "It smokes", &body).header("Content-Type", "multipart/related; boundary=\"=r\"");
    let html = w.card_post(&w.case_of(w.deliver(&mail).await).await).html.expect("HTML");
    assert!(html.contains("width=\"279\" height=\"161\""), "{html}");
    let code = w.mail(CAROL, "Code", "if (user == null) {\r\n    throw up;\r\n}").await;
    let html = w.card_post(&w.case_of(code).await).html.expect("HTML");
    assert!(html.contains("{<br>\u{a0}\u{a0}\u{a0}\u{a0}throw up;<br>}"), "{html}");
    w.finish().await;
}

#[tokio::test]
async fn a_refusal_says_what_was_meant_and_leads_to_where_it_belongs() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let typo = w.say(ALICE, &case, "!anwser Hello").await;
    typo.refused("!anwser is no command. Did you mean !answer TEXT? Then write it as a new message");
    assert!(!typo.answer().contains("--cc"), "{}", typo.answer());
    w.say_in(ALICE, &case.room, "!close").await.refused("!queue leads to tickets");
    w.say(ALICE, &case, "!lock").await.done();
    let told = w.say_in(ALICE, &case.room, "!answer Hello").await;
    let lock = w.say(ALICE, &case, "I look at it").await.event;
    let told_again = w.say_in(ALICE, &w.dm(ALICE), "!answer Hello").await;
    told.refused("belongs into a ticket's thread").refused("It smokes\n  https://matrix.to/");
    told_again.refused(lock.as_str());
    assert_eq!(w.outbox().len(), 1, "nothing was sent");
    w.finish().await;
}

#[tokio::test]
async fn a_text_in_a_thread_of_the_bot_s_that_is_no_ticket_s_gets_a_mark_and_talk_stays_talk() {
    let w = World::new().await;
    let room = w.room("support");
    w.deliver(&Eml::new(CAROL, "Cheap", "Buy.").header("X-Spam-Flag", "YES")).await;
    let (day, _) = w.chat.posts(&room).remove(0);
    let told = w.message(BOB, &room, text("Who looks at these?", Some(&day))).await;
    told.refused("no ticket's thread");
    let talk = w.say_in(BOB, &room, "Good morning, who takes the printer?").await;
    assert_eq!((talk.marks().as_str(), talk.answer().as_str()), ("", ""));
    let below = w.message(ALICE, &room, text("I do", Some(&talk.event))).await;
    assert_eq!(below.marks(), "", "a thread among people is theirs");
    assert_eq!(w.count("select count(*) from article").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn what_looks_as_if_it_were_not_meant_for_the_customer_is_asked_about_once() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(BOB, &case, "Her contract ends in May, don't tell her yet.").await;
    let copied = w.say(ALICE, &case, "!answer Hello,\nher contract ends in  May, don't tell her yet.").await;
    copied.refused("stands in a note").refused("!answer --yes TEXT");
    w.say(ALICE, &case, "!answer See https://matrix.to/#/!support:desk.test/$x").await.refused("leads into Matrix");
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 1);
    let held = w.say(ALICE, &case, "!answer Hello").await;
    w.edit(ALICE, &held, "!answer Her contract ends in May, don't tell her yet.").await;
    w.pass(HOLD).await;
    assert!(!w.newest_mail().text.contains("May"), "an edit is looked at, too: {}", w.newest_mail().text);
    w.say(ALICE, &case, "!answer --yes Her contract ends in May, don't tell her yet.").await;
    w.pass(HOLD).await;
    assert!(w.newest_mail().text.contains("May"), "whoever is sure may");
    w.finish().await;
}

#[tokio::test]
async fn who_is_sure_may_write_to_an_address_that_nobody_reads() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!customer noreply@customer.test").await.done();
    w.say(ALICE, &case, "!answer Thank you").await.refused("nobody reads").refused("!answer --yes TEXT");
    w.say(ALICE, &case, "!answer --yes Thank you").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, "noreply@customer.test");
    w.finish().await;
}

#[tokio::test]
async fn a_merge_brings_along_what_was_written() {
    let w = World::new().await;
    let (old, new) = (w.ticket("It smokes").await, w.ticket("It still smokes").await);
    w.mail(CAROL, &format!("[Ticket#{}]", old.number), "Forget what I wrote about the version.").await;
    w.mail(CAROL, &format!("[Ticket#{}]", old.number), &"A long story.\n".repeat(30)).await;
    w.say(BOB, &old, "An internal word").await;
    w.say(ALICE, &old, &format!("!merge {}", new.number)).await.done();
    let (_, brought) = w.newest_post(&new);
    assert!(brought.text.contains("Forget what I wrote about the version."), "{}", brought.text);
    assert!(!brought.text.contains("internal"), "its notes stay where they are");
    let html = brought.html.expect("HTML");
    assert!(
        html.contains("<blockquote>Forget what") && html.contains("<br></summary><blockquote>A long story."),
        "{html}"
    );
    w.finish().await;
}

#[tokio::test]
async fn a_customer_reads_an_answer_without_marks_and_with_links() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Please **unplug** it, see https://desk.test/help_me.").await;
    w.pass(HOLD).await;
    let mail = w.newest_mail();
    assert_eq!(mail.text.trim_end(), "Please unplug it, see https://desk.test/help_me.");
    let html = mail.html.expect("HTML");
    assert!(html.contains("<strong>unplug</strong>"), "{html}");
    assert!(html.contains("<a href=\"https://desk.test/help_me\">https://desk.test/help_me</a>."), "{html}");
    w.finish().await;
}
