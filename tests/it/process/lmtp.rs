//! The LMTP listener, talked to as Postfix does and as nobody should.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::house::{Customer, House, Plan, unique, until};

/// A connection to a house's listener.
pub(super) struct Lmtp(BufReader<TcpStream>);

impl Lmtp {
    pub(super) async fn open(house: &House) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", house.lmtp)).await.expect("the listener answers");
        let mut lmtp = Self(BufReader::new(stream));
        lmtp.expect("220").await;
        lmtp.say("LHLO test").await;
        lmtp
    }

    async fn write(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.expect("the listener listens");
    }

    /// One answer, with all its lines.
    async fn answer(&mut self) -> String {
        let mut whole = String::new();
        loop {
            let before = whole.len();
            self.0.read_line(&mut whole).await.expect("an answer");
            if whole.as_bytes().get(before + 3) != Some(&b'-') {
                return whole;
            }
        }
    }

    async fn expect(&mut self, code: &str) -> String {
        let answer = self.answer().await;
        assert!(answer.starts_with(code), "{code}, not {answer}");
        answer
    }

    pub(super) async fn say(&mut self, line: &str) -> String {
        self.write(format!("{line}\r\n").as_bytes()).await;
        self.answer().await
    }

    pub(super) async fn tell(&mut self, line: &str, code: &str) {
        let answer = self.say(line).await;
        assert!(answer.starts_with(code), "{line}: {code}, not {answer}");
    }

    /// A whole mail, up to its 250.
    pub(super) async fn deliver(&mut self, from: &str, to: &str, raw: &[u8]) {
        self.tell(&format!("MAIL FROM:<{from}>"), "250").await;
        self.tell(&format!("RCPT TO:<{to}>"), "250").await;
        self.data(raw).await;
        self.expect("250").await;
    }

    /// The text with its dot.
    async fn data(&mut self, raw: &[u8]) {
        self.tell("DATA", "354").await;
        self.write(raw).await;
        self.write(b"\r\n.\r\n").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_recipient_has_its_own_answer() {
    let house = House::opened(Plan { queues: 2, ..Plan::default() }).await;
    let (customer, subject) = (Customer::new(), format!("Both {}", unique()));
    let raw = customer.compose(house.address(), &subject, "Please help.", "");
    let mut lmtp = Lmtp::open(&house).await;
    lmtp.tell("RCPT TO:<x@y.test>", "503").await;
    lmtp.tell(&format!("MAIL FROM:<{}>", customer.address), "250").await;
    lmtp.tell(&format!("RCPT TO:<{}>", house.queues[0].address), "250").await;
    lmtp.tell("RCPT TO:<nobody@desk.test>", "550 5.1.1").await;
    lmtp.tell(&format!("RCPT TO:<{}>", house.queues[1].address.to_uppercase()), "250").await;
    lmtp.data(&raw).await;
    lmtp.expect("250").await;
    lmtp.expect("250").await;
    for queue in &house.queues {
        house.alice.card(&queue.room, &subject).await;
    }
    lmtp.tell(&format!("MAIL FROM:<{}>", customer.address), "250").await;
    lmtp.tell("RCPT TO:<nobody@desk.test>", "550 5.1.1").await;
    lmtp.tell("DATA", "503").await;
    lmtp.tell("QUIT", "221").await;
    assert_eq!(house.count("ticket").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_recipients_of_one_queue_are_one_ticket() {
    let house = House::open().await;
    let (customer, subject) = (Customer::new(), format!("Fifty {}", unique()));
    let raw = customer.compose(house.address(), &subject, "Please help.", "");
    let mut lmtp = Lmtp::open(&house).await;
    lmtp.tell(&format!("MAIL FROM:<{}>", customer.address), "250").await;
    for number in 0..50 {
        lmtp.tell(&format!("RCPT TO:<{}>", house.address().replace('@', &format!("+{number}@"))), "250").await;
    }
    lmtp.data(&raw).await;
    for _ in 0..50 {
        lmtp.expect("250").await;
    }
    until("all are read", 30, async || (house.count("mail_in where fate = 'duplicate'").await == 49).then_some(()))
        .await;
    house.idle().await;
    assert_eq!(house.count("ticket").await, 1);
    assert_eq!(house.alice.transcript(house.room()).await.cards(&subject).len(), 1);
    assert_eq!(customer.inbox().await.len(), 1, "one acknowledgement");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused_for_good() {
    let house = House::open().await;
    let mut lmtp = Lmtp::open(&house).await;
    let hello = lmtp.say("LHLO again").await;
    assert!(hello.contains("SIZE 2097152") && hello.contains("SMTPUTF8") && hello.contains("8BITMIME"), "{hello}");
    lmtp.tell("MAIL FROM:<a@customer.test> SIZE=2097153", "552 5.3.4").await;
    lmtp.tell("MAIL FROM:<a@customer.test> SIZE=1000", "250").await;
    lmtp.tell(&format!("RCPT TO:<{}>", house.address()), "250").await;
    let line = [vec![b'x'; 1022], b"\r\n".to_vec()].concat();
    lmtp.data(&line.repeat(2049)).await;
    lmtp.expect("552 5.3.4").await;
    lmtp.tell("NOOP", "250").await;
    assert_eq!(house.count("mail_in").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_beyond_ascii_are_taken() {
    let house = House::open().await;
    let subject = format!("Grüße {}", unique());
    let customer = Customer { address: format!("jürgen-{}@customer.test", unique()) };
    let mut lmtp = Lmtp::open(&house).await;
    lmtp.tell(&format!("MAIL FROM:<{}> SMTPUTF8 BODY=8BITMIME", customer.address), "250").await;
    lmtp.tell(&format!("RCPT TO:<{}>", house.address()), "250").await;
    lmtp.data(&customer.compose(house.address(), &subject, "Schöne Grüße", "")).await;
    lmtp.expect("250").await;
    let card = house.alice.card(house.room(), &subject).await;
    let ticket = house.alice.transcript(house.room()).await.ticket(&card.root);
    assert_eq!(ticket["customer"], customer.address.as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_offered_is_refused() {
    let house = House::open().await;
    let mut lmtp = Lmtp::open(&house).await;
    lmtp.tell("MAIL FROM:<a@customer.test> BODY=BINARYMIME", "555 5.5.4").await;
    lmtp.tell("MAIL FROM:<a@customer.test> REQUIRETLS", "555 5.5.4").await;
    lmtp.tell(&format!("MAIL FROM:<{}@customer.test>", "a".repeat(3000)), "501 5.1.7").await;
    lmtp.tell("BDAT 3 LAST", "500").await;
    lmtp.tell("MAIL FROM:<a@customer.test> BODY=8BITMIME", "250").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_that_memory_has_no_room_for_are_put_off_and_none_is_lost() {
    let house = House::opened(Plan { more: "mail_memory = \"4MiB\"", ..Plan::default() }).await;
    let mail = |number: usize, lines: usize| {
        let subject = format!("Mail {number}");
        Customer::new().compose(house.address(), &subject, &format!("{}\r\n", "x".repeat(1022)).repeat(lines), "")
    };
    let mut under_way = Vec::new();
    for number in 0..2 {
        let mut lmtp = Lmtp::open(&house).await;
        lmtp.tell("MAIL FROM:<a@customer.test>", "250").await;
        lmtp.tell(&format!("RCPT TO:<{}>", house.address()), "250").await;
        lmtp.tell("DATA", "354").await;
        lmtp.write(&mail(number, 2000)).await;
        under_way.push(lmtp);
    }
    let mut last = Lmtp::open(&house).await;
    until("the memory is taken", 10, async || {
        let is_full = last.say("MAIL FROM:<a@customer.test> SIZE=1000").await.starts_with("452 4.3.1");
        last.tell("RSET", "250").await;
        is_full.then_some(())
    })
    .await;
    last.tell("MAIL FROM:<a@customer.test>", "250").await;
    for part in ["+a@", "+b@"] {
        last.tell(&format!("RCPT TO:<{}>", house.address().replace('@', part)), "250").await;
    }
    last.data(&mail(2, 100)).await;
    last.expect("452 4.3.1").await;
    last.expect("452 4.3.1").await;
    for lmtp in &mut under_way {
        lmtp.write(b"\r\n.\r\n").await;
        lmtp.expect("250").await;
    }
    last.deliver("a@customer.test", house.address(), &mail(2, 100)).await;
    assert_eq!(house.count("mail_in").await, 3);
    house.idle().await;
    assert_eq!(house.count("ticket").await, 3);
}

/// SMTP smuggling: only CRLF . CRLF ends a text.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dot_behind_a_bare_line_feed_ends_nothing() {
    let house = House::open().await;
    let (customer, subject) = (Customer::new(), format!("Outer {}", unique()));
    let inner = customer.compose(house.address(), "Inner", "smuggled", "");
    let mut lmtp = Lmtp::open(&house).await;
    for end in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r"] {
        let command = format!("MAIL FROM:<x@customer.test>\r\nRCPT TO:<{}>\r\nDATA\r\n", house.address());
        let outer = customer.compose(house.address(), &subject, "harmless", "");
        let raw = [outer.as_slice(), end.as_bytes(), command.as_bytes(), &inner].concat();
        lmtp.tell("MAIL FROM:<a@customer.test>", "250").await;
        lmtp.tell(&format!("RCPT TO:<{}>", house.address()), "250").await;
        lmtp.data(&raw).await;
        lmtp.expect("250 2.0.0").await;
        lmtp.tell("NOOP", "250 2.0.0").await;
    }
    until("all are read", 30, async || (house.count("mail_in where fate <> 'waiting'").await == 5).then_some(())).await;
    assert_eq!(house.count("ticket where subject = 'Inner'").await, 0);
    assert_eq!(house.count(&format!("ticket where subject = '{subject}'")).await, 5);
}
