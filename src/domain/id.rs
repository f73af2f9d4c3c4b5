//! Ids and addresses, parsed once at the edge and trusted ever after.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

row_id! {
    /// A ticket's row. Never shown: people see the ticket's [number](super::number::Number).
    TicketId,
    /// An article's row; shown to programs as `org.ticketloom.article.id`.
    ArticleId,
    /// A queue's row.
    QueueId,
    /// An agent's row.
    AgentId,
    /// A customer's row.
    CustomerId,
    /// A file of an article.
    AttachmentId,
    /// A mail as it was received: its raw bytes.
    MailId,
    /// One outgoing mail to one recipient.
    LetterId,
    /// A mail that tells an agent of something.
    AgentMailId,
    /// A mail that leads a customer to a list of their tickets.
    PageMailId,
    /// An event as it was received from the homeserver.
    EventRowId,
    /// Something that happened to a ticket.
    TicketEventId,
    /// An answer that waits for a moment.
    ScheduledId,
    /// An event's number in the feed: shown to programs.
    FeedId,
    /// A webhook; admins name it by that.
    WebhookId,
    /// Something that a webhook is still to be told.
    DeliveryId,
    /// A quarantine entry.
    QuarantineId,
    /// A day's thread of a queue's quarantine.
    QuarantineDayId,
    /// A token of a program's; stands in it.
    ApiTokenId,
    /// Somebody's erasing.
    ErasureId,
    /// Alerts that are sent together.
    AlertGroupId,
}

macro_rules! matrix_id {
    ($($(#[$doc:meta])* $name:ident $sigil:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes an id that starts with its sigil and is at most 255 bytes long, as the Matrix
            /// specification's "Identifier Grammar" demands; anything else is `None`.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let sound = text.starts_with($sigil)
                    && text.len() > 1
                    && text.len() <= 255
                    && !text.contains(|c: char| c.is_whitespace() || c.is_control());
                sound.then(|| Self(text.to_owned()))
            }

            /// The id as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

matrix_id! {
    /// A room's id (`!…`). Room version 12 has no server part in it.
    RoomId '!',
    /// An event's id (`$…`).
    EventId '$',
    /// A Matrix user's full id (`@local:server`). Display names are never compared.
    UserId '@',
}

impl UserId {
    /// The part between `@` and the first `:`.
    #[must_use]
    pub fn localpart(&self) -> &str {
        self.0[1..].split_once(':').map_or(&self.0[1..], |(local, _)| local)
    }

    /// The server's name, behind the first `:`.
    #[must_use]
    pub fn server(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, server)| server)
    }
}

/// A mailbox address, `local@domain`, in the one spelling we compare and store.
///
/// The domain is lower case and in its ASCII form (IDNA); the local part keeps its letters, since
/// RFC 5321 §2.4 leaves their case to the receiving host, and is compared without regard to case,
/// since no host that matters makes a difference.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads a bare address. Refuses what has no `@`, blanks, control characters, angle brackets, or is longer than
    /// 255 + 1 + 255 bytes. RFC 5321 §4.5.3.1 allows 64 before the `@`, and asks receivers to take more where they can:
    /// marketplaces and rewriting servers write more, and their mail is answered as any other.
    ///
    /// Dots may stand anywhere in the local part, as carriers in Japan gave them away; a quoted one (RFC 5321 §4.1.2) is
    /// kept in its quotes if it needs them. The domain may be a host's name with underscores, or an address in brackets.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.trim().rsplit_once('@')?;
        Some(Self(format!("{}@{}", local_part(local)?, domain_part(domain)?)))
    }

    /// The address as it goes out: a local part with odd dots in quotes, as RFC 5321 §4.1.2 wants it.
    #[must_use]
    pub fn to_send(&self) -> String {
        let local = self.local();
        let is_odd = local.starts_with('.') || local.ends_with('.') || local.contains("..");
        if is_odd && !local.starts_with('"') { format!("\"{local}\"@{}", self.domain()) } else { self.0.clone() }
    }

    /// The address as it was written: to show, to compare, to store.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands behind the `@`: lower case, ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The same without the part behind a `+` (RFC 5233's subaddress): whatever stands there, it is one mailbox.
    #[must_use]
    pub fn mailbox_key(&self) -> String {
        let local = self.local().split_once('+').map_or(self.local(), |(local, _)| local);
        format!("{local}@{}", self.domain()).to_lowercase()
    }

    /// The key under which two spellings of one mailbox are the same.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// How many bytes may stand before the `@`.
const LOCAL_PART: usize = 255;

/// A local part, in quotes only if it needs them.
fn local_part(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return is_atoms(text).then(|| text.to_owned());
    };
    let mut plain = String::new();
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => plain.push(rest.next()?),
            '"' => return None,
            c => plain.push(c),
        }
    }
    if is_atoms(&plain) {
        return Some(plain);
    }
    let escaped = plain.replace('\\', "\\\\").replace('"', "\\\"");
    // A bracket would end the address for servers that look no further.
    let is_printable = plain.chars().all(|c| c == ' ' || (c.is_ascii_graphic() && !"<>".contains(c)));
    (is_printable && !plain.is_empty() && escaped.len() <= LOCAL_PART - 2).then(|| format!("\"{escaped}\""))
}

/// Whether a local part needs no quotes, but for its dots.
fn is_atoms(local: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;:\\\"()[]@".contains(c);
    local.len() <= LOCAL_PART && !local.contains(odd) && local.contains(|c: char| c != '.')
}

fn domain_part(text: &str) -> Option<String> {
    if let Some(literal) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let is_address = literal.strip_prefix("IPv6:").unwrap_or(literal).parse::<core::net::IpAddr>().is_ok();
        return is_address.then(|| text.to_owned());
    }
    let text = text.trim_end_matches('.');
    // An underscore is in no host's name, but in what some machines write.
    let is_sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    let domain = idna::domain_to_ascii_strict(text)
        .or_else(|_| idna::domain_to_ascii(text))
        .ok()
        .filter(|domain| domain.chars().all(is_sound))?;
    let labels = domain
        .split('.')
        .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'));
    (domain.len() <= 255 && labels).then_some(domain)
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for EmailAddress {}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A Message-ID without its angle brackets (RFC 5322 §3.6.4), safe to be put into a header.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// Reads one id with or without its brackets. Printable ASCII or UTF-8 without blanks, brackets
    /// or control characters, at most 900 bytes (a header line holds 998); the `@` that the RFC
    /// wants is not asked for, because real programs leave it out and their mails must thread too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.trim();
        let inner = inner.strip_prefix('<').unwrap_or(inner);
        let inner = inner.strip_suffix('>').unwrap_or(inner);
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == '<' || c == '>';
        let sound = !inner.is_empty() && inner.len() <= 900 && !inner.contains(odd);
        sound.then(|| Self(inner.to_owned()))
    }

    /// The id without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header shows it.
    #[must_use]
    pub fn bracketed(&self) -> String {
        format!("<{}>", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        let address = EmailAddress::parse(" Carol@Customer.TEST ").expect("sound");
        assert_eq!(address.as_str(), "Carol@customer.test");
        assert_eq!(address, EmailAddress::parse("carol@customer.test").expect("sound"));
        assert_eq!(EmailAddress::parse("jürgen@bücher.test").expect("sound").domain(), "xn--bcher-kva.test");
    }

    #[test]
    fn odd_local_parts_are_kept_and_go_out_in_quotes() {
        for (text, stored, sent) in [
            ("taro.@x.test", "taro.@x.test", "\"taro.\"@x.test"),
            ("ta..ro@x.test", "ta..ro@x.test", "\"ta..ro\"@x.test"),
            (".taro@x.test.", ".taro@x.test", "\".taro\"@x.test"),
            ("\"taro.\"@x.test", "taro.@x.test", "\"taro.\"@x.test"),
            ("\"taro\"@x.test", "taro@x.test", "taro@x.test"),
            ("\"ta ro\"@x.test", "\"ta ro\"@x.test", "\"ta ro\"@x.test"),
            ("\"a@b\"@x.test", "\"a@b\"@x.test", "\"a@b\"@x.test"),
            ("\"a\\\"b\"@x.test", "\"a\\\"b\"@x.test", "\"a\\\"b\"@x.test"),
            ("root@my_host.test", "root@my_host.test", "root@my_host.test"),
            ("root@[192.0.2.1]", "root@[192.0.2.1]", "root@[192.0.2.1]"),
        ] {
            let address = EmailAddress::parse(text).expect(text);
            assert_eq!((address.as_str(), address.to_send().as_str()), (stored, sent));
            assert_eq!(EmailAddress::parse(&address.to_send()).as_ref(), Some(&address));
        }
    }

    #[test]
    fn a_local_part_may_be_longer_than_one_may_send_it() {
        let of = |length: usize| EmailAddress::parse(&format!("{}@x.test", "n".repeat(length)));
        assert!([1, 64, 65, 255].iter().all(|length| of(*length).is_some()));
        assert!(of(256).is_none());
        let quoted = |length: usize| EmailAddress::parse(&format!("\"a {}\"@x.test", "n".repeat(length - 4)));
        assert!(quoted(255).is_some() && quoted(256).is_none());
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [
            "",
            "carol",
            "@x.test",
            "a@",
            "a b@x.test",
            "a@x..test",
            "<a@x.test>",
            "a\r\nBcc: b@x.test",
            "a@x.test\0",
            "..@x.test",
            "\"\"@x.test",
            "\"a\"b\"@x.test",
            "\"a\r\n\"@x.test",
            "\"a> b\"@x.test",
            "\"a\\\"@x.test",
            "a@-x.test",
            "a@x y.test",
            "a@[x]",
            "a@x<y",
            "a@x>y",
        ] {
            assert!(EmailAddress::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_message_id_cannot_carry_a_header() {
        assert_eq!(MessageId::parse("<a@b>").expect("sound").bracketed(), "<a@b>");
        for text in ["<>", "<a b>", "<a>\r\nBcc: x", "", "<a><b>"] {
            assert!(MessageId::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn matrix_ids_need_their_sigil() {
        assert!(RoomId::parse("!abc").is_some());
        assert!(RoomId::parse("$abc").is_none());
        assert_eq!(UserId::parse("@alice:desk.test").expect("sound").localpart(), "alice");
    }
}
