//! `ticketloom import` and `ticketloom reparse`, as an operator calls them.

use super::house::{Customer, House, Mode, Plan, unique};

const EX_TEMPFAIL: i32 = 75;

fn mbox(mails: &[Vec<u8>]) -> Vec<u8> {
    let from = b"From carol@customer.test Mon Nov 23 09:00:00 2026\n".as_slice();
    mails.iter().flat_map(|mail| [from, mail, b"\n"].concat()).collect()
}

fn mails(house: &House, subjects: &[String]) -> Vec<Vec<u8>> {
    let mail = |subject: &String| Customer::new().compose(house.address(), subject, "It smokes.", "");
    subjects.iter().map(mail).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_is_told_of_taken_and_shown_when_the_desk_opens() {
    let house = House::opened(Plan::default()).await;
    house.stop().await;
    // A board may have been pinned at the last moment: what is left then is nothing of the import's.
    let jobs = house.jobs().await;
    let subjects: Vec<String> = (0..3).map(|_| format!("Old {}", unique())).collect();
    let file = house.file("old.mbox");
    std::fs::write(&file, mbox(&mails(&house, &subjects))).expect("a file");
    let (file, queue) = (file.display().to_string(), house.queues[0].name.clone());
    let told = house.must(&["import", &file, "--queue", &queue, "--dry-run"]).await;
    assert!(told.contains("nothing was stored") && told.contains("       3  new tickets"), "{told}");
    assert_eq!((house.count("mail_in").await, house.count("ticket").await), (0, 0));
    assert_eq!(house.jobs().await, jobs);
    let done = house.must(&["import", &file, "--queue", &queue]).await;
    assert_eq!(told.split_once('\n').map(|(_, report)| report), done.split_once('\n').map(|(_, report)| report));
    assert_eq!((house.count("ticket").await, house.count("letter").await), (3, 0));
    let again = house.must(&["import", &file, "--queue", &queue]).await;
    assert!(again.contains("       3  here already"), "{again}");

    house.start(&[]);
    house.answers().await;
    for subject in &subjects {
        house.alice.card(house.room(), subject).await;
    }
    // And while it is open.
    let new = format!("By pipe {}", unique());
    let input = mbox(&mails(&house, std::slice::from_ref(&new)));
    let done = house.run(&["import", "-", "--queue", &queue], &input).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let card = house.alice.card(house.room(), &new).await;
    house.idle().await;
    let events = house.alice.events(house.room()).await;
    let posted = events.iter().find(|event| event["event_id"] == card.root.as_str()).expect("the card");
    assert_eq!(posted["content"]["msgtype"], "m.notice");
    assert_eq!(house.count("letter").await, 0);
    assert_eq!(house.must(&["reparse", "all"]).await, "read again: 4; texts that differ: 0; new files: 0\n");
    assert_eq!(house.must(&["reparse", &card.number]).await, "read again: 1; texts that differ: 0; new files: 0\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_imported_is_refused_with_the_right_form() {
    let house = House::built(Plan::default(), false).await;
    let queue = house.queues[0].name.clone();
    let file = house.file("mails.mbox");
    std::fs::write(&file, "Subject: no mbox\n\nx\n").expect("a file");
    let file = file.display().to_string();
    let empty = house.file("empty");
    std::fs::create_dir(&empty).expect("a folder");
    let empty = empty.display().to_string();
    let wrong: [(&[&str], &str); 6] = [
        (&["import", &file, "--queue", "nobody"], &format!("there is no queue nobody; there are {queue}")),
        (&["import", &file, "--queue", &queue], "its first line does not begin with \"From \""),
        (&["import", &empty, "--queue", &queue], "files that end with .eml or .mbox"),
        (&["import", "/nonexistent/x.mbox", "--queue", &queue], "/nonexistent/x.mbox"),
        (&["reparse", "soon"], "ticketloom reparse 2026112310000013, or all"),
        (&["reparse", "2026112310000013"], "there is no such ticket"),
    ];
    for (arguments, form) in wrong {
        let done = house.run(arguments, b"").await;
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains(form), "{arguments:?} tells: {told}");
    }
    assert_eq!(house.count("mail_in").await, 0);
    house.postgres.set(Mode::Cut);
    for arguments in [&["import", &file, "--queue", &queue][..], &["reparse", "all"]] {
        let done = house.run(arguments, b"").await;
        assert_eq!(done.status.code(), Some(EX_TEMPFAIL), "{arguments:?}");
    }
}
