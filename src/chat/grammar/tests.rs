use proptest::prelude::*;

use super::*;
use crate::chat::arguments::Text;
use crate::chat::commands::{Answer, Close, Note};
use crate::chat::mistake::Right;
use crate::domain::ticket::State;

fn command(message: &str) -> Command {
    match parse("!", message) {
        Parsed::Command(command) => command,
        other => panic!("{message:?} is {other:?}"),
    }
}

fn mistake(message: &str) -> Mistake {
    match parse("!", message) {
        Parsed::Mistake(mistake) => mistake,
        other => panic!("{message:?} is {other:?}"),
    }
}

fn answer(state: Option<State>, text: &str) -> Command {
    Command::Answer(Answer {
        state,
        until: None,
        at: None,
        cc: vec![],
        all: false,
        attach: None,
        template: None,
        yes: false,
        text: Some(typed(text)),
    })
}

fn typed(text: &str) -> Text {
    text.parse().expect("a text")
}

#[test]
fn the_text_is_kept_as_it_was_typed() {
    assert_eq!(command("!answer Hello  Carol,\n\n  - a\n--\nBob"), answer(None, "Hello  Carol,\n\n  - a\n--\nBob"));
    assert_eq!(command("!answer\n\nHello"), answer(None, "Hello"));
    assert_eq!(command("!answer it's \"quoted  text\" here"), answer(None, "it's \"quoted  text\" here"));
    assert_eq!(command("!answer -- --odd"), answer(None, "--odd"));
    assert_eq!(command("!answer - a list"), answer(None, "- a list"));
    assert_eq!(command("!answer Hello --state closed"), answer(None, "Hello --state closed"));
    assert_eq!(command("!note hello -- there"), Command::Note(Note { text: typed("hello -- there") }));
}

#[test]
fn options_stand_before_the_text_and_may_come_from_a_phone() {
    let closed = Some(State::ClosedSuccessful);
    let failed = Some(State::ClosedUnsuccessful);
    assert_eq!(command("!answer --state closed Done."), answer(closed, "Done."));
    assert_eq!(command("!ANSWER —state closed Done."), answer(closed, "Done."));
    assert_eq!(command("!answer –state=closed Done."), answer(closed, "Done."));
    assert_eq!(command("!answer --state “closed unsuccessful” Sorry."), answer(failed, "Sorry."));
    assert_eq!(command("!answer --state \"closed unsuccessful\"\nSorry."), answer(failed, "Sorry."));
    assert_eq!(command("!close --state unsuccessful"), Command::Close(Close { state: failed, text: None }));
    assert!(matches!(command("!queue all"), Command::Queue(queue) if queue.shows_all()));
}

#[test]
fn a_typo_names_the_command_that_was_meant() {
    for message in ["!anwser hello", "!answr hello", "! answer hello"] {
        let right = Right::Perhaps { verb: "answer", form: "!answer TEXT".to_owned() };
        assert_eq!(mistake(message).right, right, "{message:?}: {:?}", mistake(message));
    }
    assert_eq!(mistake("!hotel").right, Right::Unknown);
}

#[test]
fn wrong_arguments_are_refused_with_the_right_form() {
    let form = "!answer [--state STATE] [--until WHEN] [--at WHEN] [--cc ADDRESS] [--all] [--attach N] [--template NAME] [--yes] TEXT";
    for (message, form) in [
        ("!answer --clsoe hello", form),
        ("!answer", form),
        ("!answer --state done x", form),
        ("!answer  \n ", form),
        ("!lock it now", "!lock"),
        ("!owner", "!owner AGENT"),
        ("!queue everything", "!queue [all] [PAGE]"),
    ] {
        assert_eq!(mistake(message).right, Right::Form(form.to_owned()), "{message:?}: {:?}", mistake(message));
    }
    assert!(mistake("!answer --stat closed x").what.contains("--state"));
    let unclear = mistake("!answer --state pend x");
    assert!(unclear.what.contains("may be pending reminder, pending auto close+"), "{unclear:?}");
}

#[test]
fn what_does_not_begin_like_a_command_is_text() {
    for message in ["hello", " !close", "!", "!!! urgent", "answer: hello", "> !close", "!1", ""] {
        assert_eq!(parse("!", message), Parsed::Text, "{message:?}");
    }
    assert_eq!(parse("?", "!close"), Parsed::Text);
}

proptest! {
    /// No slip of the finger mails anything (R35): one letter off, and it is no answer.
    #[test]
    fn no_mutated_answer_is_sent(at in 0usize..7, with in "[ -~]") {
        let mut line = "!answer hello".to_owned();
        line.replace_range(at..=at, &with);
        if let Parsed::Command(Command::Answer(_)) = parse("!", &line) {
            prop_assert_eq!(line.to_lowercase(), "!answer hello");
        }
    }

    #[test]
    fn any_text_survives(text in "[^\\s\\-—–\"“„«][\\PC\\n]{0,200}") {
        prop_assert_eq!(command(&format!("!answer {text}")), answer(None, &text));
    }

    #[test]
    fn nothing_makes_it_panic(message in "\\PC{0,100}") {
        let _ = parse("!", &format!("!{message}"));
    }
}
