//! Recognising a mere thank-you, which needs no opening of a closed ticket again.

/// A word of thanks, in lower case without marks around it.
#[rustfmt::skip]
const THANKS: &[&str] = &[
    "thanks", "thank", "thankyou", "thx", "ty", "cheers", "danke", "dank", "dankeschön", "merci", "gracias", "grazie",
    "obrigado", "obrigada", "bedankt", "tack", "takk", "tak", "kiitos", "dziękuję", "dzięki", "děkuji", "díky",
    "ďakujem", "köszönöm", "mulțumesc", "mersi", "hvala", "спасибо", "дякую", "благодаря", "ευχαριστώ", "teşekkürler",
    "teşekkür", "شكرا", "תודה", "ありがとう", "ありがとうございます", "谢谢", "非常感谢", "多谢", "감사합니다", "고맙습니다", "takker", "tackar",
    "kiitoksia", "dankjewel", "dankuwel", "agradezco", "ringrazio", "obg", "děkujeme", "dziękujemy", "благодарю",
    "sağolun",
];
/// What people put around it without asking for anything.
#[rustfmt::skip]
const AROUND: &[&str] = &[
    "you", "so", "very", "much", "a", "lot", "many", "for", "the", "your", "quick", "fast", "prompt", "great", "help",
    "support", "reply", "answer", "response", "it", "that", "this", "works", "worked", "working", "now", "again",
    "fine", "perfect", "perfectly", "super", "excellent", "awesome", "good", "all", "is", "was", "done", "solved",
    "fixed", "and", "best", "kind", "regards", "hi", "hello", "dear", "team", "everyone", "to", "of", "sincerely",
    "yours", "vielen", "herzlichen", "schön", "sehr", "schnelle", "schnell", "hilfe", "für", "die", "ihre", "eure",
    "deine", "unterstützung", "antwort", "es", "das", "hat", "funktioniert", "geklappt", "klappt", "jetzt", "alles",
    "prima", "gut", "mit", "freundlichen", "freundliche", "grüßen", "grüße", "gruß", "viele", "liebe", "hallo",
    "beste", "beau", "coup", "beaucoup", "votre", "aide", "pour", "bien", "cordialement", "bonjour", "muchas", "por",
    "su", "ayuda", "mille", "molte", "muito", "hartelijk", "u", "wel", "dank", "большое", "вам", "за", "помощь",
    "спасибо", "быструю", "поддержку", "ответ", "всё", "все", "работает", "теперь", "снова", "уважением", "с",
    "mange", "tusen", "så", "meget", "mycket", "för", "hjælpen", "hjelpen", "hjälpen", "hurtige", "raske", "snabba",
    "svaret", "det", "virker", "fungerer", "fungerar", "nu", "nå", "hilsen", "venlig", "vennlig", "vänliga",
    "hälsningar", "med", "voor", "de", "hulp", "snelle", "het", "werkt", "weer", "vriendelijke", "groet", "groeten",
    "met", "per", "l", "il", "la", "aiuto", "supporto", "risposta", "rapida", "funziona", "ora", "saluti", "cordiali",
    "un", "saludo", "saludos", "respuesta", "rápida", "ya", "funciona", "todo", "pela", "pelo", "ajuda", "apoio",
    "resposta", "tudo", "agora", "atenciosamente", "bardzo", "za", "pomoc", "szybką", "odpowiedź", "działa", "już",
    "pozdrawiam", "moc", "rychlou", "odpověď", "funguje", "už", "pozdravem", "s", "avusta", "paljon", "toimii", "nyt",
    "çok", "ederim", "yardımınız", "için", "je", "vous", "remercie", "réponse", "rapide", "ça", "marche",
    "fonctionne", "maintenant", "tout",
];
/// Emoji that say thank you, or that all is well.
const GLAD: &[char] = &[
    '👍', '👌', '🙏', '❤', '💙', '💚', '💛', '🧡', '💜', '♥', '😀', '😃', '😄', '😁', '😊', '🙂', '☺', '😍', '🥰',
    '🤗', '😎', '🎉', '🥳', '👏', '🙌', '💪', '🤝', '✅', '✔', '💯', '⭐', '🌟', '😘', '🍀', '🌹', '💐',
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
    if said.is_empty() {
        return is_glad(text);
    }
    if said.len() > LONGEST {
        return false;
    }
    said.iter().any(|word| THANKS.contains(&word.as_str()))
        && said.iter().all(|word| {
            THANKS.contains(&word.as_str()) || AROUND.contains(&word.as_str()) || name.iter().any(|own| own == word)
        })
}

/// Whether a text without words is glad emoji, and nothing else.
fn is_glad(text: &str) -> bool {
    // What joins emoji, or gives them a colour of skin, is none by itself.
    let joins =
        |c: &char| c.is_whitespace() || matches!(*c, '\u{fe0f}' | '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}' | '!' | '.');
    let mut said = text.chars().filter(|c| !joins(c)).peekable();
    said.peek().is_some() && said.all(|c| GLAD.contains(&c))
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
            "👍",
            "👍🏽 ❤️!",
            "Mange tak for hjælpen!",
            "Tusen takk for hjelpen, det virker nå.",
            "Tack så mycket för hjälpen!",
            "Bedankt voor de snelle hulp!",
            "Grazie mille per l'aiuto!",
            "Muchas gracias por la ayuda, ya funciona todo.",
            "Muito obrigado pela ajuda!",
            "Dziękuję bardzo za pomoc.",
            "Děkuji moc za pomoc!",
            "Kiitos paljon avusta!",
            "Je vous remercie, merci pour votre aide.",
            "Спасибо за быструю помощь, всё работает.",
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
            "👎",
            "😡👍",
            "❓",
            "…",
            "Tak, men det virker ikke.",
            "Merci, mais ça ne marche pas.",
            "Спасибо, но не работает.",
            "Danke, geht nicht 👍",
        ] {
            assert!(!is_mere_thanks(text, "Carol Jones"), "{text}");
        }
    }
}
