//! The doors by HTTP on a grown record: customers' pages and the API, while mail comes in.
//!
//! Requests come at fixed moments, whether those before were answered or not, and each one's time counts from its moment: whoever is
//! slow can't hide that by being asked less. What an answer without a look at the record takes is measured between them, and
//! all else told as a ratio to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use sqlx::AssertSqlSafe;
use ticketloom::domain::id::LetterId;
use ticketloom::store::Store;

use super::verdict;
use crate::load::{self, Steady};
use crate::stage::Stage;

/// Requests a second, and mails.
const REQUESTS: u32 = 200;
const MAILS: u32 = 100;
/// Connections that bring mail.
const CONNECTIONS: usize = 8;
/// For how long, in seconds.
const LASTS: u32 = 20;
/// Requests a second when nothing else is going on.
const IDLE: u32 = 20;
/// How many different links are followed.
const LINKS: i64 = 500;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// What needs no look at the record.
    Floor,
    Page,
    List,
    Articles,
}

impl Asked {
    const ALL: [Self; 4] = [Self::Floor, Self::Page, Self::List, Self::Articles];

    fn name(self) -> &'static str {
        match self {
            Self::Floor => "GET openapi.json (no look at the record)",
            Self::Page => "a customer's page",
            Self::List => "API: a list of 50 tickets",
            Self::Articles => "API: a ticket's articles",
        }
    }

    /// How many milliseconds it may take at the 95th percentile.
    fn limit(self) -> Option<f64> {
        match self {
            Self::Floor => None,
            Self::Page => Some(20.0),
            Self::List | Self::Articles => Some(50.0),
        }
    }
}

/// A desk with what can be asked of it.
struct Doors {
    http: reqwest::Client,
    url: String,
    token: String,
    /// Tokens of pages, and the numbers of the tickets that they show.
    links: Vec<(String, String)>,
}

/// Starts the program on a record, asks it, and says how long that took; how much of it took too long.
pub(super) async fn print(servers: &str, database_url: &str) -> anyhow::Result<usize> {
    let mut stage = Stage::on(servers, database_url).await?;
    let doors = Arc::new(open(&mut stage).await.context("opening the doors")?);
    let alone = ask_all(&doors, IDLE).await?;
    let mailing = load::steady(&stage, "support@desk.test", (MAILS, LASTS), CONNECTIONS);
    let (mails, busy) = tokio::join!(mailing, ask_all(&doors, REQUESTS));
    let (mails, busy) = (mails?, busy?);
    println!(
        "{:<58} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}",
        "", "p50, ms", "p95, ms", "floors", "p95 busy", "floors", "limit"
    );
    let (floor, busy_floor) = (quantiles(&of(&alone, Asked::Floor)).0, quantiles(&of(&busy, Asked::Floor)).0);
    let mut wrong = 0;
    for asked in Asked::ALL {
        let ((p50, p95), (_, busy95)) = (quantiles(&of(&alone, asked)), quantiles(&of(&busy, asked)));
        let is_met = asked.limit().is_none_or(|limit| busy95 <= limit);
        let limit = asked.limit().map_or("-".to_owned(), |limit| format!("{limit:.0}"));
        let verdict = verdict(is_met);
        println!(
            "{:<58} {p50:>8.1} {p95:>8.1} {:>8.1} {busy95:>8.1} {:>8.1} {limit:>6}  {verdict}",
            asked.name(),
            p95 / floor,
            busy95 / busy_floor
        );
        wrong += usize::from(!is_met);
    }
    let failed = busy.iter().chain(&alone).filter(|(.., is_good)| !is_good).count();
    if failed > 0 {
        println!("{failed} requests FAILED");
        wrong += 1;
    }
    let answered = busy.iter().filter(|(.., is_good)| *is_good).count();
    Ok(wrong + rates(answered, mails))
}

/// How many requests were answered a second while so many mails were taken; which of the two were too few.
fn rates(answered: usize, mails: Steady) -> usize {
    let answered = crate::per_second(answered, Duration::from_secs(LASTS.into()));
    let taken = crate::per_second(mails.times.len(), mails.took);
    let mut wrong = 0;
    for (what, value, limit) in
        [("requests answered a second meanwhile", answered, REQUESTS), ("mails taken a second meanwhile", taken, MAILS)]
    {
        // What comes at fixed moments is never a little more than that.
        let is_met = value >= f64::from(limit) * 0.98;
        println!("{what:<58} {value:>8.1} of {limit}  {}", verdict(is_met));
        wrong += usize::from(!is_met);
    }
    let mut times = mails.times;
    let (p50, p99) = crate::quantiles(&mut times);
    println!("{:<58} {p50:>8.1} p50, {p99:.1} p99, ms", "a mail to 250 meanwhile");
    wrong
}

/// Starts the desk with its Matrix side away, a token, and links to the pages of young tickets.
async fn open(stage: &mut Stage) -> anyhow::Result<Doors> {
    stage.start("http://127.0.0.1:9").await?;
    // Two thousand acknowledgements through Postfix and Dovecot on the same cores would be measured instead.
    stage.run(&["queue", "set", "support", "--acknowledge", "false"])?;
    let said = stage.run(&["token", "add", "@root:desk.test", "--scopes", "read"])?;
    let token = said.lines().next().context("a token")?.to_owned();
    let letters: Vec<(i64, String)> = sqlx::query_as(
        "select letter_id, number from letter join ticket using (ticket_id)
         where letter.state = 'sent' and letter.forward is null and ticket.state in ('new', 'open')
         order by letter_id desc limit $1",
    )
    .bind(LINKS)
    .fetch_all(&stage.pool)
    .await?;
    ensure!(!letters.is_empty(), "nobody has a link");
    // The record is as old as it was made; links are good for 90 days behind the newest article.
    let ids: Vec<String> = letters.iter().map(|(letter, _)| letter.to_string()).collect();
    let fresh = format!(
        "update article set created_at = now() where ticket_id in (select ticket_id from letter where letter_id in ({}))
         and seq = (select max(seq) from article as newest where newest.ticket_id = article.ticket_id)",
        ids.join(", ")
    );
    sqlx::query(AssertSqlSafe(fresh)).execute(&stage.pool).await?;
    let store = Store::connect(&stage.database_url, 1).await?;
    let keys = store.begin().await?.desk().keys().await?;
    let link = |(letter, number): (i64, String)| Some((keys.page_token(LetterId(letter))?, number));
    let links = letters.into_iter().filter_map(link).collect();
    store.close().await;
    Ok(Doors { http: stage.http.clone(), url: format!("http://127.0.0.1:{}", stage.web), token, links })
}

/// What was asked, how long it took, and whether it was answered well.
type Sample = (Asked, Duration, bool);

/// So many requests a second, of all kinds in turn.
async fn ask_all(doors: &Arc<Doors>, a_second: u32) -> anyhow::Result<Vec<Sample>> {
    let mut tasks = tokio::task::JoinSet::new();
    let begin = Instant::now();
    for n in 0..a_second * LASTS {
        let at = begin + Duration::from_secs(1) * n / a_second;
        tokio::time::sleep_until(at.into()).await;
        let (doors, asked) = (Arc::clone(doors), Asked::ALL[n as usize % Asked::ALL.len()]);
        tasks.spawn(async move {
            let is_good = doors.ask(asked, n).await.unwrap_or(false);
            (asked, at.elapsed(), is_good)
        });
    }
    let mut samples = Vec::new();
    while let Some(sample) = tasks.join_next().await {
        samples.push(sample?);
    }
    Ok(samples)
}

impl Doors {
    async fn ask(&self, asked: Asked, n: u32) -> anyhow::Result<bool> {
        let (url, (page, number)) = (&self.url, &self.links[n as usize % self.links.len()]);
        let path = match asked {
            Asked::Floor => "/api/v1/openapi.json".to_owned(),
            Asked::Page => format!("/t/{page}"),
            // Each of them another one, as programs have: the youngest, a queue's, an agent's, a customer's.
            Asked::List => {
                ["", "&queue=grown1&state=new,open", "&owner=@alice:desk.test", "&customer=c1@customer.test"]
                    [n as usize / 4 % 4]
                    .to_owned()
            }
            Asked::Articles => format!("/api/v1/tickets/{number}/articles"),
        };
        let path = if asked == Asked::List { format!("/api/v1/tickets?limit=50{path}") } else { path };
        // Customers are many, each with their address.
        let address = format!("10.{}.{}.{}", (n >> 16) & 255, (n >> 8) & 255, n & 255);
        let request = self.http.get(format!("{url}{path}")).header("X-Forwarded-For", address).bearer_auth(&self.token);
        let answer = request.send().await?;
        let is_good = answer.status().is_success();
        Ok(is_good && !answer.bytes().await?.is_empty())
    }
}

fn of(samples: &[Sample], asked: Asked) -> Vec<Duration> {
    samples.iter().filter(|(what, ..)| *what == asked).map(|(_, took, _)| *took).collect()
}

/// Median and 95th percentile in milliseconds.
fn quantiles(times: &[Duration]) -> (f64, f64) {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied();
    (at(50).unwrap_or_default(), at(95).unwrap_or_default())
}
