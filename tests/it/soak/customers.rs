//! Customers: each has a matter, writes of it in a way of their own, and answers what they get.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::Soak;
use super::chance::{Canary, Chance, Kind};
use super::ledger::{Route, Row};
use crate::process::house::deliver;

/// So long a mail server waits for a word of the desk before it tries again.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a mail may be whose end stands in the thread alone.
const LONG: usize = 60;

/// Somebody with a matter.
pub(super) struct Customer {
    pub(super) number: usize,
    chance: Chance,
}

/// Whose address it is.
pub(super) fn address(number: usize) -> String {
    format!("c{number}@customer.test")
}

/// Whose address that is.
pub(super) fn number_of(address: &str) -> Option<usize> {
    address.strip_prefix('c')?.strip_suffix("@customer.test")?.parse().ok()
}

impl Customer {
    pub(super) fn new(number: usize, chance: Chance) -> Self {
        Self { number, chance }
    }

    /// All of their conversation.
    pub(super) async fn live(mut self, soak: Arc<Soak>) {
        let route = match self.chance.below(10) {
            0..5 => Route::Lmtp,
            5..8 => Route::Postfix,
            _ => Route::Imap,
        };
        let queue = usize::from(route == Route::Imap);
        let subject =
            format!("Matter {} {}", self.number, self.chance.pick(&["broken", "!close", "Re: [Ticket#", "späť"]));
        let to = soak.desk.house.queues[queue].address.clone();
        self.write(&soak, route, &to, &subject).await;
        for _ in 0..self.chance.below(3) {
            sleep(Duration::from_millis(self.chance.within(4_000, 15_000))).await;
            let Some(reply_to) = soak.sink.reply_to(&address(self.number)) else { continue };
            if soak.is_over() {
                return;
            }
            self.write(&soak, route, &reply_to, &format!("Re: {subject}")).await;
        }
    }

    async fn write(&mut self, soak: &Soak, route: Route, to: &str, subject: &str) {
        let canary = self.chance.canary(Kind::Customer);
        let raw = self.compose(&canary, to, subject);
        let row = soak.ledger.mail(&canary, self.number, route);
        match route {
            Route::Lmtp => self.insist(soak, row, to, &raw).await,
            Route::Postfix | Route::Imap => {
                deliver(&address(self.number), &[to], &raw).await;
                soak.ledger.accepted(row);
            }
        }
    }

    /// A mail's bytes: of several kinds, some of which would like to command, or to be answered elsewhere.
    fn compose(&mut self, canary: &Canary, to: &str, subject: &str) -> Vec<u8> {
        let (number, me) = (self.number, address(self.number));
        let (more, text) = match self.chance.below(6) {
            0 => (format!("Cc: stranger{number}@elsewhere.test\r\n"), format!("Please help. {canary}")),
            1 => (String::new(), format!("!close\r\n!answer {canary}")),
            2 => (String::new(), format!("{}\r\n{canary}", "One more line of a long story.\r\n".repeat(LONG))),
            3 => (format!("Reply-To: stranger{number}@elsewhere.test\r\n"), format!("@room please {canary}")),
            _ => (String::new(), format!("It does not work.\r\n\r\nWhat now? {canary}")),
        };
        let (date, id) = (chrono::Utc::now().to_rfc2822(), self.chance.canary(Kind::Customer));
        format!(
            "From: Carol {number} <{me}>\r\nTo: {to}\r\n{more}Subject: {subject}\r\nDate: {date}\r\n\
             Message-ID: <{}@customer.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n",
            id.as_str().to_lowercase()
        )
        .into_bytes()
    }

    /// Tries the same bytes until the desk answers for them, as a mail server does.
    async fn insist(&mut self, soak: &Soak, row: Row, to: &str, raw: &[u8]) {
        while !soak.is_given_up() {
            match hand_over(soak.desk.house.lmtp, &address(self.number), to, raw).await {
                Ok(answer) if answer.starts_with("250") => return soak.ledger.accepted(row),
                Ok(answer) if answer.starts_with('5') => return soak.ledger.refused(row, &answer),
                _ => sleep(Duration::from_millis(self.chance.within(300, 1_200))).await,
            }
        }
    }
}

/// One attempt over LMTP: what was said to the mail, or to what came before it.
async fn hand_over(port: u16, from: &str, to: &str, raw: &[u8]) -> std::io::Result<String> {
    let mut line = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await?);
    let mut last = answer(&mut line).await?;
    for (said, wanted) in [
        ("LHLO customer".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>"), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
    ] {
        line.get_mut().write_all(format!("{said}\r\n").as_bytes()).await?;
        last = answer(&mut line).await?;
        if !last.starts_with(wanted) {
            return Ok(last);
        }
    }
    line.get_mut().write_all(raw).await?;
    line.get_mut().write_all(b".\r\n").await?;
    last.clone_from(&answer(&mut line).await?);
    Ok(last)
}

async fn answer(line: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut whole = String::new();
    loop {
        let before = whole.len();
        let read = timeout(PATIENCE, line.read_line(&mut whole)).await;
        if read.map_err(|_| std::io::ErrorKind::TimedOut)?? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if whole.as_bytes().get(before + 3) != Some(&b'-') {
            return Ok(whole);
        }
    }
}
