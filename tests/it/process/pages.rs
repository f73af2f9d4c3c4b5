//! Customers' pages of the running program: nothing that was taken is lost or counted twice, and nobody keeps the desk from its work.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::house::{Card, Customer, House, Mode, Plan, until};
use super::lmtp::Lmtp;

/// What a browser got.
#[derive(Debug)]
struct Answer {
    status: u16,
    text: String,
}

impl Answer {
    fn between(&self, begin: &str, end: &str) -> &str {
        let (_, rest) = self.text.split_once(begin).unwrap_or_else(|| panic!("no {begin}: {}", self.text));
        rest.split(end).next().unwrap_or_default()
    }

    /// The form's own word.
    fn form(&self) -> String {
        self.between("name=\"form\" value=\"", "\"").to_owned()
    }
}

/// A customer with a browser at the page that their mail led to.
struct Reader<'h> {
    house: &'h House,
    card: Card,
    path: String,
}

impl<'h> Reader<'h> {
    /// Follows the link in the acknowledgement.
    async fn of(house: &'h House) -> Self {
        let (customer, card) = house.ticket().await;
        let mail = until("the acknowledgement", 60, async || customer.acknowledgements().await.pop()).await;
        let begin = format!("http://127.0.0.1:{}", house.web);
        let (_, rest) = mail.text.split_once(&begin).unwrap_or_else(|| panic!("no link: {}", mail.text));
        let path = rest.split_whitespace().next().expect("a path").to_owned();
        assert!(path.starts_with("/t/"), "{path}");
        Self { house, card, path }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.house.web)).await.expect("a connection")
    }

    /// A request's head and what follows; the answer.
    async fn ask(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        let head = format!("{head}Host: desk\r\nConnection: close\r\n\r\n");
        // Whoever is answered before they are done may be cut off.
        let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
        answer(&mut stream).await.unwrap_or_else(|| panic!("no answer to {head}"))
    }

    async fn look(&self) -> Answer {
        self.ask(&format!("GET {} HTTP/1.1\r\n", self.path), b"").await
    }

    async fn send(&self, body: &[u8]) -> Answer {
        self.ask(&self.head(body.len()), body).await
    }

    fn head(&self, length: usize) -> String {
        let kind = "Content-Type: multipart/form-data; boundary=b";
        format!("POST {} HTTP/1.1\r\n{kind}\r\nContent-Length: {length}\r\n", self.path)
    }

    /// How often the reply with those words stands in the thread, and how many files.
    async fn shown(&self, words: &str) -> (usize, usize) {
        self.house.idle().await;
        let transcript = self.house.alice.transcript(self.house.room()).await;
        let is_file = |event: &&&serde_json::Value| event["content"]["msgtype"] == "m.file";
        let articles = transcript.articles(&self.card.root);
        (
            articles.iter().filter(|article| article.contains(words)).count(),
            transcript.thread(&self.card.root).iter().filter(is_file).count(),
        )
    }
}

/// A whole answer, to the end of the connection; nothing if there is none.
async fn answer(stream: &mut TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some(Answer { status, text })
}

/// A form as a browser sends it.
fn filled_in(form: &str, text: &str, file: &[u8]) -> Vec<u8> {
    let part = |head: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    let (first, second) = (part("name=\"form\""), part("name=\"text\""));
    let third = part("name=\"files\"; filename=\"a.log\"");
    let begin = format!("{first}{form}\r\n{second}{text}\r\n{third}");
    [begin.as_bytes(), file, b"\r\n--b--\r\n"].concat()
}

fn plan() -> Plan {
    Plan { web: Some(""), ..Plan::default() }
}

const TAKEN: &str = "mail_in where route = 'page'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_was_taken_is_there_once_whenever_the_desk_dies() {
    let log = "format = \"text\"\nlevel = \"trace\"";
    let house = House::opened(Plan { log, ..plan() }).await;
    let reader = Reader::of(&house).await;
    let mut taken = 0;
    for point in ["", "mail.before_commit", "mail.after_commit"] {
        let words = format!("words before {point}.");
        if !point.is_empty() {
            house.kill().await;
            house.start(&[("TICKETLOOM_CRASH", point)]);
            house.answers().await;
        }
        let page = until("the page", 30, async || Some(reader.look().await).filter(|page| page.status == 200)).await;
        let form = filled_in(&page.form(), &words, b"a file");
        assert_eq!(reader.send(&form).await.status, 303, "{point}");
        if point.is_empty() {
            house.kill().await;
        } else {
            house.wait_for_exit(30).await;
        }
        house.start(&[]);
        house.answers().await;
        taken += 1;
        assert_eq!(reader.shown(&words).await, (1, taken), "{point}");
        assert_eq!(reader.send(&form).await.status, 303, "sent again");
        assert_eq!(reader.shown(&words).await, (1, taken), "{point}, sent again");
        assert_eq!(house.count(TAKEN).await, i64::try_from(taken).expect("few"));
        assert!(reader.look().await.text.contains(&words), "{point}");
    }
    let secret = reader.path.trim_start_matches("/t/");
    let log = house.log();
    let told: Vec<&str> = log.lines().filter(|line| line.contains(secret) || line.contains("/t/")).collect();
    assert!(log.contains("TRACE"), "it says all it can");
    assert!(told.is_empty(), "{} lines name a link, such as {}", told.len(), told[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_comes_back_while_postgresql_is_away() {
    let house = House::opened(plan()).await;
    let reader = Reader::of(&house).await;
    let page = reader.look().await;
    let form = filled_in(&page.form(), "TYPED <words>", b"a file");
    house.idle().await;
    house.postgres.set(Mode::Cut);
    let refused = reader.send(&form).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.form(), page.form(), "the same form, since it may be stored already");
    assert!(refused.between("<textarea", "</textarea>").ends_with(">TYPED &#60;words&#62;"), "{}", refused.text);
    assert!(refused.text.contains("role=\"alert\"") && refused.text.contains("no-store"), "{}", refused.text);
    assert_eq!(house.count(TAKEN).await, 0, "nothing half");
    house.postgres.set(Mode::Open);
    let sent =
        until("it is taken", 60, async || Some(reader.send(&form).await).filter(|sent| sent.status != 503)).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    assert_eq!(reader.shown("TYPED <words>").await, (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_slowly_or_too_much_keeps_neither_a_slot_nor_memory() {
    let web = "connections = 2\nmax_size = \"1MiB\"";
    let house = House::opened(Plan { web: Some(web), more: "mail_memory = \"4MiB\"", ..plan() }).await;
    let reader = Reader::of(&house).await;
    let form = reader.look().await.form();
    let whole = filled_in(&form, "It fits.", &vec![b'x'; 800_000]);
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut stream = reader.connect().await;
        let head = format!("{}Host: desk\r\n\r\n", reader.head(whole.len()));
        stream.write_all(&[head.as_bytes(), &whole[..700_000]].concat()).await.expect("sent");
        slow.push(stream);
    }
    let mut lmtp = Lmtp::open(&house).await;
    let mut room = async || {
        let is_free = lmtp.say("MAIL FROM:<a@customer.test> SIZE=1500000").await.starts_with("250");
        lmtp.tell("RSET", "250").await;
        is_free
    };
    until("they have all of the memory", 10, async || (!room().await).then_some(())).await;
    for stream in &mut slow {
        let ended = tokio::time::timeout(Duration::from_mins(1), stream.read_to_end(&mut Vec::new())).await;
        assert!(ended.is_ok(), "whoever sends nothing more is ended");
    }
    assert!(room().await, "and what they had is free");
    let large = reader.send(&filled_in(&form, "TYPED", &vec![b'x'; 3 << 20])).await;
    assert_eq!(large.status, 413, "{}", large.text);
    assert!(large.text.contains(">TYPED</textarea>") && large.text.contains("1 MB"), "{}", large.text);
    assert!(room().await, "nothing of it is left");
    assert_eq!(house.count(TAKEN).await, 0);
    assert_eq!(reader.send(&whole).await.status, 303);
    assert_eq!(reader.shown("It fits.").await, (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_guesses_is_told_to_wait_and_mail_goes_on() {
    const GUESSES: usize = 800;
    let house = House::opened(plan()).await;
    let mut stream = TcpStream::connect(("127.0.0.1", house.web)).await.expect("a connection");
    let mut guesses = String::new();
    for number in 0..GUESSES {
        let last = if number + 1 == GUESSES { "Connection: close\r\n" } else { "" };
        let _ = write!(guesses, "GET /t/1{number:0>36} HTTP/1.1\r\nHost: desk\r\n{last}\r\n");
    }
    let (mut reading, mut writing) = stream.split();
    let mut heard = Vec::new();
    let (written, read) = tokio::join!(writing.write_all(guesses.as_bytes()), reading.read_to_end(&mut heard));
    written.expect("all guesses are read");
    read.expect("and answered");
    let heard = String::from_utf8(heard).expect("text");
    let count = |status: &str| heard.matches(status).count();
    let (unknown, later) = (count("HTTP/1.1 404 "), count("HTTP/1.1 429 "));
    assert_eq!(unknown + later, GUESSES, "{unknown} {later}");
    // What a minute has, and a little that comes back meanwhile.
    assert!((600..750).contains(&unknown), "{unknown}");
    assert_eq!(count("retry-after: 60"), later);
    let (customer, _) = house.ticket().await;
    until("the acknowledgement", 60, async || customer.acknowledgements().await.pop()).await;
    let other: Customer = Customer::new();
    other.write(house.address(), "Another", "goes on").await;
    house.alice.card(house.room(), "Another").await;
}
