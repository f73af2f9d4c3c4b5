//! Two thousand commands with a slip of the finger: nothing of them leaves the house, and none does what nobody asked for.

use ticketloom::domain::id::EventId;

use super::world::{ALICE, CAROL, Case, Chance, HOLD, World, text};

const SLIPS: usize = 2_000;
/// So many are read at a time.
const AT_ONCE: usize = 100;
/// What agents mean to type.
const MEANT: [&str; 12] = [
    "!answer Hello Carol",
    "!answer --state closed Bye",
    "!answer --state closed Bye\nand thanks",
    "!answer --until tomorrow We look into it",
    "!answer --cc dave@customer.test Hello both",
    "!answer --all Hello all",
    "!answer --attach 1 Here it is",
    "!new dave@customer.test --subject Hello We begin",
    "!close --state unsuccessful Nobody answers",
    "!note For us alone",
    "!customer dave@customer.test",
    "!cc +dave@customer.test",
];
/// What fingers and phones put in their place.
const KEYS: [&str; 40] = [
    "!", "!!", "/", "-", "—", "–", "\"", "“", "'", " ", "  ", "\n", "\t", "a", "e", "r", "s", "w", "A", "S", "1", "@",
    "+", ".", ",", ":", ";", "#", "*", "_", "`", "~", "(", "[", "<", ">", "=", "\u{a0}", "\u{200b}", "é",
];

/// A command with one slip, or two: something left out, doubled, put in, or in another's place.
fn slip(chance: &mut Chance, meant: &str) -> String {
    let mut typed: Vec<String> = meant.chars().map(String::from).collect();
    for _ in 0..=chance.below(2) {
        // Mostly where the command and its options stand; the text is anybody's.
        let at = chance.below(typed.len().min(24));
        match chance.below(5) {
            0 => drop(typed.remove(at)),
            1 => typed.insert(at, typed[at].clone()),
            2 => typed.insert(at, (*chance.one(&KEYS)).to_owned()),
            3 if at + 1 < typed.len() => typed.swap(at, at + 1),
            _ => (*chance.one(&KEYS)).clone_into(&mut typed[at]),
        }
        if typed.is_empty() {
            break;
        }
    }
    typed.concat()
}

/// Whether the first word is one that mails, as somebody reads it who knows nothing of the grammar.
fn says_to_mail(typed: &str) -> bool {
    let verb: String = typed.chars().take_while(|c| !c.is_whitespace()).collect();
    ["!answer", "!new"].iter().any(|mails| verb.eq_ignore_ascii_case(mails))
}

async fn articles_that_leave(w: &World) -> i64 {
    w.count("select count(*) from article where kind = 'answer'").await
}

#[tokio::test]
async fn two_thousand_mistyped_commands_mail_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mails = w.outbox().len();
    let mut chance = Chance::new(20_261_126);
    let (mut typed, mut right) = (0, 0);
    while typed < SLIPS {
        let mut said = Vec::new();
        while said.len() < AT_ONCE {
            let meant = *chance.one(&MEANT);
            let words = slip(&mut chance, meant);
            if says_to_mail(&words) {
                right += 1;
            } else if words != meant && !words.trim().is_empty() {
                let id = w.event(ALICE, &case.room, "m.room.message", text(&words, Some(&case.root))).await;
                said.push((id, words));
            }
        }
        typed += said.len();
        w.settle().await;
        w.pass(HOLD).await;
        assert_eq!(articles_that_leave(&w).await, 0, "one of {said:?}");
        for (id, words) in &said {
            is_a_note_or_answered(&w, &case, id, words).await;
        }
    }
    assert_eq!(w.outbox().len(), mails, "nothing left the house");
    let letters = w.count(&format!("select count(*) from letter where not automatic and recipient <> '{CAROL}'")).await;
    assert_eq!(letters, 0);
    assert!(right > 100, "half of the slips are in the text, and are left out here: {right}");
    w.finish().await;
}

/// Whatever was typed is answered, or it is talk, and so an internal note; never both, never neither.
async fn is_a_note_or_answered(w: &World, case: &Case, id: &EventId, words: &str) {
    let notes = w.count(&format!("select count(*) from article where kind = 'note' and event_id = '{id}'")).await;
    match (w.marks(&case.room, id).as_str(), notes) {
        ("❌", 0) => {}
        ("", 1) => assert!(!words.starts_with("!a") && !words.starts_with("!n"), "{words:?} is a note"),
        ("✅", _) => assert!(words.starts_with('!'), "{words:?} is done"),
        (marks, notes) => panic!("{words:?} has {marks:?} and is {notes} notes"),
    }
}
