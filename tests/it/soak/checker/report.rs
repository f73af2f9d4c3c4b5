//! What was looked at, and what was found.

use std::collections::BTreeMap;
use std::fmt;

/// The invariants, as docs/reliability.md has them.
const TEXTS: [(&str, &str); 14] = [
    ("I1", "every mail that was answered for is one article or one quarantine entry"),
    ("I2", "one event for each intent"),
    ("I3", "every answer is sent, or said not to be"),
    ("I4", "copies - 1 <= attempts of which nobody knows; copies are the same bytes"),
    ("I5", "no copies, and no doubts, where nothing was broken"),
    ("I6", "no word of a note in any mail"),
    ("I7", "no customer's words with another one"),
    ("I8", "threads are in the order of the record"),
    ("I9", "a lock has one winner"),
    ("I10", "the history leads to what the ticket is"),
    ("I11", "every command is done once or refused; a stranger's never"),
    ("I13", "automatic mail keeps within its cap"),
    ("I14", "everything is done soon after nothing is broken any more"),
    ("I15", "nothing ends unseen"),
];
const LAST: (&str, &str) = ("I16", "no secrets, open transactions, panics or ends of their own");
/// How many violations of one kind are told.
const TOLD: usize = 8;

/// All of it.
#[derive(Default)]
pub(in crate::soak) struct Report {
    rows: BTreeMap<&'static str, Row>,
    figures: Vec<(&'static str, String)>,
}

#[derive(Default)]
struct Row {
    cases: u64,
    violations: Vec<String>,
}

impl Report {
    /// One case of an invariant.
    pub(super) fn case(&mut self, invariant: &'static str, is_so: bool, what: impl FnOnce() -> String) {
        let row = self.rows.entry(invariant).or_default();
        row.cases += 1;
        if !is_so {
            row.violations.push(what());
        }
    }

    /// So many cases that were found to be so.
    pub(super) fn cases(&mut self, invariant: &'static str, cases: u64) {
        self.rows.entry(invariant).or_default().cases += cases;
    }

    pub(super) fn figure(&mut self, what: &'static str, figure: String) {
        self.figures.push((what, figure));
    }

    pub(in crate::soak) fn violations(&self) -> usize {
        self.rows.values().map(|row| row.violations.len()).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, figure) in &self.figures {
            writeln!(f, "{what}: {figure}")?;
        }
        let nothing = Row::default();
        for (invariant, text) in TEXTS.iter().chain([&LAST]) {
            let row = self.rows.get(invariant).unwrap_or(&nothing);
            writeln!(f, "{invariant:<4} {:>7} cases {:>4} violations  {text}", row.cases, row.violations.len())?;
            for violation in row.violations.iter().take(TOLD) {
                writeln!(f, "     VIOLATION {violation}")?;
            }
        }
        let cases: u64 = self.rows.values().map(|row| row.cases).sum();
        write!(f, "{cases} checks, {} violations", self.violations())
    }
}
