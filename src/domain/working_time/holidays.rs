//! Days on which nobody works, with their names.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

/// How many days there may be: some ten years of them.
const MOST: usize = 1_000;
/// How long a name may be, in characters.
const LONGEST: usize = 100;

/// Days on which nobody works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays(BTreeMap<NaiveDate, String>);

impl Holidays {
    /// Reads days with their names, a line or a `;` between them: `2026-12-25 Christmas`.
    ///
    /// # Errors
    /// Every mistake, each with what is wrong and the right form.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let mut days = Vec::new();
        let mut mistakes = Vec::new();
        for line in text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()) {
            let (day, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            match NaiveDate::parse_from_str(day, "%Y-%m-%d").ok().filter(|_| day.len() == 10) {
                Some(day) => days.push((day, name.to_owned())),
                None => mistakes.push(format!("“{line}” begins with no date; write 2026-12-25 Christmas")),
            }
        }
        Self::of(days, mistakes)
    }

    /// The days of a list, with what was found wrong with it so far.
    ///
    /// # Errors
    /// Every mistake.
    pub fn of(days: Vec<(NaiveDate, String)>, mut mistakes: Vec<String>) -> Result<Self, Vec<String>> {
        let mut holidays = BTreeMap::new();
        for (day, name) in days {
            let clean: String = name.split_whitespace().collect::<Vec<_>>().join(" ").replace(';', ",");
            let name: &mut String = holidays.entry(day).or_default();
            // Two on one day are one with two names.
            *name = [name.as_str(), clean.as_str()]
                .into_iter()
                .filter(|name| !name.is_empty())
                .collect::<Vec<_>>()
                .join(", ");
            *name = name.chars().take(LONGEST).collect();
        }
        if holidays.len() > MOST {
            mistakes.push(format!("{} holidays are too many; there may be {MOST}", holidays.len()));
        }
        if mistakes.is_empty() { Ok(Self(holidays)) } else { Err(mistakes) }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The days, in their order, with their names.
    pub fn days(&self) -> impl Iterator<Item = (NaiveDate, &str)> {
        self.0.iter().map(|(day, name)| (*day, name.as_str()))
    }

    pub(super) fn has(&self, day: NaiveDate) -> bool {
        self.0.contains_key(&day)
    }
}

/// As they are read again, a line a day.
impl fmt::Display for Holidays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (day, name)) in self.0.iter().enumerate() {
            let (end, gap) = (if n == 0 { "" } else { "\n" }, if name.is_empty() { "" } else { " " });
            write!(f, "{end}{day}{gap}{name}")?;
        }
        Ok(())
    }
}
