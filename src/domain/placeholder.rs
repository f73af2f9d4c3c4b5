//! Placeholders in salutations, signatures and templates: `{customer.name}`.
//!
//! They are strict: a name in braces that nobody fills in is a mistake, when such a text is set and again when it is sent, so
//! that no customer reads `{custommer.name}`. Braces around anything but small letters and dots are text, as code has them;
//! `{{` is a brace in any case. What is filled in is never read again, so nobody's name can be a placeholder.

use std::fmt::Write;

/// What can be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// What the customer is called: by name, else by address.
    CustomerName,
    /// The customer's address.
    CustomerAddress,
    /// Who writes: the first part of their Matrix id.
    AgentName,
    /// The ticket's number.
    TicketNumber,
    /// The ticket's subject.
    TicketSubject,
    /// What people read of the queue: its title.
    QueueName,
    /// The queue's address.
    QueueAddress,
    /// Today, by the queue's clock.
    Date,
}

impl Placeholder {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CustomerName,
        Self::CustomerAddress,
        Self::AgentName,
        Self::TicketNumber,
        Self::TicketSubject,
        Self::QueueName,
        Self::QueueAddress,
        Self::Date,
    ];

    /// What stands between the braces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerName => "customer.name",
            Self::CustomerAddress => "customer.address",
            Self::AgentName => "agent.name",
            Self::TicketNumber => "ticket.number",
            Self::TicketSubject => "ticket.subject",
            Self::QueueName => "queue.name",
            Self::QueueAddress => "queue.address",
            Self::Date => "date",
        }
    }

    /// `{name}` is what salutations had first.
    fn named(name: &str) -> Option<Self> {
        let name = if name == "name" { "customer.name" } else { name };
        Self::ALL.into_iter().find(|placeholder| placeholder.name() == name)
    }
}

/// A name in braces that nobody fills in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{{{0}}} is not filled in; there are {all}, and {{{{ for a brace", all = all())]
pub struct Unknown(pub String);

fn all() -> String {
    Placeholder::ALL.iter().map(|placeholder| format!("{{{}}}", placeholder.name())).collect::<Vec<_>>().join(", ")
}

/// What a text is, so that nothing that is filled in can be more than words there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Plain.
    Plain,
    /// Markdown.
    Markdown,
}

/// Looks whether all placeholders of a text can be filled in.
///
/// # Errors
/// The first that can't.
pub fn check(text: &str) -> Result<(), Unknown> {
    fill(text, Text::Plain, |_| String::new()).map(drop)
}

/// A text with its placeholders filled in.
///
/// # Errors
/// The first that nobody fills in.
pub fn fill(text: &str, kind: Text, value: impl Fn(Placeholder) -> String) -> Result<String, Unknown> {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            filled.push_str(brace);
            rest = after;
            continue;
        }
        match name_in(rest).filter(|_| brace == "{") {
            Some(name) => {
                let placeholder = Placeholder::named(name).ok_or_else(|| Unknown(name.to_owned()))?;
                push(&mut filled, &value(placeholder), kind);
                rest = &rest[name.len() + 1..];
            }
            None => filled.push_str(brace),
        }
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The small letters, dots and lines up to the brace that closes.
fn name_in(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('}')?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || ['.', '_', '-'].contains(&c));
    is_name.then_some(name)
}

/// A value is one line of words, whatever it is made of.
fn push(text: &mut String, value: &str, kind: Text) {
    for c in value.chars() {
        match c {
            _ if c.is_control() => text.push(' '),
            _ if kind == Text::Markdown && c.is_ascii_punctuation() => {
                let _ = write!(text, "\\{c}");
            }
            _ => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(placeholder: Placeholder) -> String {
        match placeholder {
            Placeholder::CustomerName => "*Carol* {date}\n<b>".to_owned(),
            other => other.name().to_uppercase(),
        }
    }

    #[test]
    fn what_is_known_is_filled_in_and_is_nothing_but_words() {
        for (text, plain, markdown) in [
            ("Hello {name},", "Hello *Carol* {date} <b>,", "Hello \\*Carol\\* \\{date\\} \\<b\\>,"),
            ("{date}", "DATE", "DATE"),
            ("{{date}} {{", "{date} {", "{date} {"),
            (
                "{ date } { } {} { a: 1 } {Date} }",
                "{ date } { } {} { a: 1 } {Date} }",
                "{ date } { } {} { a: 1 } {Date} }",
            ),
            ("{ticket.number", "{ticket.number", "{ticket.number"),
        ] {
            assert_eq!(fill(text, Text::Plain, value).as_deref(), Ok(plain), "{text}");
            assert_eq!(fill(text, Text::Markdown, value).as_deref(), Ok(markdown), "{text}");
        }
    }

    #[test]
    fn what_nobody_fills_in_is_named_with_what_there_is() {
        let unknown = check("Hello {custommer.name}").expect_err("a mistake");
        assert_eq!(unknown, Unknown("custommer.name".to_owned()));
        let said = unknown.to_string();
        assert!(said.starts_with("{custommer.name} is not filled in; there are {customer.name}, {customer"), "{said}");
        assert!(said.ends_with("{date}, and {{ for a brace"), "{said}");
        assert!(Placeholder::ALL.iter().all(|one| check(&format!("{{{}}}", one.name())).is_ok()));
    }

    proptest! {
        #[test]
        fn a_text_without_braces_stays_and_none_panics(text in "[^{}]{0,40}", any in ".{0,40}") {
            prop_assert_eq!(fill(&text, Text::Markdown, value), Ok(text));
            let _ = check(&any);
        }
    }
}
