//! Recognising a mere thank-you, which needs no opening of a closed ticket again.

/// A word of thanks, in lower case without marks around it.
const THANKS: &[&str] = &[
    "thanks",
    "thank",
    "thankyou",
    "thx",
    "ty",
    "cheers",
    "danke",
    "dank",
    "dankeschön",
    "merci",
    "gracias",
    "grazie",
    "obrigado",
    "obrigada",
    "bedankt",
    "tack",
    "takk",
    "tak",
    "kiitos",
    "dziękuję",
    "dzięki",
    "děkuji",
    "díky",
    "ďakujem",
    "köszönöm",
    "mulțumesc",
    "mersi",
    "hvala",
    "спасибо",
    "дякую",
    "благодаря",
    "ευχαριστώ",
    "teşekkürler",
    "teşekkür",
    "شكرا",
    "תודה",
    "ありがとう",
    "ありがとうございます",
    "谢谢",
    "감사합니다",
];
/// What people put around it without asking for anything.
const AROUND: &[&str] = &[
    "you",
    "so",
    "very",
    "much",
    "a",
    "lot",
    "many",
    "for",
    "the",
    "your",
    "quick",
    "fast",
    "prompt",
    "great",
    "help",
    "support",
    "reply",
    "answer",
    "response",
    "it",
    "that",
    "this",
    "works",
    "worked",
    "working",
    "now",
    "again",
    "fine",
    "perfect",
    "perfectly",
    "super",
    "excellent",
    "awesome",
    "good",
    "all",
    "is",
    "was",
    "done",
    "solved",
    "fixed",
    "and",
    "best",
    "kind",
    "regards",
    "hi",
    "hello",
    "dear",
    "team",
    "everyone",
    "to",
    "of",
    "sincerely",
    "yours",
    "again",
    "vielen",
    "herzlichen",
    "schön",
    "sehr",
    "schnelle",
    "schnell",
    "hilfe",
    "für",
    "die",
    "ihre",
    "eure",
    "deine",
    "unterstützung",
    "antwort",
    "es",
    "das",
    "hat",
    "funktioniert",
    "geklappt",
    "klappt",
    "jetzt",
    "alles",
    "prima",
    "gut",
    "mit",
    "freundlichen",
    "freundliche",
    "grüßen",
    "grüße",
    "gruß",
    "viele",
    "liebe",
    "hallo",
    "beste",
    "beau",
    "coup",
    "beaucoup",
    "votre",
    "aide",
    "pour",
    "bien",
    "cordialement",
    "bonjour",
    "muchas",
    "por",
    "su",
    "ayuda",
    "mille",
    "molte",
    "muito",
    "hartelijk",
    "u",
    "wel",
    "dank",
    "большое",
    "вам",
    "за",
    "помощь",
];
/// The longest thank-you, in words.
const LONGEST: usize = 24;

/// Whether a text says thank you and nothing else. `name` is the writer's own, which they sign with.
///
/// It errs to the side of opening: one word that is not known to be harmless, a question mark, and it
/// is no mere thank-you.
#[must_use]
pub fn is_mere_thanks(text: &str, name: &str) -> bool {
    if text.contains(['?', '？', '؟']) {
        return false;
    }
    let name = words(name);
    let said = words(text);
    if said.is_empty() || said.len() > LONGEST {
        return false;
    }
    said.iter().any(|word| THANKS.contains(&word.as_str()))
        && said.iter().all(|word| {
            THANKS.contains(&word.as_str()) || AROUND.contains(&word.as_str()) || name.iter().any(|own| own == word)
        })
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    parts.filter(|word| !word.is_empty()).take(LONGEST + 1).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_and_nothing_else() {
        for text in [
            "Thank you!",
            "Thanks a lot, it works now.\n\nBest regards\nCarol",
            "Vielen Dank für die schnelle Hilfe!",
            "merci beaucoup",
            "Спасибо большое!",
            "ありがとうございます。",
            "Super, danke 👍",
        ] {
            assert!(is_mere_thanks(text, "Carol Jones"), "{text}");
        }
    }

    #[test]
    fn whatever_asks_for_something_opens_the_ticket() {
        for text in [
            "Thanks, but it does not work.",
            "Thank you. Can you also look at floor 3?",
            "Danke, aber es geht nicht",
            "It works.",
            "",
            "No thanks",
            "Thanks. Please call me.",
        ] {
            assert!(!is_mere_thanks(text, "Carol Jones"), "{text}");
        }
    }
}
