//! Why a mail was not delivered, in a report's own words.

use crate::mail::clean;

/// How many lines a reason may go on over.
const LINES: usize = 5;
/// A line of fewer bytes is a heading.
const SHORT: usize = 40;
/// How much is shown of a report that says it nowhere in particular.
const BEGINNING: usize = 300;

/// What servers and people call reasons, lower case; the best of them first.
const REASONS: &[&[&str]] = &[
    &["550 ", "550-", "551 ", "552 ", "553 ", "554 ", "554-", "571 ", "451 ", "452 ", "450 ", "421 "],
    &[
        "unknown user",
        "user unknown",
        "no such user",
        "no such recipient",
        "no such mailbox",
        "unknown recipient",
        "recipient unknown",
        "invalid recipient",
        "not recognized",
        "not listed in",
        "not found",
        "no mailbox",
        "mailbox",
        "does not exist",
        "quota",
        "over its limit",
        "is full",
        "too large",
        "exceed",
        "timeout",
        "timed out",
        "host unknown",
        "unknown host",
        "unrouteable",
        "unroutable",
        "no route",
        "relay",
        "denied",
        "rejected",
        "refused",
        "blocked",
        "blacklist",
        "spam",
        "policy",
        "virus",
        "disabled",
        "suspended",
        "expired",
        "loop",
        "too many hops",
        "existiert nicht",
        "unbekannt",
        "voll",
        "inconnu",
        "n'existe pas",
        "plein",
        "no existe",
        "desconocid",
        "non esiste",
        "sconosciut",
        "não existe",
        "bestaat niet",
        "findes ikke",
        "finns inte",
        "nie istnieje",
        "не существует",
        "存在しません",
        "見つかりません",
        "不明",
        "容量",
        "いっぱい",
        "拒否",
        "不存在",
        "已满",
    ],
];

/// What stands before a reason, lower case.
const BEFORE: &[&str] = &[
    "because",
    "reason:",
    "reason for failure",
    "the following reason",
    "the error was",
    "error message",
    "error:",
    "said:",
    "responded:",
    "response was",
    "transcript of session",
    "grund:",
    "folgendem grund",
    "folgenden grund",
    "raison",
    "motivo",
    "motif",
    "reden:",
    "理由",
    "原因",
];

/// Where the copy of the mail begins that a report is about, lower case: what stands there is no reason.
const COPY: &[&str] = &[
    "this is a copy of",
    "copy of the message",
    "copy of your message",
    "copy of the original",
    "original message",
    "returned message",
    "returned mail follows",
    "unsent message",
    "message follows",
    "message header",
    "headers follow",
    "below this line",
    "ursprüngliche nachricht",
    "message original",
    "元のメッセージ",
    "原始邮件",
];

/// The words of a report that say why: a server's reply, what stands below the address, what "because" is said
/// before, and if there is nothing of these, its beginning. One line; empty only if the text is.
pub(super) fn reason(text: &str) -> String {
    let lines: Vec<&str> = report_alone(text);
    let lower: Vec<String> = lines.iter().map(|line| line.to_lowercase()).collect();
    let has_code = |line: &String| codes(line).any(|code| !code.starts_with('2')) || has_any(line, REASONS[0]);
    let at = lower.iter().position(has_code);
    let at = at.or_else(|| below_address(&lines));
    let at = at.or_else(|| lower.iter().position(|line| line.contains('@') && has_any(line, REASONS[1])));
    let at = at.or_else(|| behind_because(&lower));
    let at = at.or_else(|| lower.iter().position(|line| has_any(line, REASONS[1])));
    if let Some(at) = at {
        return paragraph(&lines, at);
    }
    let said: Vec<&str> = lines.into_iter().filter(|line| line.contains(char::is_alphanumeric)).collect();
    clean::cut(&clean::line(&said.join("\n")), BEGINNING).to_owned()
}

/// The lines of a report without the copy of the mail that it is about.
fn report_alone(text: &str) -> Vec<&str> {
    let begins_copy = |line: &str| {
        let line = line.trim().to_lowercase();
        let is_rule = line.starts_with("--") || line.starts_with("==") || line.starts_with("__") || line.ends_with(':');
        ((is_rule || line.len() < SHORT) && has_any(&line, COPY))
            || line.starts_with("received: ")
            || line.starts_with("return-path: ")
    };
    let end = text.lines().skip(1).position(begins_copy).map_or(usize::MAX, |at| at + 1);
    text.lines().take(end).collect()
}

fn has_any(line: &str, words: &[&str]) -> bool {
    words.iter().any(|words| line.contains(words))
}

/// Where the line stands that is set below an address on a line of its own (Exim, Exchange, Domino).
fn below_address(lines: &[&str]) -> Option<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_address = |line: &str| {
        let line = line.trim().trim_matches(['<', '>', ':', '-', '"', ' ']);
        let mut words = line.split_whitespace();
        words.next().is_some_and(|word| word.len() > 3 && word.contains('@') && !word.ends_with(','))
            && (words.next().is_none() || line.contains(" on "))
    };
    let is_field = |line: &str| {
        let head = line.trim().split(' ').next().unwrap_or_default();
        head.ends_with(':')
    };
    lines
        .windows(2)
        .position(|pair| {
            let [above, below] = pair else { return false };
            is_address(above)
                && !below.trim().is_empty()
                && !is_address(below)
                && !is_field(below)
                && (indent(below) > indent(above) || indent(above) == 0)
                && below.contains(char::is_alphabetic)
        })
        .map(|at| at + 1)
}

/// Where "because" or "reason" stands, if the reason is on that line, or the first line below that says something.
fn behind_because(lower: &[String]) -> Option<usize> {
    let at = lower.iter().position(|line| has_any(line, BEFORE))?;
    let (_, rest) = BEFORE.iter().find_map(|words| lower[at].split_once(words))?;
    let rest = rest.replace("follows", "").replace("was", "").replace(" is", "");
    if rest.chars().filter(|c| c.is_alphanumeric()).count() > 1 {
        return Some(at);
    }
    let below = lower[at + 1..].iter().position(|line| line.contains(char::is_alphanumeric))?;
    Some(at + 1 + below)
}

/// A line and those that go on from it, as one.
fn paragraph(lines: &[&str], at: usize) -> String {
    let is_next = |line: &str| line.starts_with('<') && line.contains(">:");
    let goes_on =
        |line: &&&str| !line.trim().is_empty() && !is_next(line) && !line.trim_start().starts_with(['-', '=', '*']);
    let rest = lines[at + 1..].iter().take_while(goes_on).take(LINES - 1);
    let all: Vec<&str> = std::iter::once(&lines[at]).chain(rest).copied().collect();
    clean::line(&all.join("\n"))
}

/// The first status code (RFC 3463) in a text: three numbers with dots, the first of them 2, 4 or 5.
pub(super) fn status_in(text: &str) -> Option<String> {
    codes(text).next()
}

/// The codes of a text, in their order.
pub(super) fn codes(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter_map(|word| {
        let word = word.trim_matches('.');
        let numbers: Vec<&str> = word.split('.').collect();
        let is_sound = numbers.len() == 3
            && matches!(numbers[0], "2" | "4" | "5")
            && numbers[1..].iter().all(|number| (1..=3).contains(&number.len()));
        is_sound.then(|| word.to_owned())
    })
}

/// Whether a code says no more than "failed" or "not now" (RFC 3463 §3.1).
pub(super) fn is_vague(status: &str) -> bool {
    status.ends_with(".0.0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_why_in_whatever_words_it_has() {
        for (text, why) in [
            (
                "This is a permanent error. The following address(es) failed:\n\n  bob@x.test\n    retry timeout exceeded\n",
                "retry timeout exceeded",
            ),
            (
                "did not reach the following recipient(s):\n\nbob@x.test on Tue, 24 Nov 2026\n    The recipient name is not recognized\n",
                "The recipient name is not recognized",
            ),
            (
                "Delivery failed.\n<bob@x.test>: host mx.x.test said: 550 5.1.1 no such\n    person here (in reply)\n\nbye",
                "<bob@x.test>: host mx.x.test said: 550 5.1.1 no such person here (in reply)",
            ),
            (
                "Your document:\n\nwas not delivered to:\n\n  bob@x.test\n\nbecause:\n\n  User bob not listed in Domino Directory\n",
                "User bob not listed in Domino Directory",
            ),
            (
                "The following addresses had delivery problems:\nbob@x.test (No such user)\n",
                "bob@x.test (No such user)",
            ),
            ("Could not be delivered.\n\nReason: the moon is full\n", "Reason: the moon is full"),
            (
                "bob@x.test へのメールを配信できませんでした。\n\n理由：\nメールボックスの容量を超えています\n",
                "メールボックスの容量を超えています",
            ),
            (
                "I could not deliver it. It is what it is.\n\n---- Original message ----\n550 x\n",
                "I could not deliver it. It is what it is.",
            ),
            ("", ""),
        ] {
            assert_eq!(reason(text), why, "{text}");
        }
    }
}
