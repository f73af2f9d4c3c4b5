//! Files and large mails in an object store.

use std::time::Duration;

use data_encoding::BASE64_MIME;
use ticketloom::domain::blob::Digest;
use ticketloom::domain::id::{AttachmentId, EmailAddress, MailId};

use super::blobs::{file, mail_with, noise};
use super::world::{ALICE, CAROL, HOLD, Shelf, World};

/// Two thirds of it are the file, so that the mail is a large one.
const LARGE: usize = 100_000;

async fn blobs(w: &World) -> (i64, i64) {
    let at = w.store.whereabouts().await.expect("the record");
    (at.here, at.away)
}

/// All that the desk has of the one file of the one ticket.
async fn file_of(w: &World) -> Vec<u8> {
    let id = w.rows("select attachment_id from attachment").await[0].parse().expect("an id");
    let mut tx = w.store.begin().await.expect("a transaction");
    let file = tx.files().get(AttachmentId(id)).await.expect("a file");
    drop(tx);
    w.store.file_bytes(&file).await.expect("its bytes")
}

#[tokio::test]
async fn a_large_mail_lies_there_and_its_file_is_cut_out_of_it() {
    let shelf = Shelf::default();
    let w = World::keeping_files_in(shelf.objects(true)).await;
    let bytes = noise(1, LARGE);
    let mail = mail_with("It smokes", &[("smoke.bin", &bytes)]);
    let raw = mail.bytes();
    let id = w.deliver(&mail).await;
    w.mail(CAROL, "It stinks", "A small one.").await;
    assert_eq!(shelf.sizes().await, [raw.len() as u64], "the small one is in PostgreSQL");
    assert_eq!(w.count("select count(*) from mail_in where raw is null").await, 1);
    assert_eq!(file_of(&w).await, bytes);
    let case = w.case_of(id).await;
    w.say(ALICE, &case, "!raw").await.done();
    let (_, posted) = w.newest_post(&case);
    assert_eq!(posted.file.expect("the mail").size, raw.len() as u64);
    assert!(w.thread(&case).iter().any(|(_, post)| post.file.as_ref().is_some_and(|file| file.name == "smoke.bin")));
    w.finish().await;
}

#[tokio::test]
async fn no_mail_waits_for_an_object_store_that_is_away() {
    let shelf = Shelf::default();
    let w = World::keeping_files_in(shelf.objects(true)).await;
    shelf.set_away(true);
    let bytes = noise(2, LARGE);
    w.deliver(&mail_with("It smokes", &[("smoke.bin", &bytes)])).await;
    assert_eq!((blobs(&w).await, file_of(&w).await == bytes), ((1, 0), true), "it is in PostgreSQL, and shown");
    // Back again: what is in PostgreSQL is moved.
    shelf.set_away(false);
    for digest in w.store.blobs_here(None, 10).await.expect("the record") {
        w.store.move_away(digest).await.expect("it takes it");
    }
    assert_eq!((blobs(&w).await, file_of(&w).await == bytes), ((0, 1), true));
    // And away: whoever wants it is told that it may be there later.
    shelf.set_away(true);
    let digest = w.store.blobs_away(None, 10).await.expect("the record")[0];
    let error = w.store.blobs().get(digest).await.expect_err("it is away");
    assert!(error.is_passing() && error.to_string().contains("object store"), "{error}");
    w.finish().await;
}

#[tokio::test]
async fn what_there_was_is_moved_there_and_back_while_it_is_read() {
    let shelf = Shelf::default();
    let w = World::new().await;
    let bytes = noise(3, LARGE);
    let id = w.deliver(&mail_with("It smokes", &[("smoke.bin", &bytes)])).await;
    let raw = w.store.begin().await.expect("a transaction").mails().raw(id).await.expect("the record").expect("a mail");
    let store = w.store.clone().with_objects(shelf.objects(true));
    let (large, last) = store.large_mails_here(MailId(0), 100).await.expect("the record");
    assert_eq!((large, last), (vec![id], Some(id)));
    assert_eq!(store.large_mails_here(id, 100).await.expect("the record"), (vec![], None));
    store.make_blob(id).await.expect("moved");
    store.make_blob(id).await.expect("twice is once");
    assert_eq!((blobs(&w).await, shelf.sizes().await.len()), ((0, 1), 1));
    let digest = store.blobs_away(None, 1).await.expect("the record")[0];
    // Many read it while it goes to and fro.
    let reading = async {
        for _ in 0..40 {
            let read = store.begin().await.expect("a transaction").mails().raw(id).await;
            assert_eq!(read.expect("the record").expect("a mail").bytes, raw.bytes);
            let blob = store.blobs().get(digest).await.expect("it is here or there");
            assert_eq!(Digest::of(blob.as_ref()), digest);
        }
    };
    let moving = async {
        for _ in 0..10 {
            store.move_here(digest).await.expect("moved");
            store.move_away(digest).await.expect("moved");
        }
    };
    tokio::join!(reading, moving);
    store.move_here(digest).await.expect("moved");
    assert_eq!((blobs(&w).await, file_of(&w).await == bytes), ((1, 0), true), "without an object store, too");
    // An hour later nothing is left there.
    assert_eq!((store.delete_gone_objects(10).await.expect("deleted"), shelf.sizes().await.len()), (0, 1));
    w.tick(Duration::from_secs(3_601));
    assert_eq!((store.delete_gone_objects(10).await.expect("deleted"), shelf.sizes().await.len()), (1, 0));
    w.finish().await;
}

/// The same bytes once more, before what was given up is deleted.
#[tokio::test]
async fn what_is_needed_again_is_not_deleted() {
    let shelf = Shelf::default();
    let w = World::keeping_files_in(shelf.objects(true)).await;
    let kept = w.store.blobs().keep(b"some bytes".to_vec()).await.expect("kept");
    let mut tx = w.store.begin().await.expect("a transaction");
    tx.erased_articles().drop_blobs(&[kept.digest.bytes().to_vec()]).await.expect("dropped");
    tx.commit().await.expect("dropped");
    assert_eq!((blobs(&w).await, shelf.sizes().await.len()), ((0, 0), 1));
    w.store.blobs().keep(b"some bytes".to_vec()).await.expect("kept again");
    w.tick(Duration::from_secs(3_601));
    assert_eq!(w.store.delete_gone_objects(10).await.expect("looked"), 0);
    assert_eq!(w.store.blobs().get(kept.digest).await.expect("it is there").as_ref(), b"some bytes");
    w.finish().await;
}

#[tokio::test]
async fn an_erased_customers_mail_is_deleted_there_too() {
    let shelf = Shelf::default();
    let w = World::keeping_files_in(shelf.objects(true)).await;
    w.deliver(&mail_with("It smokes", &[("smoke.bin", &noise(4, LARGE))])).await;
    assert_eq!(shelf.sizes().await.len(), 1);
    let carol = EmailAddress::parse(CAROL).expect("an address");
    ticketloom::desk::erase::begin(&w.store, &carol).await.expect("begun");
    w.settle().await;
    w.pass(Duration::from_mins(2)).await;
    assert_eq!(blobs(&w).await, (0, 0));
    w.tick(Duration::from_secs(3_601));
    assert_eq!((w.store.delete_gone_objects(10).await.expect("deleted"), shelf.sizes().await.len()), (1, 0));
    w.finish_with_stale_cards().await;
}

/// An agent's own file goes out from there, the same at every attempt.
#[tokio::test]
async fn an_answers_file_comes_from_there() {
    let shelf = Shelf::default();
    let w = World::keeping_files_in(shelf.objects(true)).await;
    let case = w.ticket("It smokes").await;
    w.chat.has_file("mxc://desk.test/plan.pdf", noise(5, 5_000));
    w.message(ALICE, &case.room, file(&case, "plan.pdf", 5_000, Some("!answer Here it is."))).await;
    // It waits for its file.
    w.pass(Duration::from_secs(5)).await;
    w.pass(HOLD).await;
    assert_eq!((blobs(&w).await, shelf.sizes().await), ((0, 1), vec![5_000]));
    let encoded = BASE64_MIME.encode(&noise(5, 5_000));
    assert!(w.newest_mail().source.contains(encoded.trim_end()));
    w.finish().await;
}
