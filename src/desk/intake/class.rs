//! What a mail is, before anybody asks which ticket it belongs to.

use super::incoming::{IncomingMail, MOST_HOPS, Nature};
use super::quarantine::Reason;
use super::sender::Author;
use crate::domain::id::{EmailAddress, LetterId};
use crate::domain::response::Response;
use crate::domain::token::Purpose;
use crate::store::mails::StoredMail;

/// What a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A report about a letter of ours, by the signed address that it came to.
    Report(LetterId, Wording),
    /// A report about nothing that its address would prove.
    StrayReport,
    /// A report in an archive: what was not delivered then is nobody's work now.
    ArchivedReport,
    /// A mail in an archive from an address of the desk's own: an answer of then.
    ArchivedAnswer,
    /// It waits for an agent, whatever it says.
    Quarantine(Reason),
    /// Somebody wrote it to us.
    Incoming,
}

/// Whether a report says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wording {
    /// In a form that is understood.
    Clear,
    /// By its address alone; its words mean nothing to us.
    Unclear,
}

/// What a mail's class is told by.
pub(super) struct Facts<'a> {
    pub(super) stored: &'a StoredMail,
    pub(super) mail: &'a IncomingMail,
    pub(super) author: Author<'a>,
    /// Whether its author's mail is not wanted.
    pub(super) is_blocked: bool,
    /// Whether its author's address is one of the desk's own.
    pub(super) is_by_us: bool,
    /// Whether the address in its From is one of the desk's own.
    pub(super) is_from_us: bool,
    /// The letter that one of its recipients names.
    pub(super) signed: Option<Signed>,
}

/// A letter that a mail names by an address which only this desk can have made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed {
    pub(super) letter: LetterId,
    /// What the address is for.
    pub(super) purpose: Purpose,
    /// Whether the mail is from whom the letter was for; looked up for what answers by itself.
    pub(super) is_from_recipient: bool,
}

/// Tells what a mail is.
pub(super) fn classify(facts: &Facts<'_>) -> Class {
    let (stored, mail) = (facts.stored, facts.mail);
    if let Some(size) = stored.left_behind {
        return Class::Quarantine(Reason::LeftBehind(size));
    }
    let is_bounce = matches!(mail.nature, Nature::Bounce(_));
    if stored.is_imported {
        if is_bounce {
            return Class::ArchivedReport;
        }
        if facts.is_from_us {
            return Class::ArchivedAnswer;
        }
    } else {
        if mail.hops > MOST_HOPS {
            return Class::Quarantine(Reason::Circles);
        }
        if let Some((letter, wording)) = report(facts) {
            return Class::Report(letter, wording);
        }
        if is_bounce {
            return Class::StrayReport;
        }
    }
    match facts.author.mailbox {
        None => Class::Quarantine(Reason::NoSender),
        Some(author) if facts.is_blocked => Class::Quarantine(Reason::Blocked(author.address.clone())),
        // Nobody else may write as the desk, and what the desk itself wrote is no customer's (R51).
        Some(_) if facts.is_by_us && !stored.is_imported => Class::Quarantine(Reason::SaysItIsUs),
        Some(_) => Class::Incoming,
    }
}

/// The letter that a mail is a report about. Servers write to the envelope's address of a letter, some to the one that
/// answers go to. To the former nobody else has a reason to write, so there a server's mail is a report even if it does not
/// look like one.
fn report(facts: &Facts<'_>) -> Option<(LetterId, Wording)> {
    let signed = facts.signed?;
    let is_report = match facts.mail.nature {
        Nature::Bounce(_) => return Some((signed.letter, Wording::Clear)),
        _ if signed.purpose != Purpose::Bounce || !is_from_server(facts.stored, facts.mail) => false,
        // What answers from the address itself shows that the mail arrived there.
        Nature::Response { what: Response::Automatic, .. } => !signed.is_from_recipient,
        Nature::Response { .. } => false,
        _ => true,
    };
    is_report.then_some((signed.letter, Wording::Unclear))
}

/// Whether a mail comes from a mail server: with the null sender, or from an address that nobody reads at.
fn is_from_server(stored: &StoredMail, mail: &IncomingMail) -> bool {
    let is_servers = |from: &EmailAddress| from.is_unattended() || from.local().eq_ignore_ascii_case("postmaster");
    stored.envelope_from.as_deref() == Some("") || mail.from.as_ref().is_none_or(|from| is_servers(&from.address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::intake::incoming::{Bounce, Mailbox};
    use crate::desk::sample::{mailbox, stored};

    const LETTER: LetterId = LetterId(7);

    /// A mail of Carol's to the queue's address, and what is changed of that.
    struct Case {
        stored: StoredMail,
        mail: IncomingMail,
        is_blocked: bool,
        is_ours: bool,
        signed: Option<Purpose>,
        is_from_recipient: bool,
    }

    fn carols() -> Case {
        let mail = IncomingMail { from: Some(mailbox("carol@x.test")), ..IncomingMail::default() };
        Case { stored: stored(), mail, is_blocked: false, is_ours: false, signed: None, is_from_recipient: false }
    }

    fn class(change: impl FnOnce(&mut Case)) -> Class {
        let mut case = carols();
        change(&mut case);
        classify(&Facts {
            stored: &case.stored,
            mail: &case.mail,
            author: Author { mailbox: case.mail.from.as_ref(), is_by_list: false },
            is_blocked: case.is_blocked,
            is_by_us: case.is_ours,
            is_from_us: case.is_ours,
            signed: case.signed.map(|purpose| Signed {
                letter: LETTER,
                purpose,
                is_from_recipient: case.is_from_recipient,
            }),
        })
    }

    fn bounce() -> Nature {
        Nature::Bounce(Bounce::default())
    }

    fn response(what: Response) -> Nature {
        Nature::Response { what, sign: "x".to_owned() }
    }

    #[test]
    fn a_mail_is_somebodys_unless_something_speaks_against_it() {
        let quarantine = Class::Quarantine;
        let carol = mailbox("carol@x.test").address;
        for (what, is, wanted) in [
            ("a plain mail", class(|_| ()), Class::Incoming),
            ("left behind", class(|case| case.stored.left_behind = Some(9)), quarantine(Reason::LeftBehind(9))),
            ("over 50 servers", class(|case| case.mail.hops = MOST_HOPS), Class::Incoming),
            ("over 51 servers", class(|case| case.mail.hops = MOST_HOPS + 1), quarantine(Reason::Circles)),
            ("from nobody", class(|case| case.mail.from = None), quarantine(Reason::NoSender)),
            ("blocked", class(|case| case.is_blocked = true), quarantine(Reason::Blocked(carol))),
            ("from us", class(|case| case.is_ours = true), quarantine(Reason::SaysItIsUs)),
            ("a stray report", class(|case| case.mail.nature = bounce()), Class::StrayReport),
        ] {
            assert_eq!(is, wanted, "{what}");
        }
    }

    #[test]
    fn of_an_archive_nothing_goes_in_circles_and_ours_are_answers_of_then() {
        let archived = |change: fn(&mut Case)| {
            class(|case| {
                case.stored.is_imported = true;
                change(case);
            })
        };
        for (what, is, wanted) in [
            ("a plain mail", archived(|_| ()), Class::Incoming),
            ("over 90 servers", archived(|case| case.mail.hops = 90), Class::Incoming),
            ("a report", archived(|case| case.mail.nature = bounce()), Class::ArchivedReport),
            ("from us", archived(|case| case.is_ours = true), Class::ArchivedAnswer),
            ("from nobody", archived(|case| case.mail.from = None), Class::Quarantine(Reason::NoSender)),
            (
                "a report at a signed address",
                archived(|case| (case.mail.nature, case.signed) = (bounce(), Some(Purpose::Bounce))),
                Class::ArchivedReport,
            ),
        ] {
            assert_eq!(is, wanted, "{what}");
        }
    }

    #[test]
    fn a_letters_own_addresses_make_reports_of_what_servers_write_there() {
        let (clear, unclear) = (Class::Report(LETTER, Wording::Clear), Class::Report(LETTER, Wording::Unclear));
        let at = |purpose, nature: Nature, from: Option<Mailbox>, envelope: Option<&str>| {
            class(|case| {
                case.signed = Some(purpose);
                case.mail.nature = nature;
                case.mail.from = from;
                case.stored.envelope_from = envelope.map(str::to_owned);
            })
        };
        let carol = || Some(mailbox("carol@x.test"));
        let server = || Some(mailbox("MAILER-DAEMON@mx.test"));
        let (human, robot) = (Nature::Human, response(Response::Automatic));
        let (bounces, replies) = (Purpose::Bounce, Purpose::Reply);
        for (what, is, wanted) in [
            ("a report", at(bounces, bounce(), server(), Some("")), &clear),
            ("a report where answers go", at(replies, bounce(), server(), Some("")), &clear),
            ("a report from a person's address", at(bounces, bounce(), carol(), None), &clear),
            ("a server's words", at(bounces, human.clone(), server(), None), &unclear),
            ("words with the null sender", at(bounces, human.clone(), carol(), Some("")), &unclear),
            ("words of postmaster", at(bounces, human.clone(), Some(mailbox("Postmaster@x.test")), None), &unclear),
            ("words of nobody", at(bounces, human.clone(), None, None), &unclear),
            ("a server's words where answers go", at(replies, human.clone(), server(), None), &Class::Incoming),
            ("a person's words", at(bounces, human, carol(), Some("carol@x.test")), &Class::Incoming),
            ("a robot's", at(bounces, robot.clone(), server(), Some("")), &unclear),
            ("an absence", at(bounces, response(Response::Absence), carol(), Some("")), &Class::Incoming),
            ("a receipt", at(bounces, response(Response::Receipt), carol(), Some("")), &Class::Incoming),
        ] {
            assert_eq!(is, *wanted, "{what}");
        }
        let from_recipient = class(|case| {
            (case.signed, case.mail.nature) = (Some(bounces), robot);
            (case.stored.envelope_from, case.is_from_recipient) = (Some(String::new()), true);
        });
        assert_eq!(from_recipient, Class::Incoming, "what answers from there shows that the letter arrived");
    }
}
