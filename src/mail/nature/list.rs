//! Mailing lists and groups: a person writes over them, and some put themselves into From for it.

use super::signs::{LISTS, shown};
use crate::desk::intake::incoming::{Mailbox, Writer};
use crate::domain::id::EmailAddress;
use crate::mail::parse::Headers;

/// Where lists say who wrote, if From is the list: Google Groups, then Mailman and everybody else.
const WRITERS: &[&str] = &["X-Original-From", "X-Original-Sender", "X-MailFrom", "Reply-To"];

/// Whether a mail came over a list that people write to.
fn is_list(headers: &Headers<'_>) -> bool {
    LISTS.iter().any(|name| headers.first(name).is_some()) || headers.text("Precedence").eq_ignore_ascii_case("list")
}

/// What says that a mail is a newsletter: one can leave its list, and can't write to it (RFC 2369, RFC 8058).
pub(super) fn newsletter(headers: &Headers<'_>) -> Option<String> {
    let has = |name: &str| headers.first(name).is_some();
    let can_be_written_to =
        ["List-Post", "Mailing-list", "X-BeenThere", "X-Google-Group-Id"].iter().any(|name| has(name))
            && !headers.text("List-Post").eq_ignore_ascii_case("no");
    let is_talk = can_be_written_to || headers.text("Precedence").eq_ignore_ascii_case("list");
    if has("List-Unsubscribe-Post") && !is_talk {
        return Some(shown("List-Unsubscribe-Post", "…"));
    }
    (has("List-Unsubscribe") && !has("List-Id") && !is_talk).then(|| shown("List-Unsubscribe", "…"))
}

/// Who wrote a mail in whose From a list or group stands, as those do whose members' domains forbid passing
/// their mail on unchanged (DMARC): `'Carol' via Support <support@…>`, she being in X-Original-From or Reply-To.
pub(in crate::mail) fn writer(headers: &Headers<'_>, from: &Mailbox) -> Option<Writer> {
    let own_name = name_via(&from.name);
    let list = own_addresses(headers);
    let is_list = is_list(headers);
    if own_name.is_none() && !is_list {
        return None;
    }
    let (field, found) = WRITERS.iter().find_map(|field| {
        let is_other =
            |found: &Mailbox| found.address.key() != from.address.key() && !list.contains(&found.address.key());
        headers.mailboxes(field).into_iter().find(is_other).map(|found| (*field, found))
    })?;
    let is_lists = list.contains(&from.address.key());
    // Without any of these the list left From alone, and X-Original-Sender or Reply-To say something else.
    let is_certain =
        is_lists || field == "X-Original-From" || (own_name.is_some() && (is_list || is_quoted(&from.name)));
    let name = if found.name.is_empty() { own_name.unwrap_or_default().to_owned() } else { found.name };
    Some(Writer { mailbox: Mailbox { name, address: found.address }, is_certain })
}

/// The addresses that a list has itself, as keys.
fn own_addresses(headers: &Headers<'_>) -> Vec<String> {
    let post = headers.text("List-Post");
    let posts = post.split(['<', '>', ',', '?']).filter_map(|piece| piece.trim().strip_prefix("mailto:"));
    let been = headers.text("X-BeenThere");
    let id = headers.text("List-Id");
    // `<support.desk.test>` is the list `support@desk.test` for all that make ids of addresses.
    let id = id.rsplit_once('<').map_or(id.as_str(), |(_, id)| id).trim_end_matches('>').trim().replacen('.', "@", 1);
    posts.chain([been.as_str(), id.as_str()]).filter_map(EmailAddress::parse).map(|address| address.key()).collect()
}

/// `Carol` of `'Carol' via Support` and `Carol (via Support)`.
fn name_via(name: &str) -> Option<&str> {
    let at = name.to_lowercase().find(" via ").or_else(|| name.to_lowercase().find(" (via "))?;
    let own = name.get(..at)?.trim_matches(['\'', '"', '‘', '’', ' ']);
    (!own.is_empty()).then_some(own)
}

/// Whether the name is quoted as Google Groups does it: no service writes so of itself.
fn is_quoted(name: &str) -> bool {
    name.starts_with('\'') && name.contains("' via ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who wrote it, and whether that is certain.
    fn read(header: &str) -> Option<(String, bool)> {
        let (headers, _) = Headers::read(header.as_bytes());
        let from = headers.mailboxes("From").into_iter().next().expect("a sender");
        let writer = writer(&headers, &from)?;
        Some((format!("{} <{}>", writer.mailbox.name, writer.mailbox.address), writer.is_certain))
    }

    #[test]
    fn who_wrote_over_a_list_that_stands_in_from_is_found() {
        let carol = "Carol <carol@x.test>";
        for header in [
            "From: 'Carol' via Support <support@desk.test>\nReply-To: Carol <carol@x.test>\n\n",
            "From: 'Carol' via Support <support@desk.test>\nReply-To: carol@x.test\nPrecedence: list\n\n",
            "From: \"'Carol' via Support\" <group@y.test>\nX-Original-From: Carol <carol@x.test>\nReply-To: group@y.test\n\
             List-ID: <group.y.test>\n\n",
            "From: \"'Carol' via Support\" <group@y.test>\nX-Original-Sender: carol@x.test\nX-Google-Group-Id: 1\n\n",
            "From: Carol via Talk <talk@lists.y.test>\nReply-To: Talk <talk@lists.y.test>, Carol <carol@x.test>\n\
             List-Post: <mailto:talk@lists.y.test>\n\n",
            "From: Carol <talk@lists.y.test>\nReply-To: Carol <carol@x.test>\nList-Id: Talk <talk.lists.y.test>\n\n",
        ] {
            assert_eq!(read(header), Some((carol.to_owned(), true)), "{header}");
        }
        let by_service = "From: Carol via Shop <shop@y.test>\nReply-To: Carol <carol@x.test>\n\n";
        assert_eq!(read(by_service), Some((carol.to_owned(), false)));
    }

    #[test]
    fn who_stands_in_from_wrote_it() {
        for header in [
            "From: Carol <carol@x.test>\nReply-To: boss@x.test\n\n",
            "From: Carol <carol@x.test>\nReply-To: talk@y.test\nList-Post: <mailto:talk@y.test>\n\n",
            "From: Carol <carol@x.test>\nX-Original-Sender: carol@x.test\nList-Id: <talk.y.test>\n\n",
            "From: 'Carol' via Support <support@desk.test>\nReply-To: support@desk.test\n\n",
        ] {
            assert_eq!(read(header), None, "{header}");
        }
        let beside = read("From: Carol <carol@x.test>\nReply-To: boss@x.test\nPrecedence: list\n\n");
        assert!(!beside.expect("somebody else").1, "the list did not touch it");
    }
}
