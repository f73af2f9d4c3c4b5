//! The customer's page of a ticket: what it shows and to whom, what can be sent from it, and which links open nothing.

use axum::http::StatusCode;
use ticketloom::desk::seams::Delivery;

use super::world::{ALICE, Answered, CAROL, Case, DAVE, Eml, Form, HOLD, ROOT, Sent, World, user};

/// A ticket of Carol's, answered by Alice, with the answer.
async fn answered(w: &World) -> (Case, Sent) {
    let case = w.ticket("It smokes").await;
    let sent = answer(w, &case, "!answer Please *unplug* it.").await;
    (case, sent)
}

async fn answer(w: &World, case: &Case, words: &str) -> Sent {
    w.say(ALICE, case, words).await;
    w.pass(HOLD).await;
    w.newest_mail()
}

fn link(sent: &Sent) -> &str {
    sent.page.as_deref().expect("a link")
}

#[tokio::test]
async fn every_mail_to_a_customer_has_one_link_to_its_page_and_no_other_mail_has() {
    let w = World::new().await;
    let (case, sent) = answered(&w).await;
    let [acknowledgement, _] = &w.outbox()[..] else { panic!("two mails") };
    assert_ne!(link(acknowledgement), link(&sent), "each mail has its own");
    let html = sent.html.clone().expect("HTML");
    assert_eq!(html.matches(link(&sent)).count(), 2, "an address and its words: {html}");
    w.say(ALICE, &case, "!forward help@vendor.test").await;
    w.pass(HOLD).await;
    let forwarded = w.newest_mail();
    assert!(forwarded.to == "help@vendor.test" && !forwarded.source.contains("/t/"), "{}", forwarded.source);
    w.sql("update queue set page = false").await;
    assert_eq!(answer(&w, &case, "!answer Still there?").await.page, None);
    w.finish().await;
}

#[tokio::test]
async fn it_shows_what_they_wrote_and_got_and_nothing_else() {
    let w = World::new().await;
    let first =
        Eml::new(CAROL, "It smokes <b>", "It <i>smokes</i>.").files(&[("r \u{fc}.log", "text/html", "a2FwdXQ=")]);
    let case = w.case_of(w.deliver(&first).await).await;
    let sent = answer(&w, &case, "!answer Please **unplug** it. <script>alert(1)</script>").await;
    w.say(ALICE, &case, "SECRET-NOTE: she never pays").await;
    w.deliver(&Eml::new(DAVE, &format!("Re: [Ticket#{}]", case.number), "SECRET-HELD")).await;
    w.say(ALICE, &case, "!forward help@vendor.test SECRET-FORWARD").await;
    w.pass(HOLD).await;
    w.deliver(&Eml::reply(&w.newest_mail(), "SECRET-VENDOR")).await;
    let cancelled = w.say(ALICE, &case, "!answer SECRET-CANCELLED").await;
    w.say(ALICE, &case, "!undo").await.done();
    drop(cancelled);
    w.say(ALICE, &case, "!answer SECRET-HELD-BACK").await;
    w.say(ALICE, &case, "!cc +dave@customer.test").await.done();
    w.deliver(&Eml::new(DAVE, &format!("Re: [Ticket#{}]", case.number), "SECRET-OF-DAVE")).await;
    let page = w.follow(link(&sent)).await;
    let text = page.text();
    assert_eq!(page.status, StatusCode::OK);
    for there in [
        "<bdi>It smokes &#60;b&#62;</bdi>",
        "It &#60;i&#62;smokes&#60;/i&#62;.",
        "Please <strong>unplug</strong> it. &lt;script&gt;",
        &case.number,
        "<h2 id=",
        "<html lang=\"en\">",
    ] {
        assert!(text.contains(there), "{there}: {text}");
    }
    for secret in ["SECRET", "alice", "dave", "vendor", "<script"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert_eq!(page.articles().len(), 3, "the mail, the acknowledgement, the answer: {text}");
    assert_eq!(page.state(), "open");
    let (_, file) = text.split_once("<a download href=\"").expect("a file");
    let file = file.split('"').next().expect("a path").to_owned();
    let got = w.follow(&file).await;
    assert_eq!((got.status, got.body.as_slice()), (StatusCode::OK, &b"kaput"[..]));
    assert_eq!(got.header("content-disposition"), "attachment; filename*=UTF-8''r%20%C3%BC.log");
    assert_eq!(got.header("content-type"), "application/octet-stream", "never shown, whatever it says that it is");
    for other in [file.replace("/1", "/2"), file.replace(&format!("/{}/", page.articles()[0]), "/999/")] {
        assert_eq!(w.follow(&other).await.status, StatusCode::NOT_FOUND, "{other}");
    }
    w.pass(HOLD).await;
    assert!(w.follow(link(&sent)).await.text().contains("SECRET-HELD-BACK"), "once it went out, she got it");
    w.finish().await;
}

#[tokio::test]
async fn somebody_in_copy_sees_their_own_side_alone() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer FOR-CAROL-ALONE").await;
    w.pass(HOLD).await;
    w.say(ALICE, &case, "!answer --cc dave@customer.test FOR-BOTH").await;
    w.pass(HOLD).await;
    let daves = w.outbox().into_iter().rfind(|sent| sent.to == DAVE).expect("Dave's copy");
    let page = w.follow(link(&daves)).await.text();
    assert!(page.contains("FOR-BOTH"), "{page}");
    assert!(!page.contains("FOR-CAROL-ALONE") && !page.contains("smokes since"), "{page}");
    w.send(link(&daves), &w.follow(link(&daves)).await.form().text("I am Dave")).await;
    w.settle().await;
    assert!(w.newest_post(&case).1.text.contains("I am Dave"));
    let carols = w.outbox().into_iter().rfind(|sent| sent.to == CAROL).expect("Carol's copy");
    assert!(!w.follow(link(&carols)).await.text().contains("I am Dave"), "another customer's words");
    w.say(ALICE, &case, "!cc -dave@customer.test").await.done();
    let gone = w.follow(link(&daves)).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(!gone.text().contains("FOR-BOTH") && !gone.text().contains(&case.number), "{}", gone.text());
    w.finish().await;
}

#[tokio::test]
async fn looking_changes_nothing_however_often() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let tables = w.rows("select relname from pg_stat_user_tables where relname <> 'lane' order by 1").await;
    let mut before = vec![];
    for table in &tables {
        before.push(
            w.rows(&format!(
                "select md5(coalesce(string_agg(it::text, ',' order by it::text), '')) from \"{table}\" as it"
            ))
            .await,
        );
    }
    for _ in 0..3 {
        assert_eq!(w.follow(link(&sent)).await.status, StatusCode::OK);
        assert_eq!(w.follow(&format!("{}/solved", link(&sent))).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    for (table, before) in tables.iter().zip(before) {
        let now = w
            .rows(&format!(
                "select md5(coalesce(string_agg(it::text, ',' order by it::text), '')) from \"{table}\" as it"
            ))
            .await;
        assert_eq!(now, before, "{table}");
    }
    w.finish().await;
}

#[tokio::test]
async fn a_reply_goes_the_way_of_a_mail_and_counts_once() {
    let w = World::new().await;
    let (case, sent) = answered(&w).await;
    w.say(ALICE, &case, "!pending 2d").await.done();
    let form = w.follow(link(&sent)).await.form();
    let form = form.text("It still smokes.\r\n\r\nSee the log.").file("r.log", "text/plain", b"kaput");
    let taken = w.send(link(&sent), &form).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    let back = taken.header("location").to_owned();
    assert_eq!(w.send(link(&sent), &form).await.status, StatusCode::SEE_OTHER, "sent twice");
    w.settle().await;
    assert_eq!(w.count("select count(*) from mail_in where route = 'page'").await, 1);
    let page = w.follow(&back).await;
    assert!(page.text().contains("role=\"status\""), "{}", page.text());
    assert!(
        page.text().contains("It still smokes.") && page.text().contains(">r.log</bdi></a> (5 B)"),
        "{}",
        page.text()
    );
    let posts: String = w.thread(&case).into_iter().map(|(_, post)| post.text).collect();
    assert!(posts.contains("wrote by the web page") && posts.contains("It still smokes."), "{posts}");
    assert!(w.card(&case).starts_with("open"), "what waited goes on: {}", w.card(&case));
    let why = w.say(ALICE, &case, "!why").await.answer();
    assert!(why.contains("PAGE"), "{why}");
    // The same form, changed in between, is another reply.
    assert_eq!(w.send(link(&sent), &form.text("And it burns.")).await.status, StatusCode::SEE_OTHER);
    w.settle().await;
    assert_eq!(w.count("select count(*) from article where kind = 'mail'").await, 3);
    w.pass(std::time::Duration::from_hours(48)).await;
    w.finish().await;
}

#[tokio::test]
async fn the_owner_is_called_for_a_reply_from_the_page() {
    let w = World::new().await;
    let (case, sent) = answered(&w).await;
    w.send(link(&sent), &w.follow(link(&sent)).await.form().text("Hello?")).await;
    w.settle().await;
    let post = w.newest_post(&case).1;
    assert_eq!(post.mentions, [user(ALICE)], "{post:?}");
    w.finish().await;
}

#[tokio::test]
async fn what_a_reply_does_to_a_closed_ticket_is_said_before_it_is_typed() {
    for (policy, says, is_taken) in [
        ("reopen", "it is opened again", true),
        ("new", "a new one begins", true),
        ("reject", "Please write to support@desk.test", false),
    ] {
        let w = World::new().await;
        let (case, sent) = answered(&w).await;
        w.sql(&format!("update queue set closed_follow_up = '{policy}'")).await;
        let form = w.follow(link(&sent)).await.form().text("It smokes again");
        w.say(ALICE, &case, "!close").await.done();
        let page = w.follow(link(&sent)).await;
        assert!(page.text().contains(says), "{policy}: {}", page.text());
        assert_eq!(page.state(), "closed successful");
        assert_eq!(page.text().contains("<textarea"), is_taken, "{policy}");
        assert!(!page.text().contains("/solved"), "it is closed already");
        let reply = w.send(link(&sent), &form).await;
        w.settle().await;
        let filed = w.count("select count(*) from mail_in where route = 'page'").await;
        if is_taken {
            assert_eq!((reply.status, filed), (StatusCode::SEE_OTHER, 1), "{policy}");
        } else {
            assert_eq!((reply.status, filed), (StatusCode::CONFLICT, 0), "{policy}");
            assert!(reply.alert().expect("an alert").contains("support@desk.test"));
        }
        let tickets = w.count("select count(*) from ticket").await;
        assert_eq!(tickets, if policy == "new" { 2 } else { 1 }, "{policy}");
        w.finish().await;
    }
}

#[tokio::test]
async fn the_customer_closes_what_is_solved_if_the_queue_lets_them() {
    let w = World::new().await;
    let (case, sent) = answered(&w).await;
    assert!(w.follow(link(&sent)).await.text().contains("/solved"));
    w.sql("update queue set page_closes = false").await;
    assert!(!w.follow(link(&sent)).await.text().contains("/solved"));
    assert_eq!(w.solve(link(&sent)).await.status, StatusCode::FORBIDDEN);
    w.sql("update queue set page_closes = true").await;
    for _ in 0..2 {
        assert_eq!(w.solve(link(&sent)).await.status, StatusCode::SEE_OTHER);
    }
    w.settle().await;
    assert_eq!(w.card(&case), "closed successful, customer told");
    assert_eq!(w.follow(link(&sent)).await.state(), "closed successful");
    let post = w.newest_post(&case).1;
    assert!(post.text.contains("solved") && post.mentions == [user(ALICE)], "{post:?}");
    let history = w.say(ALICE, &case, "!history").await.answer();
    assert!(history.contains("customer"), "{history}");
    assert_eq!(w.outbox().len(), 2, "nobody is written to for that");
    w.finish().await;
}

#[tokio::test]
async fn a_link_that_is_no_good_says_so_and_shows_nothing() {
    let w = World::new().await;
    let (case, sent) = answered(&w).await;
    let other = w.mail(DAVE, "SECRET-SUBJECT", "SECRET-WORDS").await;
    let other = w.case_of(other).await;
    let form = w.follow(link(&sent)).await.form().text("Hello");
    w.say(ALICE, &case, "!page revoke").await.done();
    let nothing = async |link: &str, status: StatusCode| {
        for answered in [w.follow(link).await, w.send(link, &form).await, w.solve(link).await] {
            assert_eq!(answered.status, status, "{link}");
            let text = answered.text();
            assert!(answered.alert().is_some(), "{text}");
            for secret in ["smokes", &case.number, "SECRET", "carol", "Support"] {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
    };
    nothing(link(&sent), StatusCode::GONE).await;
    w.tick(std::time::Duration::from_secs(1));
    let sent = answer(&w, &case, "!answer Here is a new one.").await;
    assert_eq!(w.follow(link(&sent)).await.status, StatusCode::OK, "the next mail has a new one");
    for forged in [link(&sent).replace("/t/1", "/t/2"), format!("{}a", link(&sent)), link(&sent).to_uppercase()] {
        nothing(&forged.replace("HTTPS://HELP.TEST/T/", "/t/"), StatusCode::NOT_FOUND).await;
    }
    // What is merged leads on, and shows her own side of it alone.
    w.say(ALICE, &case, &format!("!merge --yes {}", other.number)).await.done();
    let page = w.follow(link(&sent)).await;
    assert!(page.text().contains("Here is a new one.") && page.text().contains(&other.number), "{}", page.text());
    assert!(!page.text().contains("SECRET-WORDS"), "{}", page.text());
    w.say(ALICE, &other, "!page revoke").await.done();
    nothing(link(&sent), StatusCode::GONE).await;
    w.finish().await;
}

#[tokio::test]
async fn a_link_is_good_for_ninety_days_after_the_last_article() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let day = std::time::Duration::from_hours(24);
    w.tick(day * 89);
    assert_eq!(w.follow(link(&sent)).await.status, StatusCode::OK);
    w.send(link(&sent), &w.follow(link(&sent)).await.form().text("Hello?")).await;
    w.settle().await;
    w.tick(day * 89);
    assert_eq!(w.follow(link(&sent)).await.status, StatusCode::OK, "what she wrote counts, too");
    w.tick(day * 2);
    let gone = w.follow(link(&sent)).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.text().contains("expired") && gone.text().contains("newest mail"), "{}", gone.text());
    w.finish().await;
}

/// Sends it, and expects to be told why not, with what was typed.
async fn refused(w: &World, sent: &Sent, form: &Form, status: StatusCode, why: &str) -> Answered {
    let answered = w.send(link(sent), form).await;
    assert_eq!(answered.status, status, "{}", answered.text());
    let alert = answered.alert().expect("an alert");
    assert!(alert.contains(why), "{alert}");
    answered
}

#[tokio::test]
async fn what_is_wrong_is_said_and_what_was_typed_is_not_lost() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let form = || async { w.follow(link(&sent)).await.form() };
    refused(&w, &sent, &form().await.text(" \r\n "), StatusCode::UNPROCESSABLE_ENTITY, "Please write something").await;
    let large = form().await.text("TYPED").file("a.bin", "a/b", &vec![7; 65 << 10]);
    let page = refused(&w, &sent, &large, StatusCode::PAYLOAD_TOO_LARGE, "64 KB").await;
    assert!(page.text().contains(">TYPED</textarea>"), "{}", page.text());
    let many = (0..11).fold(form().await.text("TYPED"), |form, n| form.file(&format!("{n}.txt"), "text/plain", b"x"));
    let page = refused(&w, &sent, &many, StatusCode::PAYLOAD_TOO_LARGE, "10 files").await;
    assert!(page.text().contains(">TYPED</textarea>"), "{}", page.text());
    for site in ["cross-site", "same-site"] {
        let from = form().await.text("x").sent_from(site);
        assert_eq!(w.send(link(&sent), &from).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(w.count("select count(*) from mail_in where route = 'page'").await, 0);
    let own = form().await.text("x").sent_from("same-origin");
    assert_eq!(w.send(link(&sent), &own).await.status, StatusCode::SEE_OTHER);
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn browsers_are_told_what_not_to_do() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    for path in [link(&sent), "/t/nothing", "/page.css", "/"] {
        let page = w.follow(path).await;
        assert!(page.header("content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("x-robots-tag"), "noindex, nofollow", "{path}");
        let kept = if path == "/page.css" { "public, max-age=3600" } else { "no-store" };
        assert_eq!(page.header("cache-control"), kept, "{path}");
        assert!(page.header("set-cookie").is_empty() && !page.text().contains("<script"), "{path}");
    }
    w.finish().await;
}

#[tokio::test]
async fn a_customer_whose_mail_is_not_wanted_is_no_more_welcome_on_the_page() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let form = w.follow(link(&sent)).await.form().text("SPAM");
    w.say_in(ROOT, &w.room("support"), "!block carol@customer.test").await.done();
    w.send(link(&sent), &form).await;
    w.settle().await;
    assert_eq!(w.count("select count(*) from quarantine").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn an_answer_that_failed_is_not_shown_as_received() {
    let w = World::new().await;
    let (case, sent) = answered(&w).await;
    w.mailer.will(Delivery::Refused { why: "550 no".to_owned() });
    w.say(ALICE, &case, "!answer NEVER-GOT").await;
    w.pass(HOLD).await;
    assert!(!w.follow(link(&sent)).await.text().contains("NEVER-GOT"));
    w.finish().await;
}

#[tokio::test]
async fn a_form_that_comes_back_is_still_the_same_one() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let form = w.follow(link(&sent)).await.form();
    let back =
        refused(&w, &sent, &form.clone().text(""), StatusCode::UNPROCESSABLE_ENTITY, "Please write something").await;
    for _ in 0..2 {
        assert_eq!(w.send(link(&sent), &back.form().text("Hello?")).await.status, StatusCode::SEE_OTHER);
        assert_eq!(w.send(link(&sent), &form.clone().text("Hello?")).await.status, StatusCode::SEE_OTHER);
    }
    w.settle().await;
    assert_eq!(w.count("select count(*) from mail_in where route = 'page'").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn an_archived_queues_page_can_be_read_and_takes_nothing() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let form = w.follow(link(&sent)).await.form().text("Hello?");
    w.sql("update queue set archived = true where name = 'support'").await;
    let page = w.follow(link(&sent)).await;
    assert!(page.text().contains("no longer accepted") && !page.text().contains("<textarea"), "{}", page.text());
    assert_eq!(w.send(link(&sent), &form).await.status, StatusCode::CONFLICT);
    assert_eq!(w.count("select count(*) from mail_in where route = 'page'").await, 0, "as no mail would");
    w.finish().await;
}

#[tokio::test]
async fn who_was_put_out_of_what_a_ticket_became_part_of_is_out() {
    let w = World::new().await;
    let (case, sent) = answered(&w).await;
    let other = w.mail(DAVE, "It burns", "SECRET-WORDS").await;
    let other = w.case_of(other).await;
    w.say(ALICE, &case, &format!("!merge --yes {}", other.number)).await.done();
    assert_eq!(w.follow(link(&sent)).await.status, StatusCode::OK);
    w.say(ALICE, &other, "!cc -carol@customer.test").await.done();
    assert_eq!(w.follow(link(&sent)).await.status, StatusCode::GONE);
    w.sql("update ticket set state = 'removed', owner_id = null, closed_at = created_at where state <> 'merged'").await;
    assert_eq!(w.follow(link(&sent)).await.status, StatusCode::NOT_FOUND);
    w.leave().await.drop_it().await;
}

#[tokio::test]
async fn the_name_of_whoever_reads_may_change_and_its_case_in_a_letter_too() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    w.sql("update customer set name = 'Nobody <b>', address = 'Carol@Customer.test' where address = 'carol@customer.test'").await;
    let page = w.follow(link(&sent)).await;
    assert_eq!((page.status, page.articles().len()), (StatusCode::OK, 3));
    assert_eq!(w.send(link(&sent), &page.form().text("It is me")).await.status, StatusCode::SEE_OTHER);
    w.settle().await;
    assert_eq!(w.count("select count(*) from article where kind = 'mail' and visibility = 'customer'").await, 2);
    w.finish().await;
}

#[tokio::test]
async fn hostile_names_and_texts_of_files_stay_what_they_are() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let mut form = w.follow(link(&sent)).await.form().text("</textarea><script>alert(1)</script>\0\u{202e}");
    for name in ["../../etc/passwd", "a\u{202e}gpj.exe", "%0d%0aX-Evil: 1", "<img src=x>.svg", &"n".repeat(900)] {
        form = form.file(name, "text/html; charset=utf-7\t", b"<script>alert(1)</script>");
    }
    assert_eq!(w.send(link(&sent), &form).await.status, StatusCode::SEE_OTHER);
    w.settle().await;
    let page = w.follow(link(&sent)).await;
    for evil in ["<script", "<img", "\u{202e}gpj", "/etc/passwd"] {
        assert!(!page.text().contains(evil), "{evil}: {}", page.text());
    }
    let text = page.text();
    let files: Vec<&str> =
        text.split("<a download href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(files.len(), 5, "{text}");
    for file in files {
        let got = w.follow(file).await;
        assert_eq!(got.status, StatusCode::OK, "{file}");
        assert_eq!(got.body, b"<script>alert(1)</script>", "{file}");
        assert_eq!(got.header("content-type"), "application/octet-stream");
        let disposition = got.header("content-disposition");
        assert!(disposition.starts_with("attachment; filename*=UTF-8''"), "{disposition}");
        assert!(
            !disposition.contains("%2F") && !disposition.contains("%0D") && !disposition.contains("%E2%80%AE"),
            "{disposition}"
        );
    }
    w.finish().await;
}

#[tokio::test]
async fn strange_paths_lead_nowhere() {
    let w = World::new().await;
    let (_, sent) = answered(&w).await;
    let path = link(&sent).strip_prefix("https://help.test").expect("a path").to_owned();
    for strange in [
        "/t/%FF%FE".to_owned(),
        "/t/..%2f..%2fpage.css".to_owned(),
        format!("{path}%00"),
        format!("{path}%20"),
        format!("{path}/"),
        format!("{path}/files/1/1/../../.."),
        format!("{path}/files/99999999999999999999/1"),
        format!("{path}/files/-1/-1"),
        format!("{path}/files/1/x"),
        format!("/t/{}", "a".repeat(20_000)),
        path.replace("/t/", "/T/"),
        path.replace("/t/", "//t/"),
    ] {
        let page = w.follow(&strange).await;
        assert!(page.status.is_client_error(), "{strange}: {}", page.status);
        assert!(!page.text().contains("smokes") && !page.text().contains(&path), "{strange}: {}", page.text());
        assert_eq!(page.header("cache-control"), "no-store", "{strange}");
    }
    w.finish().await;
}
