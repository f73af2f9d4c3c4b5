//! Any text as an address, an id, and a subject with numbers in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ticketloom_fuzz::domain::id::{EmailAddress, LetterId, MessageId};
use ticketloom_fuzz::domain::number::{clean_subject, tags};
use ticketloom_fuzz::domain::token::{Keys, Purpose};

fuzz_target!(|text: &str| {
    let keys = Keys::new(vec![(1, vec![7; 32])]);
    if let Some(address) = EmailAddress::parse(text) {
        // Nobody guesses a signature.
        assert!(keys.recognise(&address).is_none(), "{text}");
        assert_eq!(EmailAddress::parse(address.as_str()).as_ref(), Some(&address));
        assert!(!address.as_str().contains(|c: char| c.is_control() || c.is_whitespace()), "{text:?}");
        if let Some(minted) = keys.mint(&address, Purpose::Bounce, LetterId(7)) {
            assert_eq!(keys.recognise(&minted).map(|(_, letter)| letter), Some(LetterId(7)));
        }
    }
    if let Some(id) = MessageId::parse(text) {
        assert!(!id.as_str().contains(|c: char| c.is_control() || c.is_whitespace()), "{text:?}");
    }
    for number in tags(text) {
        assert!(text.contains(number.as_str()), "{text}");
    }
    let ours = tags(text);
    let clean = clean_subject(text, &ours);
    // What is cut in the middle of a number may look like another one.
    assert!(clean.ends_with('…') || clean_subject(&clean, &ours) == clean, "{clean:?}");
});
