//! The variables that go before the file, and those that mean nothing.

use std::collections::{BTreeMap, BTreeSet};

/// What all of them begin with.
const PREFIX: &str = "TICKETLOOM_";
/// How many entries of a list can be variables: a number beyond is a typing error and no hundred mailboxes.
const MOST_ENTRIES: usize = 99;
/// Those that are no setting: of the command line, of builds with crash points, of the project's tests.
const NO_SETTING: [&str; 9] = [
    "TICKETLOOM_CONFIG",
    "TICKETLOOM_CRASH",
    "TICKETLOOM_MUTANT",
    "TICKETLOOM_FREEZE",
    "TICKETLOOM_TEST_WORLD",
    "TICKETLOOM_BURST",
    "TICKETLOOM_CORPORA",
    "TICKETLOOM_INSTANCES",
    "TICKETLOOM_OUTAGE",
];

/// The `TICKETLOOM_…` variables: the process' environment, or a test's. Never shown, since they may be secrets.
#[derive(Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Those of this process. One that is not UTF-8 is left out: no setting is that, either.
    #[must_use]
    pub fn of_process() -> Self {
        let is_ours = |(name, _): &(String, String)| name.starts_with(PREFIX);
        let text =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self(text.filter(is_ours).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&String> {
        self.0.get(name)
    }

    /// Whether any of them is meant to be a setting.
    pub(super) fn has_settings(&self) -> bool {
        self.0.keys().any(|name| !is_no_setting(name))
    }

    /// How many entries of a list they speak of: the largest number in `TICKETLOOM_IMAP_<number>_…`.
    pub(super) fn entries(&self, list: &str) -> usize {
        let prefix = format!("{PREFIX}{}_", list.to_uppercase());
        let number = |name: &String| name.strip_prefix(&prefix)?.split_once('_')?.0.parse().ok();
        self.0.keys().filter_map(number).filter(|number| *number <= MOST_ENTRIES).max().unwrap_or_default()
    }

    /// What is wrong with those that no setting is named by: a misspelt one would silently be without effect.
    pub(super) fn mistakes(&self, known: &BTreeSet<String>) -> Vec<String> {
        let is_strange = |name: &&String| !known.contains(*name) && !is_no_setting(name);
        let tell = |name: &String| match name.strip_prefix(PREFIX).unwrap_or_default() {
            list if is_without_number(list) => format!(
                "{name}: there is no such variable; those of lists have a number, such as TICKETLOOM_IMAP_1_HOST for the first [[imap]]"
            ),
            _ => format!("{name}: there is no such variable{}", meant(name, known.iter().map(String::as_str))),
        };
        self.0.keys().filter(is_strange).map(tell).collect()
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// Whether it is a list's, and does not say of which entry.
fn is_without_number(rest: &str) -> bool {
    let of = |list: &str| rest.strip_prefix(list).is_some_and(|key| !key.starts_with(|c: char| c.is_ascii_digit()));
    of("IMAP_") || of("SMTP_ACCOUNT_")
}

/// Kubernetes gives every program the addresses of all services, and one of them may be called ticketloom.
fn is_no_setting(name: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    let is_address = rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_");
    is_address || NO_SETTING.contains(&name)
}

/// `; right is perhaps …`: the one of the right words that a wrong one was meant to be; empty if none is near.
pub(super) fn meant<'a>(wrong: &str, right: impl Iterator<Item = &'a str>) -> String {
    // By how alike they are, since a missing part of a long name is many letters; the limit is what keeps `smtp.tsl`
    // near to `tls` and `mial` near to nothing but `mail`.
    const ALIKE: f64 = 0.6;
    let alike = |word: &'a str| (strsim::normalized_damerau_levenshtein(wrong, word), word);
    let nearest = right.map(alike).max_by(|one, other| one.0.total_cmp(&other.0));
    nearest
        .filter(|(alike, _)| *alike >= ALIKE)
        .map_or_else(String::new, |(_, word)| format!("; right is perhaps {word}"))
}
