//! Who wrote a mail, and what is known of that.

use super::incoming::{IncomingMail, Mailbox};
use crate::domain::id::EmailAddress;
use crate::store::mails::StoredMail;

/// Who wrote a mail that names nobody: an address that can't exist (RFC 2606 §2).
const NOBODY: &str = "unknown@sender.invalid";

/// What the house's mail server found of a mail's sender (RFC 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authenticated {
    /// It is from where it says.
    Pass,
    /// It is not.
    Fail,
}

impl Authenticated {
    /// The word in the record.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// Who wrote a mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Author<'a> {
    /// Who it says, or whom a list put itself before. `None`: it names nobody.
    pub(super) mailbox: Option<&'a Mailbox>,
    /// Whether a list put itself before them.
    pub(super) is_by_list: bool,
}

impl<'a> Author<'a> {
    /// The author of a mail. A list that has the desk's own address is believed more, since the desk does not write to itself.
    pub(super) fn of(mail: &'a IncomingMail, is_ours: impl Fn(&EmailAddress) -> bool) -> Self {
        let (Some(from), Some(writer)) = (&mail.from, &mail.writer) else {
            return Self { mailbox: mail.from.as_ref(), is_by_list: false };
        };
        let is_by_list = writer.is_certain || is_ours(&from.address);
        Self { mailbox: Some(if is_by_list { &writer.mailbox } else { from }), is_by_list }
    }

    /// What the house's mail server, `by`, found of them. Who passed a mail on over a list proves nothing of who wrote it.
    pub(super) fn found(&self, mail: &IncomingMail, by: Option<&str>) -> Option<Authenticated> {
        match mail.authenticated(by)? {
            true if self.is_by_list => None,
            true => Some(Authenticated::Pass),
            false => Some(Authenticated::Fail),
        }
    }

    /// Them, else who its envelope says, else nobody.
    pub(super) fn or_envelope(&self, stored: &StoredMail) -> Mailbox {
        let envelope = || stored.envelope_from.as_deref().and_then(EmailAddress::parse);
        let nobody = || EmailAddress::parse(NOBODY).expect("an address");
        let unnamed = || Mailbox { name: String::new(), address: envelope().unwrap_or_else(nobody) };
        self.mailbox.cloned().unwrap_or_else(unnamed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::intake::incoming::{Authentication, Finding, Writer};
    use crate::desk::sample::{address, mailbox, stored};

    /// A mail that says it is from that address, and whether it was written by Carol over a list.
    fn mail(from: Option<&str>, list: Option<bool>) -> IncomingMail {
        let writer = list.map(|is_certain| Writer { mailbox: mailbox("carol@x.test"), is_certain });
        IncomingMail { from: from.map(mailbox), writer, ..IncomingMail::default() }
    }

    #[test]
    fn whoever_a_list_put_itself_before_wrote_it_if_that_is_sure() {
        for (from, list, author, is_by_list) in [
            (None, None, None, false),
            (None, Some(true), None, false),
            (Some("bob@x.test"), None, Some("bob@x.test"), false),
            (Some("list@x.test"), Some(true), Some("carol@x.test"), true),
            (Some("list@x.test"), Some(false), Some("list@x.test"), false),
            (Some("support@desk.test"), Some(false), Some("carol@x.test"), true),
            (Some("support@desk.test"), None, Some("support@desk.test"), false),
        ] {
            let mail = mail(from, list);
            let found = Author::of(&mail, |address| address.as_str() == "support@desk.test");
            let wanted = (author, is_by_list);
            assert_eq!(
                (found.mailbox.map(|mailbox| mailbox.address.as_str()), found.is_by_list),
                wanted,
                "{from:?} {list:?}"
            );
        }
    }

    #[test]
    fn a_pass_of_a_list_proves_nothing_of_who_wrote_and_a_failure_counts() {
        for (result, is_by_list, wanted) in [
            ("pass", false, Some(Authenticated::Pass)),
            ("pass", true, None),
            ("fail", false, Some(Authenticated::Fail)),
            ("fail", true, Some(Authenticated::Fail)),
            ("none", false, None),
        ] {
            let finding = Finding { method: "dmarc".into(), result: result.into(), domain: "x.test".into() };
            let authentication = vec![Authentication { by: "mx.desk.test".into(), findings: vec![finding] }];
            let mail = IncomingMail { authentication, ..mail(Some("bob@x.test"), None) };
            let author = Author { mailbox: mail.from.as_ref(), is_by_list };
            assert_eq!(author.found(&mail, Some("mx.desk.test")), wanted, "{result} {is_by_list}");
            assert_eq!(author.found(&mail, None), None, "nobody is asked");
        }
    }

    #[test]
    fn who_names_nobody_is_the_envelopes_sender_or_nobody() {
        for (named, envelope, wanted) in [
            (Some("bob@x.test"), Some("carol@x.test"), "bob@x.test"),
            (None, Some("carol@x.test"), "carol@x.test"),
            (None, Some(""), NOBODY),
            (None, None, NOBODY),
        ] {
            let named = named.map(mailbox);
            let author = Author { mailbox: named.as_ref(), is_by_list: false };
            let mail = StoredMail { envelope_from: envelope.map(str::to_owned), ..stored() };
            assert_eq!(author.or_envelope(&mail).address, address(wanted), "{named:?} {envelope:?}");
        }
        assert!(address(NOBODY).is_nobodys());
    }
}
