//! Addresses that nobody reads at.

use super::id::EmailAddress;

/// Local parts of mail servers, lower case.
const SERVERS: &[&str] = &["mailer-daemon", "mailerdaemon", "mail-daemon", "bounce", "bounces"];

/// What a local part says, without its dots, dashes and underscores, if nobody reads what comes there.
const SAYS: &[&str] = &[
    "noreply",
    "noreplies",
    "donotreply",
    "dontreply",
    "neverreply",
    "noresponse",
    "noanswer",
    "nichtantworten",
    "keineantwort",
    "nepasrepondre",
    "pasdereponse",
    "noresponder",
    "norispondere",
    "nonrispondere",
    "naoresponda",
    "naoresponder",
    "nietbeantwoorden",
    "svarainte",
    "svarikke",
];

impl EmailAddress {
    /// Whether it says of itself that nobody reads there: a mail server's own, or one such as `no-reply@`.
    /// `postmaster@` is read by somebody (RFC 5321 §4.5.1).
    #[must_use]
    pub fn is_unattended(&self) -> bool {
        is_unattended(self.local())
    }

    /// Whether a mail to it can't arrive: no domain ends so (RFC 2606 §2). Who wrote a mail that names nobody has one.
    #[must_use]
    pub fn is_nobodys(&self) -> bool {
        self.domain().to_lowercase().ends_with(".invalid")
    }
}

/// The same of a local part alone: mail servers often write no more.
#[must_use]
pub fn is_unattended(local: &str) -> bool {
    let local = local.to_lowercase();
    let base = local.split('+').next().unwrap_or_default();
    if SERVERS
        .iter()
        .any(|server| base == *server || base.strip_prefix(server).is_some_and(|rest| rest.starts_with('-')))
    {
        return true;
    }
    let squeezed: String = base.chars().filter(|c| !matches!(c, '-' | '_' | '.')).collect();
    SAYS.iter().any(|says| squeezed.starts_with(says) || squeezed.ends_with(says))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_that_nobody_reads_there() {
        for local in [
            "noreply",
            "No-Reply",
            "no_reply",
            "do.not.reply",
            "shop-noreply",
            "noreply-orders",
            "noreply+17",
            "MAILER-DAEMON",
            "bounces+1=a.b",
            "bounce-17",
            "ne-pas-repondre",
        ] {
            assert!(is_unattended(local), "{local}");
        }
        for local in ["carol", "reply", "replies", "norbert", "no", "bouncer", "postmaster", "web", "donald"] {
            assert!(!is_unattended(local), "{local}");
        }
    }

    #[test]
    fn nobody_can_be_written_to_where_no_domain_is() {
        for (address, is_nobodys) in [
            ("unknown@sender.invalid", true),
            ("a@B.INVALID", true),
            ("invalid@x.test", false),
            ("a@invalid.test", false),
            ("a@notinvalid", false),
        ] {
            let address = EmailAddress::parse(address).expect("an address");
            assert_eq!(address.is_nobodys(), is_nobodys, "{address}");
        }
    }
}
