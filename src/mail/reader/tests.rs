use super::*;

#[tokio::test]
async fn reading_in_process_reads_the_same() {
    let raw = b"From: a@x.test\r\nSubject: s\r\n\r\nx".to_vec();
    let mail = Reader::in_process().read(raw.clone()).await.expect("readable");
    assert_eq!(format!("{mail:?}"), format!("{:?}", crate::mail::read(&raw).expect("readable")));
    let nothing = Reader::in_process().read(b"\r\n".to_vec()).await;
    assert!(matches!(nothing, Err(ReadError::Unreadable(_))), "{nothing:?}");
}

#[tokio::test]
async fn that_there_is_no_reader_is_not_the_mails_fault() {
    let reader = Reader::program(Path::new("/nowhere/ticketloom"), Limits::default());
    let read = reader.read(b"From: a@x.test\r\n\r\nx".to_vec()).await;
    assert!(matches!(read, Err(ReadError::NoReader(_))), "{read:?}");
}

#[tokio::test]
async fn a_reader_that_says_nothing_is_asked_a_few_times() {
    let reader = Reader::program(Path::new("/bin/true"), Limits::default());
    let read = reader.read(b"From: a@x.test\r\n\r\nx".to_vec()).await;
    assert!(matches!(&read, Err(ReadError::Unreadable(why)) if why.contains("again and again")), "{read:?}");
}

#[test]
fn what_is_sent_is_received() {
    let mut pipe = Vec::new();
    process::send(&mut pipe, b"one").expect("sent");
    process::send(&mut pipe, b"").expect("sent");
    let mut rest = pipe.as_slice();
    assert_eq!(process::receive(&mut rest).expect("received").as_deref(), Some(&b"one"[..]));
    assert_eq!(process::receive(&mut rest).expect("received").as_deref(), Some(&b""[..]));
    assert_eq!(process::receive(&mut rest).expect("the end"), None);
    assert!(process::receive(&mut &pipe[..9]).is_err(), "cut in the middle");
}
