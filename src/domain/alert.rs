//! What monitoring sends of its alerts: which of them fire, and what of that is news.
//!
//! A group is what its sender sends together under one name (Alertmanager's and Grafana's `groupKey`). What is said of it is
//! always its whole state, never a difference; so the same thing heard twice, however often a sender tries again, is no news.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::id::EmailAddress;
use super::number::shorten;

/// The longest fingerprint that is kept as it is, in bytes.
const LONGEST_FINGERPRINT: usize = 64;
/// The longest subject of a ticket of alerts in characters.
const LONGEST_SUBJECT: usize = 200;

/// Who sends alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertSource {
    /// Prometheus' Alertmanager, or what speaks as it does.
    Alertmanager,
    /// Grafana's own alerting.
    Grafana,
}

impl AlertSource {
    /// What stands where a ticket has its customer: an address that no mail can reach (RFC 2606 §2).
    #[must_use]
    pub fn address(self) -> Option<EmailAddress> {
        EmailAddress::parse(match self {
            Self::Alertmanager => "alertmanager@alerts.invalid",
            Self::Grafana => "grafana@alerts.invalid",
        })
    }
}

impl fmt::Display for AlertSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alertmanager => "Alertmanager",
            Self::Grafana => "Grafana",
        })
    }
}

/// An alert, as its sender describes it: all of it is foreign text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alert {
    /// By what it is known again.
    pub fingerprint: String,
    /// Whether it fires.
    pub fires: bool,
    /// What it is about, such as `alertname` and `instance`.
    pub labels: BTreeMap<String, String>,
    /// What its rule says of it, such as `summary`.
    pub annotations: BTreeMap<String, String>,
    /// Since when it fires.
    pub since: Option<DateTime<Utc>>,
    /// Where one can look.
    pub link: Option<String>,
}

impl Alert {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.labels.get("alertname").map_or("Alert", |name| name.trim())
    }
}

/// What was sent of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// Who sent it.
    pub source: AlertSource,
    /// What they call the group.
    pub group: String,
    /// Whether anything of it fires.
    pub fires: bool,
    /// The labels that make the group.
    pub labels: BTreeMap<String, String>,
    /// What all its alerts' rules say alike.
    pub annotations: BTreeMap<String, String>,
    /// Its alerts.
    pub alerts: Vec<Alert>,
    /// How many more there are that were left away.
    pub left_out: u64,
}

/// What is new of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News<'a> {
    /// What fires and did not.
    pub began: Vec<&'a Alert>,
    /// What fired and does no more, as far as it was sent.
    pub ended: Vec<&'a Alert>,
    /// How many ended without being sent.
    pub vanished: usize,
    /// The fingerprints of all that fire now.
    pub firing: BTreeSet<String>,
}

impl News<'_> {
    /// Whether nothing began and nothing ended.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.began.is_empty() && self.ended.is_empty() && self.vanished == 0
    }
}

impl Alerts {
    /// By what the group is known.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        Sha256::digest(format!("{}\n{}", self.source, self.group)).into()
    }

    /// What a ticket of them is about: their name, and what they say in a line or whom they concern.
    #[must_use]
    pub fn subject(&self) -> String {
        let first = self.alerts.first();
        let name = self.labels.get("alertname").map(String::as_str).or(first.map(Alert::name)).unwrap_or("Alert");
        let summary = self.annotations.get("summary").filter(|summary| !summary.trim().is_empty());
        let summary =
            summary.or(first.filter(|_| self.alerts.len() == 1).and_then(|only| only.annotations.get("summary")));
        let others = self.labels.iter().filter(|(label, _)| *label != "alertname").map(|(_, value)| value.as_str());
        let about = summary.cloned().unwrap_or_else(|| others.collect::<Vec<_>>().join(", "));
        let line = if about.trim().is_empty() { name.to_owned() } else { format!("{name}: {about}") };
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        shorten(&line.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST_SUBJECT)
    }

    /// What is new to whom these were known to fire. Where some were left away, what is not named may go on.
    #[must_use]
    pub fn news(&self, known: &BTreeSet<String>) -> News<'_> {
        let named = |fires: bool| self.alerts.iter().filter(move |alert| alert.fires == fires);
        let mut firing: BTreeSet<String> =
            if self.fires { named(true).map(|alert| alert.fingerprint.clone()).collect() } else { BTreeSet::new() };
        let ended: Vec<&Alert> = named(false).filter(|alert| known.contains(&alert.fingerprint)).collect();
        if self.fires && self.left_out > 0 {
            let is_over = |known: &&String| ended.iter().any(|alert| alert.fingerprint == **known);
            firing.extend(known.iter().filter(|known| !is_over(known)).cloned());
        }
        let began = named(true).filter(|alert| self.fires && !known.contains(&alert.fingerprint)).collect();
        let gone = known.difference(&firing).count();
        News { began, vanished: gone.saturating_sub(ended.len()), ended, firing }
    }
}

/// By what an alert is known again: its sender's word, if that is short enough, else a digest of it or of its labels.
#[must_use]
pub fn fingerprint(word: Option<&str>, labels: &BTreeMap<String, String>) -> String {
    let digest = |text: &str| data_encoding::HEXLOWER.encode(&Sha256::digest(text)[..16]);
    match word.map(str::trim).filter(|word| !word.is_empty()) {
        Some(word) if word.len() <= LONGEST_FINGERPRINT => word.to_owned(),
        Some(word) => digest(word),
        None => digest(&format!("{labels:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn alerts(all: &[(&str, bool)]) -> Alerts {
        let alert = |(name, fires): &(&str, bool)| Alert {
            fingerprint: (*name).to_owned(),
            fires: *fires,
            labels: map(&[("alertname", "DiskFull"), ("instance", name)]),
            ..Alert::default()
        };
        Alerts {
            source: AlertSource::Alertmanager,
            group: "{}:{alertname=\"DiskFull\"}".to_owned(),
            fires: all.iter().any(|(_, fires)| *fires),
            labels: map(&[("alertname", "DiskFull")]),
            annotations: BTreeMap::new(),
            alerts: all.iter().map(alert).collect(),
            left_out: 0,
        }
    }

    fn told(alerts: &Alerts, known: &[&str]) -> (Vec<String>, Vec<String>, usize, Vec<String>) {
        let known = known.iter().map(ToString::to_string).collect();
        let news = alerts.news(&known);
        let names = |alerts: &[&Alert]| alerts.iter().map(|alert| alert.fingerprint.clone()).collect();
        (names(&news.began), names(&news.ended), news.vanished, news.firing.iter().cloned().collect())
    }

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_heard_again_is_no_news() {
        let both = alerts(&[("a", true), ("b", true)]);
        assert!(both.news(&["a", "b"].map(str::to_owned).into()).is_nothing());
        assert_eq!(told(&both, &["a"]), (words(&["b"]), vec![], 0, words(&["a", "b"])));
        let one = alerts(&[("a", true), ("b", false)]);
        assert_eq!(told(&one, &["a", "b"]), (vec![], words(&["b"]), 0, words(&["a"])));
        assert!(one.news(&["a".to_owned()].into()).is_nothing(), "that b is over was heard before");
        let none = alerts(&[("a", false), ("b", false)]);
        assert_eq!(told(&none, &["a", "b"]), (vec![], words(&["a", "b"]), 0, vec![]));
        assert!(none.news(&BTreeSet::new()).is_nothing());
    }

    #[test]
    fn what_is_not_named_any_more_is_over_unless_some_were_left_away() {
        let one = alerts(&[("a", true)]);
        assert_eq!(told(&one, &["a", "b", "c"]), (vec![], vec![], 2, words(&["a"])));
        let cut = Alerts { left_out: 7, ..alerts(&[("a", true), ("b", false)]) };
        assert_eq!(told(&cut, &["b", "c"]), (words(&["a"]), words(&["b"]), 0, words(&["a", "c"])));
        let over = Alerts { fires: false, left_out: 7, ..alerts(&[("a", false)]) };
        assert_eq!(told(&over, &["a", "c"]), (vec![], words(&["a"]), 1, vec![]));
    }

    #[test]
    fn a_subject_is_a_line_that_says_what_it_is_about() {
        let mut group = alerts(&[("db1", true), ("db2", true)]);
        assert_eq!(group.subject(), "DiskFull");
        group.labels.insert("cluster".to_owned(), "north\r\nX: y".to_owned());
        assert_eq!(group.subject(), "DiskFull: north X: y");
        group.annotations = map(&[("summary", "Disks are  full")]);
        assert_eq!(group.subject(), "DiskFull: Disks are full");
        group.labels.clear();
        group.alerts.clear();
        group.annotations.clear();
        assert_eq!(group.subject(), "Alert");
    }

    #[test]
    fn a_fingerprint_is_short() {
        let labels = map(&[("alertname", "x")]);
        assert_eq!(fingerprint(Some("8ca1be9e3f3e9d7a"), &labels), "8ca1be9e3f3e9d7a");
        assert_eq!(fingerprint(Some(&"x".repeat(65)), &labels).len(), 32);
        assert_eq!(fingerprint(None, &labels), fingerprint(Some(" "), &labels));
        assert_ne!(fingerprint(None, &labels), fingerprint(None, &BTreeMap::new()));
    }

    #[test]
    fn where_a_customer_would_stand_is_nobodys_address() {
        for source in [AlertSource::Alertmanager, AlertSource::Grafana] {
            assert!(source.address().expect("an address").is_nobodys(), "{source}");
        }
    }
}
