//! Tokens that open a customer's page of a ticket.
//!
//! A token names the letter that it was written in, and so one ticket and one recipient; HMAC-SHA-256 over the key's version
//! and that letter's id under a label of its own, cut to 128 bits, so that no signed mail address is a page's token, nor the
//! other way round. Until when it is good, and for what, stands in the record. Letters and digits only, in lower case: mail
//! programs end a link at the strangest signs.

use super::{Keys, Label};
use crate::domain::id::{LetterId, PageMailId};

/// 128 bits: whoever guesses needs no mail server for it.
const PAGE: Label = Label { name: "ticketloom page 1", mac_bytes: 16 };

/// Another one, so that no ticket's link opens a list.
const LIST: Label = Label { name: "ticketloom list 1", mac_bytes: 16 };

impl Keys {
    /// The token of the list that a mail leads to; `None` if there is no key.
    #[must_use]
    pub fn list_token(&self, mail: PageMailId) -> Option<String> {
        self.seal(&LIST, None, mail.0)
    }

    /// The mail that such a token names, if we signed it.
    #[must_use]
    pub fn mail_of_list(&self, token: &str) -> Option<PageMailId> {
        self.unseal(&LIST, None, token).map(PageMailId)
    }

    /// The token of the page that a letter leads to; `None` if there is no key.
    #[must_use]
    pub fn page_token(&self, letter: LetterId) -> Option<String> {
        self.seal(&PAGE, None, letter.0)
    }

    /// The letter that a token names, if we signed it. Anything else is `None`, whatever is wrong with it.
    #[must_use]
    pub fn letter_of_page(&self, token: &str) -> Option<LetterId> {
        self.unseal(&PAGE, None, token).map(LetterId)
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE32_NOPAD;
    use hmac::{Hmac, Mac};
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::domain::id::EmailAddress;
    use crate::domain::token::{ID_BYTES, Purpose};

    /// Bytes of the signature.
    const MAC_BYTES: usize = 16;

    fn keys() -> Keys {
        Keys::new(vec![(1, b"old".to_vec()), (2, b"new".to_vec())])
    }

    #[test]
    fn a_token_comes_back_as_its_letter_also_by_an_older_key() {
        let token = keys().page_token(LetterId(77)).expect("a key");
        assert_eq!(keys().letter_of_page(&token), Some(LetterId(77)));
        let old = Keys::new(vec![(1, b"old".to_vec())]).page_token(LetterId(5)).expect("a key");
        assert_eq!(keys().letter_of_page(&old), Some(LetterId(5)));
        let foreign = Keys::new(vec![(2, b"other".to_vec())]).page_token(LetterId(5)).expect("a key");
        assert_eq!(keys().letter_of_page(&foreign), None);
    }

    #[test]
    fn an_address_opens_no_page_and_a_token_is_no_address() {
        let queue = EmailAddress::parse("support@desk.test").expect("an address");
        for purpose in [Purpose::Reply, Purpose::Bounce] {
            let address = keys().mint(&queue, purpose, LetterId(5)).expect("a key");
            let plus = address.local().split_once('+').expect("a token").1.to_owned();
            for token in [plus.as_str(), &plus[1..]] {
                assert_eq!(keys().letter_of_page(token), None, "{token}");
            }
        }
        let token = keys().page_token(LetterId(5)).expect("a key");
        for sign in ["r", "b"] {
            let address = EmailAddress::parse(&format!("support+{sign}{token}@desk.test")).expect("an address");
            assert_eq!(keys().recognise(&address), None);
        }
    }

    #[test]
    fn a_tickets_link_opens_no_list_and_a_lists_no_ticket() {
        for id in 1..=1000 {
            let (page, list) = (keys().page_token(LetterId(id)), keys().list_token(PageMailId(id)));
            let (page, list) = (page.expect("a key"), list.expect("a key"));
            assert_eq!((keys().mail_of_list(&page), keys().letter_of_page(&list)), (None, None));
            assert_eq!(keys().mail_of_list(&list), Some(PageMailId(id)));
        }
    }

    #[test]
    fn a_hundred_thousand_forged_and_altered_tokens_open_nothing() {
        const SIGNS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEF-_=+/%.~ \t\0";
        let keys = keys();
        let mut tried = 0_u32;
        let mut refuse = |token: &str| {
            assert_eq!(keys.letter_of_page(token), None, "{token:?}");
            tried += 1;
        };
        for letter in 1..=40 {
            let token = keys.page_token(LetterId(letter)).expect("a key");
            let other = keys.page_token(LetterId(letter + 40)).expect("a key");
            for (at, own) in token.bytes().enumerate() {
                for sign in SIGNS.iter().copied().filter(|sign| *sign != own) {
                    let sign = char::from(sign).to_string();
                    refuse(&format!("{}{sign}{}", &token[..at], &token[at + 1..]));
                }
                refuse(&format!("{}{}", &token[..at], &token[at + 1..]));
                refuse(&format!("{}a{}", &token[..at], &token[at..]));
                refuse(&token[..at]);
                if at > 0 && token[at..] != other[at..] {
                    // One's letter with the other's signature, cut anywhere.
                    let mixed = format!("{}{}", &token[..at], &other[at..]);
                    if mixed != other {
                        refuse(&mixed);
                    }
                }
            }
        }
        // Other keys, other versions of them, other labels, and signatures that were cut.
        for letter in 0..4_000_i64 {
            let id = &letter.to_be_bytes()[8 - ID_BYTES..];
            let of = |version: u8, mac: &[u8]| {
                format!("{version}{}", BASE32_NOPAD.encode(&[id, mac].concat()).to_ascii_lowercase())
            };
            let labelled = |label: &[u8], key: &[u8], version: u8| {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
                mac.update(label);
                mac.update(&[version]);
                mac.update(id);
                mac.finalize().into_bytes()[..MAC_BYTES].to_vec()
            };
            let sign = |key: &[u8], version: u8| labelled(b"ticketloom page 1", key, version);
            let good = sign(b"new", 2);
            assert_eq!(keys.letter_of_page(&of(2, &good)), Some(LetterId(letter)));
            for (version, mac) in [
                (2, sign(b"old", 2)),
                (1, sign(b"new", 1)),
                (1, good.clone()),
                (2, sign(b"new", 1)),
                (0, good.clone()),
                (9, good.clone()),
                (2, sign(b"", 2)),
                (2, labelled(b"ticketloom address 1", b"new", 2)),
                (2, labelled(b"ticketloom page 2", b"new", 2)),
                (2, labelled(b"", b"new", 2)),
                (2, good[..10].to_vec()),
                (2, vec![]),
                (2, vec![0; MAC_BYTES]),
                (2, [&good[..], &[0]].concat()),
            ] {
                refuse(&of(version, &mac));
            }
        }
        assert!(tried >= 100_000, "{tried}");
    }

    proptest! {
        #[test]
        fn no_changed_letter_goes_unnoticed(id in 0i64..(1 << 47), at in 0usize..36, with in "[a-z2-7A-Z0-9+/_-]") {
            let token = keys().page_token(LetterId(id)).expect("a key");
            prop_assert_eq!(token.len(), 37);
            let mut changed = token.clone();
            changed.replace_range(at..=at, &with);
            if changed != token {
                prop_assert_eq!(keys().letter_of_page(&changed), None);
            }
        }

        #[test]
        fn no_guess_is_recognised(guess in "[0-9][a-z2-7]{36}|\\PC{0,60}") {
            prop_assert_eq!(keys().letter_of_page(&guess), None);
        }
    }
}
