//! Who or what wrote a mail: a person, a machine, something that only answers, or a mail server about another mail.
//!
//! Two questions are kept apart. Whether the desk may answer by itself is one (RFC 3834): lists, other desks,
//! and the null sender forbid it. Whether a person wrote is another: whoever writes over a list is one. In doubt
//! it is a person, and is not answered.
//!
//! Reports come first, because Postfix marks its own as auto-replied.

mod absence;
mod bounce;
mod list;
mod signs;

pub(in crate::mail) use self::list::writer;
use super::clean;
use super::parse::{Headers, Part, calendar_answer, html_text};
use crate::desk::intake::incoming::Nature;
use crate::domain::response::Response;
use crate::domain::unattended::is_unattended;

/// Beginnings of a receipt's subject, lower case; it counts only for what no person sent.
const RECEIPTS: &[&str] = &[
    "read:",
    "not read:",
    "read receipt",
    "return receipt",
    "disposition notification",
    "gelesen:",
    "ungelesen:",
    "lesebestätigung",
    "empfangsbestätigung",
    "lu :",
    "lu:",
    "non lu :",
    "accusé de lecture",
    "leído:",
    "no leído:",
    "letto:",
    "non letto:",
    "gelezen:",
    "lida:",
    "przeczytano:",
    "прочитано:",
    "開封済み",
    "已读",
];

/// Tells what a mail is.
pub(in crate::mail) fn of(mail: &Part<'_>) -> Nature {
    let headers = &mail.headers;
    let parts = mail.walk();
    let has_null_sender = return_path(headers).as_deref() == Some("");
    if let Some(bounce) = bounce::of(mail, &parts, has_null_sender) {
        return Nature::Bounce(bounce);
    }
    if let Some((what, sign)) = response(mail, &parts, has_null_sender) {
        return Nature::Response { what, sign };
    }
    let from = local_part(headers);
    let unattended = || (is_unattended(&from) || from == "postmaster").then(|| format!("From: {from}@…"));
    if let Some(sign) = signs::generates(headers).or_else(unattended).or_else(|| list::newsletter(headers)) {
        return Nature::Machine { sign };
    }
    match signs::forbids(headers) {
        Some(sign) => Nature::Relayed { sign },
        None if has_null_sender => Nature::Relayed { sign: "the null sender".to_owned() },
        None => Nature::Human,
    }
}

/// What a mail answers with, if it does nothing else, and what gave it away.
fn response(mail: &Part<'_>, parts: &[&Part<'_>], has_null_sender: bool) -> Option<(Response, String)> {
    let headers = &mail.headers;
    let has = |kind: &str| parts.iter().any(|part| part.kind == kind);
    let subject = headers.text("Subject");
    let by_itself = signs::responds(headers);
    let by_program = by_itself.clone().or_else(|| signs::generates(headers));
    let by_nobody = by_program.clone().or_else(|| has_null_sender.then(|| "the null sender".to_owned()));
    let lower = subject.trim().to_lowercase();
    let named_receipt = || by_nobody.clone().filter(|_| RECEIPTS.iter().any(|words| lower.starts_with(words)));
    if has("message/disposition-notification") {
        return Some((Response::Receipt, "a receipt".to_owned()));
    }
    if let Some(sign) = named_receipt() {
        return Some((Response::Receipt, sign));
    }
    if mail.kind == "multipart/report" {
        return Some((Response::Automatic, "a report".to_owned()));
    }
    if let Some(answer) = parts.iter().find_map(|part| calendar_answer(part)) {
        return Some((answer, "an answer to an invitation".to_owned()));
    }
    if absence::is_subject(&subject) {
        return Some((Response::Absence, format!("Subject: {}", clean::cut(&subject, 80))));
    }
    let is_absent = || absence::is_text(&text_of(parts));
    match (by_itself, by_nobody) {
        (_, Some(sign)) if is_absent() => Some((Response::Absence, sign)),
        (Some(sign), _) => Some((Response::Automatic, sign)),
        _ => None,
    }
}

/// How much of a mail's text is looked at.
const TEXT: usize = 64 * 1024;

/// The text of a mail, of its HTML if it has nothing else.
fn text_of(parts: &[&Part<'_>]) -> String {
    // Four times as much as is looked at: markup and encodings take their share.
    let all = |kind: &str| {
        let mut text = String::new();
        for part in parts.iter().filter(|part| part.kind == kind) {
            if text.len() > TEXT {
                break;
            }
            text.push_str(&part.text_within(4 * TEXT));
            text.push('\n');
        }
        text
    };
    let plain = all("text/plain");
    if plain.trim().is_empty() { html_text(&all("text/html")) } else { plain }
}

/// What Return-Path says, lower case; empty for the null sender.
fn return_path(headers: &Headers<'_>) -> Option<String> {
    let path = headers.first("Return-Path").map(|value| clean::line(&String::from_utf8_lossy(value)))?;
    Some(path.trim_matches(['<', '>', ' ']).to_lowercase())
}

fn local_part(headers: &Headers<'_>) -> String {
    if let Some(from) = headers.mailboxes("From").first() {
        return from.address.local().to_lowercase();
    }
    // MAILER-DAEMON often has no domain.
    let from = headers.text("From").to_lowercase();
    let from = from.trim_start_matches(['<', '"', ' ']);
    from.split(['@', ' ', '<', '(']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::desk::intake::incoming::Verdict;
    use crate::mail::read;

    fn nature(mail: &str) -> Nature {
        read(mail.as_bytes()).expect("readable").nature
    }

    #[test]
    fn people_write_mails_without_signs() {
        for mail in [
            "From: carol@x.test\nSubject: Help\n\nhello",
            "From: carol@x.test\nAuto-Submitted: no\n\nhello",
            "From: carol@x.test\nSubject: Out of office replies don't work\n\nhello",
            "From: carol@x.test\nSubject: Re: Automatic reply: x\nX-Auto-Response-Suppress: DR\n\nhello",
            "From: carol@x.test\nSubject: Mail delivery fails\n\nMy mail to you was returned to me. What now?",
            "From: carol@x.test\nSubject: Fwd: Undelivered Mail\n\nYour mail to bob@x.test could not be delivered.",
            "From: carol@x.test\nSubject: Undelivered mail\nUser-Agent: x\n\nMail to bob@x.test could not be delivered.",
        ] {
            assert_eq!(nature(mail), Nature::Human, "{mail}");
        }
    }

    fn response(mail: &str) -> Option<Response> {
        match nature(mail) {
            Nature::Response { what, .. } => Some(what),
            _ => None,
        }
    }

    #[test]
    fn what_may_not_be_answered_may_still_be_a_persons() {
        for sign in [
            "Return-Path: <>",
            "Precedence: list",
            "Precedence: bulk",
            "Precedence: bulk\nList-Id: <talk.x.test>\nList-Unsubscribe: <mailto:talk-leave@x.test>",
            "List-Id: <x.y>",
            "List-Post: <mailto:talk@x.test>\nList-Unsubscribe: <mailto:x@y>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Precedence: list\nList-Unsubscribe: <mailto:x@y>",
            "Mailing-list: list support@x.test; contact support+owners@x.test",
            "X-Auto-Response-Suppress: DR, OOF, AutoReply",
            "X-Auto-Response-Suppress: All",
            "X-OTRS-Loop: support@elsewhere.test",
            "X-RT-Loop-Prevention: elsewhere.test\nPrecedence: bulk",
            "X-Loop: someone",
            "Auto-Submitted: auto-forwarded",
        ] {
            let nature = nature(&format!("From: carol@x.test\n{sign}\n\nIt smokes."));
            assert!(matches!(nature, Nature::Relayed { .. }), "{sign}: {nature:?}");
        }
    }

    #[test]
    fn machines_give_themselves_away() {
        for sign in [
            "Auto-Submitted: auto-generated",
            "Auto-Submitted: auto-generated (rejected)",
            "Auto-Submitted: auto-notified; owner-email=\"x@y.test\"",
            "Precedence: junk",
            "X-Cron-Env: <SHELL=/bin/sh>",
            "List-Unsubscribe: <mailto:x@y>",
            "Precedence: bulk\nList-Unsubscribe: <https://x.test/leave>",
            "List-Id: <news.x.test>\nList-Unsubscribe: <https://x.test>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ] {
            let nature = nature(&format!("From: carol@x.test\n{sign}\n\nhello"));
            assert!(matches!(nature, Nature::Machine { .. }), "{sign}: {nature:?}");
        }
        for from in ["No-Reply@x.test", "Shop <shop-noreply@x.test>", "donotreply+7@x.test"] {
            let nature = nature(&format!("From: {from}\nReply-To: carol@x.test\n\nhello"));
            assert!(matches!(nature, Nature::Machine { .. }), "{from}: {nature:?}");
        }
    }

    #[test]
    fn what_only_answers_says_what_it_answers_with() {
        for (sign, what) in [
            ("Auto-Submitted: auto-replied", Response::Automatic),
            ("X-Autoreply: yes", Response::Automatic),
            ("Precedence: auto_reply", Response::Automatic),
            ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", Response::Automatic),
            ("Subject: Automatic reply: your ticket", Response::Absence),
            ("Subject: Abwesenheitsnotiz: x", Response::Absence),
            ("Subject: Out of Office", Response::Absence),
            ("Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_x?=", Response::Absence),
            ("Return-Path: <>\nSubject: Read: your answer", Response::Receipt),
            ("Auto-Submitted: auto-replied\nSubject: Gelesen: Re: x", Response::Receipt),
        ] {
            assert_eq!(response(&format!("From: carol@x.test\n{sign}\n\nhello")), Some(what), "{sign}");
        }
        for sign in ["Return-Path: <>", "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated"] {
            let away = format!("From: carol@x.test\nSubject: Re: x\n{sign}\n\nIch bin bis Montag im Urlaub.");
            assert_eq!(response(&away), Some(Response::Absence), "{sign}");
        }
        let said = "From: carol@x.test\nSubject: Re: x\n\nI am on vacation until Monday, so please hurry.";
        assert_eq!(nature(said), Nature::Human);
        assert_eq!(nature("From: carol@x.test\nSubject: Read: the manual\n\nIt is wrong."), Nature::Human);
    }

    #[test]
    fn receipts_and_answers_to_invitations_are_known_by_their_parts() {
        let receipt = "From: carol@x.test\nSubject: Disposition\nContent-Type: multipart/report; report-type=disposition-notification; \
            boundary=b\n\n--b\n\nYour message was displayed.\n--b\nContent-Type: message/disposition-notification\n\n\
            Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n";
        assert_eq!(response(receipt), Some(Response::Receipt));
        assert_eq!(response(&receipt.replace("multipart/report", "multipart/mixed")), Some(Response::Receipt));
        for (says, what) in
            [("ACCEPTED", Response::Accepted), ("DECLINED", Response::Declined), ("TENTATIVE", Response::Tentative)]
        {
            let answer = format!(
                "From: carol@x.test\nSubject: Visit\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nI come.\n--b\n\
                 Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Visit\n\
                 ATTENDEE;PARTSTAT={says}:mailto:carol@x.test\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"
            );
            assert_eq!(response(&answer), Some(what), "{says}");
            let invites = answer.replace("REPLY", "REQUEST");
            assert_eq!(nature(&invites), Nature::Human, "{says}");
        }
    }

    #[test]
    fn a_report_needs_no_sender() {
        let status = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSorry: no such user (5.1.1)\n--b\n\
            Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; x@y.test\n\
            Action: failed\nStatus: 5.0.0\n--b--\n";
        for from in ["From: <>\n", "", "From:\n", "From: \"\" <>\n", "Return-Path: <>\nFrom: gate@x.test\n"] {
            let Nature::Bounce(bounce) = nature(&format!("{from}Subject: x\n{status}")) else {
                panic!("no bounce: {from}")
            };
            assert_eq!(
                (bounce.status.as_deref(), bounce.diagnostic.as_str()),
                (Some("5.1.1"), "Sorry: no such user (5.1.1)")
            );
        }
        let forwarded = format!("From: carol@x.test\nSubject: Look at this\n{status}");
        assert_eq!(nature(&forwarded), Nature::Human, "who attaches a report is no server");
    }

    #[test]
    fn a_report_says_what_became_of_which_mail() {
        let mail = "From: MAILER-DAEMON@mx.test (Mail Delivery System)\nAuto-Submitted: auto-replied\n\
            Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n\
            Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; x@y.test\n\
            Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n such user\n\n--b\nContent-Type: message/rfc822\n\n\
            Message-ID: <t1.2@desk.test>\nSubject: x\n\nhello\n--b--\n";
        let Nature::Bounce(bounce) = nature(mail) else { panic!("no bounce") };
        assert_eq!(bounce.verdict, Verdict::Failed);
        assert_eq!(bounce.status.as_deref(), Some("5.1.1"));
        assert_eq!(bounce.diagnostic, "550 5.1.1 no such user");
        assert_eq!(bounce.original.expect("an id").as_str(), "t1.2@desk.test");
    }

    #[test]
    fn older_servers_reports_are_recognised_by_their_words() {
        for (mail, verdict) in [
            ("From: MAILER-DAEMON@mx.test\n\nI wasn't able to deliver the following message.\n", Verdict::Failed),
            (
                "From: MAILER-DAEMON@mx.test\nSubject: Processing Error\n\nIt has been returned because of x.",
                Verdict::Failed,
            ),
            (
                "From: gate@mx.test\nSubject: Delivery failure\n\nCould not deliver to <bob@x.test>: 550 no",
                Verdict::Failed,
            ),
            (
                "From: gate@mx.test\nSubject: Delivery failure\n\nIt could not be delivered to bob@x.test.\n\
                 Delivery attempts will continue to be made for 5 days.",
                Verdict::Delayed,
            ),
            (
                "Return-Path: <>\nFrom: x@mx.test\n\nIhre Nachricht an bob konnte nicht zugestellt werden.",
                Verdict::Failed,
            ),
            ("From: gate@mx.test\nSubject: Warning: User unknown\n\nbob@x.test: no such user here", Verdict::Failed),
            (
                "Return-Path: <>\nFrom: System Administrator <postmaster@x.test>\nSubject: E\n\nYour message\n\n  To: bob@x.test\n\n\
                 did not reach the following recipient(s):\n\nbob@x.test on Tue\n    The recipient name is not recognized\n",
                Verdict::Failed,
            ),
            (
                "Return-Path: <>\nFrom: x@mx.test\nSubject: E\n\nIhre Nachricht hat die folgenden Empfänger nicht erreicht: bob",
                Verdict::Failed,
            ),
            (
                "From: <>\nSubject: E\n\nbob@x.test 宛のメールをお届けできませんでした。ユーザーが存在しません。",
                Verdict::Failed,
            ),
            (
                "Return-Path: <>\nFrom: Firewall <fw@x.test>\nSubject: E\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n\
                 Your mail was rejected by our filter.\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\nx\n--b--\n",
                Verdict::Failed,
            ),
            ("From: postmaster@x.test\nSubject: 配信エラーのお知らせ\n\nbob@x.test", Verdict::Failed),
        ] {
            let Nature::Bounce(bounce) = nature(mail) else { panic!("no bounce: {mail}") };
            assert_eq!(bounce.verdict, verdict, "{mail}");
        }
    }

    proptest! {
        /// Whatever a report says, what is kept of it is one short line and a code.
        #[test]
        fn any_report_can_be_read(fields in "((Action|Status|Diagnostic-Code|Final-Recipient|x): ?[a-z0-9.;<@ \r\t\0ü]{0,20}\r?\n\n?){0,12}",
            words in "(could not be delivered|550 |5\\.1\\.1|\\PC|\n){0,30}") {
            let standard = format!(
                "From: MAILER-DAEMON\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n{fields}"
            );
            for mail in [standard, format!("From: MAILER-DAEMON\nSubject: Undelivered mail\n\n{words}")] {
                let Nature::Bounce(bounce) = nature(&mail) else { panic!("no bounce: {mail}") };
                prop_assert!(!bounce.diagnostic.contains(char::is_control) && bounce.diagnostic.len() <= DIAGNOSTIC_MOST);
                let is_code = |c: char| c.is_ascii_digit() || c == '.';
                prop_assert!(bounce.status.is_none_or(|status| status.chars().all(is_code)));
            }
        }
    }

    /// The limit that `Bounce::diagnostic` promises.
    const DIAGNOSTIC_MOST: usize = 500;
}
