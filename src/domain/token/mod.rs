//! Signed addresses: what brings a customer's reply and a bounce back to where they belong.
//!
//! `support+r1…@desk.test` names one outgoing mail and proves that we wrote it: HMAC-SHA-256 over the
//! purpose, the key's version and the mail's id, cut to 80 bits, compared in constant time. Nobody
//! who has not got a mail of ours can make one up, and a reply address is no bounce address. Letters
//! and digits only and in any case, since mail servers change the case of local parts.

mod page;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::id::{AgentMailId, EmailAddress, LetterId};

/// How many bytes may stand before the `@` of an address that others are to send to (RFC 5321 §4.5.3.1.1).
const MOST_LOCAL: usize = 64;

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `Reply-To`: who writes there takes part in the ticket.
    Reply,
    /// The envelope's sender: what comes there is a report about that mail.
    Bounce,
}

impl Purpose {
    fn letter(self) -> char {
        match self {
            Self::Reply => 'r',
            Self::Bounce => 'b',
        }
    }
}

/// The desk's signing keys. New addresses are signed with the newest; all of them are recognised, so
/// that a key can be replaced while old mails are still being answered.
#[derive(Clone)]
pub struct Keys {
    keys: Vec<(u8, Vec<u8>)>,
}

/// The letter of an address at which an agent's answers become notes.
const AGENT: char = 'n';
/// Bytes of the mail's id.
const ID_BYTES: usize = 6;

impl Keys {
    /// The keys with their versions (0 to 9, one digit in the address), the newest last.
    #[must_use]
    pub fn new(keys: Vec<(u8, Vec<u8>)>) -> Self {
        Self { keys }
    }

    /// The address at which `letter`'s answers or bounces arrive: the queue's own with a `+` part.
    /// `None` if there is no key, or the queue's local part leaves no room (RFC 5321: 64 bytes).
    #[must_use]
    pub fn mint(&self, queue: &EmailAddress, purpose: Purpose, letter: LetterId) -> Option<EmailAddress> {
        self.mint_as(queue, purpose.letter(), letter.0)
    }

    /// The address at which what an agent answers to a mail of ours becomes their note.
    #[must_use]
    pub fn mint_for_agent(&self, queue: &EmailAddress, mail: AgentMailId) -> Option<EmailAddress> {
        self.mint_as(queue, AGENT, mail.0)
    }

    fn mint_as(&self, queue: &EmailAddress, purpose: char, id: i64) -> Option<EmailAddress> {
        let local = format!("{}+{purpose}{}", queue.local(), self.seal(&ADDRESS, Some(purpose), id)?);
        if local.len() > MOST_LOCAL {
            return None;
        }
        EmailAddress::parse(&format!("{local}@{}", queue.domain()))
    }

    /// The mail that a signed address names, if we signed it. Anything else is `None`, whatever is
    /// wrong with it.
    #[must_use]
    pub fn recognise(&self, address: &EmailAddress) -> Option<(Purpose, LetterId)> {
        let (letter, id) = self.signed(address)?;
        let purpose = [Purpose::Reply, Purpose::Bounce].into_iter().find(|purpose| purpose.letter() == letter)?;
        Some((purpose, LetterId(id)))
    }

    /// The mail to an agent that a signed address names, likewise.
    #[must_use]
    pub fn recognise_agent(&self, address: &EmailAddress) -> Option<AgentMailId> {
        self.signed(address).filter(|(letter, _)| *letter == AGENT).map(|(_, id)| AgentMailId(id))
    }

    fn signed(&self, address: &EmailAddress) -> Option<(char, i64)> {
        let (_, plus) = address.local().rsplit_once('+')?;
        let plus = plus.to_ascii_lowercase();
        let mut letters = plus.chars();
        let purpose = letters.next()?;
        Some((purpose, self.unseal(&ADDRESS, Some(purpose), letters.as_str())?))
    }

    /// A word that names a row and proves that we wrote it: the key's version, then the row's id and the signature.
    fn seal(&self, label: &Label, purpose: Option<char>, id: i64) -> Option<String> {
        let (version, key) = self.keys.last()?;
        let id = &id.to_be_bytes()[8 - ID_BYTES..];
        let mut token = id.to_vec();
        token.extend_from_slice(&label.sign(key, purpose, *version, id));
        Some(format!("{version}{}", BASE32_NOPAD.encode(&token).to_ascii_lowercase()))
    }

    /// The row that such a word, in lower case, names.
    fn unseal(&self, label: &Label, purpose: Option<char>, word: &str) -> Option<i64> {
        let version = u8::try_from(word.chars().next()?.to_digit(10)?).ok()?;
        let (_, key) = self.keys.iter().find(|(known, _)| *known == version)?;
        let token = word.get(1..).filter(|token| !token.bytes().any(|byte| byte.is_ascii_uppercase()))?;
        let token = BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).ok()?;
        if token.len() != ID_BYTES + label.mac_bytes {
            return None;
        }
        let (id, mac) = token.split_at(ID_BYTES);
        let genuine: bool = label.sign(key, purpose, version, id).as_slice().ct_eq(mac).into();
        let mut bytes = [0; 8];
        bytes[8 - ID_BYTES..].copy_from_slice(id);
        genuine.then(|| i64::from_be_bytes(bytes))
    }
}

/// What a signature is for: what was signed for one thing is nothing for another.
struct Label {
    name: &'static str,
    mac_bytes: usize,
}

/// 80 bits: an address has no room for more.
const ADDRESS: Label = Label { name: "ticketloom address 1", mac_bytes: 10 };

impl Label {
    fn sign(&self, key: &[u8], purpose: Option<char>, version: u8, id: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(self.name.as_bytes());
        if let Some(purpose) = purpose {
            mac.update(purpose.encode_utf8(&mut [0; 4]).as_bytes());
        }
        mac.update(&[version]);
        mac.update(id);
        mac.finalize().into_bytes()[..self.mac_bytes].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> Keys {
        Keys::new(vec![(1, b"old".to_vec()), (2, b"new".to_vec())])
    }

    fn queue() -> EmailAddress {
        EmailAddress::parse("support@desk.test").expect("sound")
    }

    #[test]
    fn an_address_comes_back_in_any_case() {
        let minted = keys().mint(&queue(), Purpose::Reply, LetterId(77)).expect("a key");
        assert!(minted.as_str().starts_with("support+r2"), "{minted}");
        let shouted = EmailAddress::parse(&minted.as_str().to_uppercase()).expect("sound");
        assert_eq!(keys().recognise(&shouted), Some((Purpose::Reply, LetterId(77))));
    }

    #[test]
    fn an_agents_address_is_nobody_elses() {
        let minted = keys().mint_for_agent(&queue(), AgentMailId(9)).expect("a key");
        assert_eq!((keys().recognise_agent(&minted), keys().recognise(&minted)), (Some(AgentMailId(9)), None));
        let reply = keys().mint(&queue(), Purpose::Reply, LetterId(9)).expect("a key");
        assert_eq!(keys().recognise_agent(&reply), None);
        for (from, to) in [("+n2", "+r2"), ("+n2", "+b2")] {
            let turned = EmailAddress::parse(&minted.as_str().replace(from, to)).expect("sound");
            assert_eq!((keys().recognise(&turned), keys().recognise_agent(&turned)), (None, None));
        }
    }

    #[test]
    fn an_old_key_is_still_recognised_and_a_foreign_one_is_not() {
        let old = Keys::new(vec![(1, b"old".to_vec())]).mint(&queue(), Purpose::Bounce, LetterId(5)).expect("a key");
        assert_eq!(keys().recognise(&old), Some((Purpose::Bounce, LetterId(5))));
        let foreign =
            Keys::new(vec![(2, b"other".to_vec())]).mint(&queue(), Purpose::Reply, LetterId(5)).expect("a key");
        assert_eq!(keys().recognise(&foreign), None);
    }

    #[test]
    fn a_reply_address_is_no_bounce_address() {
        let reply = keys().mint(&queue(), Purpose::Reply, LetterId(5)).expect("a key");
        let turned = EmailAddress::parse(&reply.as_str().replace("+r2", "+b2")).expect("sound");
        assert_eq!(keys().recognise(&turned), None);
    }

    proptest! {
        #[test]
        fn no_changed_letter_goes_unnoticed(id in 0i64..(1 << 47), at in 0usize..26, with in "[a-z2-7]") {
            let minted = keys().mint(&queue(), Purpose::Reply, LetterId(id)).expect("a key");
            prop_assert_eq!(keys().recognise(&minted), Some((Purpose::Reply, LetterId(id))));
            let mut text = minted.as_str().to_owned();
            let start = text.find("+r2").expect("a token") + 3 + at;
            text.replace_range(start..=start, &with);
            let changed = EmailAddress::parse(&text).expect("sound");
            if changed != minted {
                prop_assert_eq!(keys().recognise(&changed), None);
            }
        }

        #[test]
        fn no_guess_is_recognised(local in "[a-z0-9+]{1,40}") {
            if let Some(address) = EmailAddress::parse(&format!("{local}@desk.test")) {
                prop_assert_eq!(keys().recognise(&address), None);
            }
        }
    }
}
