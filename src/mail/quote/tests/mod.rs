use proptest::prelude::*;

use super::*;

mod footers;
mod headers;
mod languages;
mod own;

fn folded(subject: &str, text: &str) -> (String, usize) {
    let fresh = fresh(subject, text);
    (fresh.text, fresh.folded)
}

#[test]
fn a_quote_below_the_answer_is_one_line() {
    for attribution in [
        "On Mon, 23 Nov 2026 at 10:11, Support <support@desk.test> wrote:",
        "Am 23.11.26 um 10:11 schrieb Support:",
        "Am Mo., 23. Nov. 2026 um 10:11 Uhr schrieb Support <support@desk.test>:",
        "Support <support@desk.test> schrieb am Mo., 23. Nov. 2026 um 10:11 Uhr:",
        "Le lun. 23 nov. 2026 à 10:11, Support <support@desk.test> a écrit :",
        "El lun, 23 nov 2026 a las 10:11, Support (<support@desk.test>) escribió:",
        "Il giorno lun 23 nov 2026 alle ore 10:11 Support <support@desk.test> ha scritto:",
        "Op ma 23 nov 2026 om 10:11 schreef Support <support@desk.test>:",
        "Em seg., 23 de nov. de 2026 às 10:11, Support <support@desk.test> escreveu:",
        "W dniu 23.11.2026 o 10:11, Support pisze:",
        "Den mån 23 nov. 2026 kl 10:11 skrev Support <support@desk.test>:",
        "On 23/11/2026 10:11, Support via Some Very Long Name Of A Desk <\nsupport@desk.test> wrote:",
    ] {
        let text = format!("It works now.\n\n{attribution}\n> Hello\n>\n> Try again.\n");
        let (fresh, lines) = folded("Re: x", &text);
        assert!(fresh.starts_with("It works now.\n\n… "), "{attribution}: {fresh}");
        assert!(!fresh.contains("upport"), "{attribution}: {fresh}");
        assert!(lines >= 3, "{attribution}");
    }
}

#[test]
fn outlook_quotes_without_marks() {
    let text = "Thanks!\n\n________________________________\nFrom: Support <s@desk.test>\nSent: Monday\nTo: Carol\nSubject: x\n\nHello\n";
    assert_eq!(folded("RE: x", text), ("Thanks!\n\n… 6 lines quoted".to_owned(), 6));
    let text = "Danke!\n\n-----Ursprüngliche Nachricht-----\nVon: Support\nGesendet: Montag\n\nHallo\n";
    assert_eq!(folded("AW: x", text).0, "Danke!\n\n… 4 lines quoted");
}

#[test]
fn answers_between_quoted_lines_stay() {
    let text = "On Mon, 23 Nov 2026 at 10:11, S <s@desk.test> wrote:\n> Which version?\n\n1.2\n\n> Which system?\n\nDebian\n\n> a\n> b\n> c\n> d\n";
    let (fresh, _) = folded("Re: x", text);
    for kept in ["> Which version?", "1.2", "> Which system?", "Debian", "… 4 lines quoted"] {
        assert!(fresh.contains(kept), "{kept}: {fresh}");
    }
}

#[test]
fn an_answer_below_the_quote_stays() {
    let text = "On Mon, 23 Nov 2026 at 10:11, S <s@desk.test> wrote:\n> Which version?\n\n1.2\n";
    assert_eq!(folded("Re: x", text).0, "… 2 lines quoted\n\n1.2");
}

#[test]
fn a_short_quote_between_own_words_stays() {
    let text = "Hello!\n\nOn Mon, 23 Nov 2026 at 10:11, S <s@desk.test> wrote:\n> Which version?\n\n1.2\n";
    assert_eq!(folded("Re: x", text).0, "Hello!\n\n… 1 line quoted\n\n> Which version?\n\n1.2");
    let long = text.replace("> Which version?\n", &"> Hello\n".repeat(9));
    assert_eq!(folded("Re: x", &long).0, "Hello!\n\n… 10 lines quoted\n\n1.2");
}

#[test]
fn an_introduction_alone_at_the_top_hides_nothing() {
    let text = "On Mon, 23 Nov 2026 at 10:11, S <s@desk.test> wrote:\n\nWe did that.\n\nIt works.\n";
    assert_eq!(folded("Re: x", text).0, "… 1 line quoted\n\nWe did that.\n\nIt works.");
}

#[test]
fn initials_quote_and_prompts_do_not() {
    let text = "Yes.\n\nJD> Is it?\nJD>\nJD> We wonder.\n";
    assert_eq!(folded("Re: x", text).0, "Yes.\n\n… 3 lines quoted");
    let text = "I typed\n\nC> dir\nC> cd x\nC> make\n";
    assert_eq!(folded("Re: x", text).0, text.trim());
}

#[test]
fn what_was_forwarded_is_no_quote() {
    let text = "Please help him.\n\n---------- Forwarded message ---------\nFrom: Bob <b@x.test>\nDate: today\nSubject: help\nTo: <c@x.test>\n\nIt burns.\n";
    assert_eq!(folded("Fwd: help", text).1, 0);
    let text = "Please help him.\n\n> Begin forwarded message:\n>\n> From: Bob\n>\n> It burns.\n> -- \n> Bob\n";
    assert_eq!(folded("Fwd: help", text).1, 0);
    let text = "Please help him.\n\n---------- Forwarded message ---------\nFrom: Bob\n\nIt burns.\n-- \nBob\n";
    assert_eq!(folded("Fwd: help", text).1, 0);
    let text = "See below.\n\nVon: Bob\nGesendet: Montag\nAn: Carol\nBetreff: Hilfe\n\nEs brennt.\n";
    assert!(folded("WG: Hilfe", text).0.contains("Es brennt."));
    assert!(!folded("AW: Hilfe", text).0.contains("Es brennt."));
}

#[test]
fn a_mail_of_nothing_but_a_quote_keeps_it() {
    assert_eq!(folded("x", "> all of it\n"), ("> all of it".to_owned(), 0));
}

#[test]
fn a_prompt_is_no_quote() {
    let text = "I typed\n\n> make\n\nand it failed.";
    assert_eq!(folded("make fails", text), (text.to_owned(), 0));
}

#[test]
fn signatures_are_folded() {
    assert_eq!(folded("x", "Hi\n\n-- \nCarol\nACME\n"), ("Hi\n\n… signature".to_owned(), 3));
    assert_eq!(folded("x", "Hi\n\nSent from my iPhone\n").0, "Hi\n\n… signature");
    assert_eq!(folded("x", "Hi\n\nVon meinem iPhone gesendet").0, "Hi\n\n… signature");
    assert_eq!(folded("x", "Hi\n\nCarol Doe from mobile").0, "Hi\n\n… signature");
    assert_eq!(folded("x", "Hi\n\nI write from mobile").0, "Hi\n\nI write from mobile");
    assert_eq!(folded("x", "Hi\n\n________\nCarol\nACME\n").0, "Hi\n\n… signature");
    assert_eq!(folded("x", "Hi\n\n\u{1427}\n").0, "Hi\n\n… signature");
    let text = "Hi\n\nSent from my desk, is much easier then my mobile phone.";
    assert_eq!(folded("x", text).0, text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever is folded, nothing is made up, and what is counted is what is missing.
    #[test]
    fn what_is_left_was_there(subject in "(Re: |Fwd: |)x", lines in proptest::collection::vec(prop_oneof![
        Just("hello"), Just(""), Just("> old"), Just(">> older"), Just(">"), Just("On Mon, 23 Nov 2026 at 10:11, S <s@x.test> wrote:"),
        Just("Am 23.11.26 um 10:11 schrieb S:"), Just("-- "), Just("--"), Just("Sent from my iPhone"), Just("From: a"), Just("To: b"),
        Just("Subject: c"), Just("Sent: d"), Just("-----Original Message-----"), Just("---------- Forwarded message ---------"),
        Just("________"), Just("AB> x"), Just("AB>"), Just("wrote:"), Just("<s@x.test>"), Just("> wrote:"), Just("日本"), Just("…"),
    ], 0..40)) {
        let text = lines.join("\n");
        let fresh = fresh(&subject, &text);
        let kept: Vec<&str> = fresh.text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("… ")).collect();
        let all: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
        prop_assert_eq!(kept.len() + fresh.folded, all.len());
        let mut rest = all.iter();
        for line in kept {
            prop_assert!(rest.any(|other| other.trim_end() == line.trim_end()), "{} is out of its place", line);
        }
    }

    #[test]
    fn any_text_can_be_read(subject in "\\PC{0,20}", text in "(\\PC|\n|> |: |<|@){0,300}") {
        let fresh = fresh(&subject, &text);
        prop_assert!(fresh.folded <= text.lines().count());
    }
}
