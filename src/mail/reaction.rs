//! Reactions by mail: an emoji that somebody chose below a mail, which Gmail and Outlook send as a mail of its own.

use super::parse::{Part, REACTION};

/// How many words a reaction has at most beside the emoji: a name, and that it is one.
const MOST_WORDS: usize = 14;

/// What Outlook writes behind the name, lower case.
const OUTLOOK: &[&str] = &[
    "reacted to your message",
    "hat auf ihre nachricht reagiert",
    "hat auf deine nachricht reagiert",
    "reagierte auf ihre nachricht",
    "a réagi à votre message",
    "a réagi à ton message",
    "reaccionó a su mensaje",
    "reaccionó a tu mensaje",
    "ha reaccionado a su mensaje",
    "ha reaccionado a tu mensaje",
    "ha reagito al messaggio",
    "ha reagito al tuo messaggio",
    "heeft gereageerd op uw bericht",
    "heeft gereageerd op je bericht",
    "heeft op uw bericht gereageerd",
    "heeft op je bericht gereageerd",
    "har reageret på din meddelelse",
    "reagerede på din meddelelse",
    "har reageret på din besked",
    "reagerte på meldingen din",
    "har reagert på meldingen din",
    "reagerade på ditt meddelande",
    "har reagerat på ditt meddelande",
    "reagoi viestiisi",
    "reagoi viestiin",
    "zareagował na twoją wiadomość",
    "zareagowała na twoją wiadomość",
    "zareagował(a) na twoją wiadomość",
    "zareagoval na vaši zprávu",
    "zareagovala na vaši zprávu",
    "zareagoval(a) na vaši zprávu",
    "reagiu à sua mensagem",
    "reagiu à tua mensagem",
    "отреагировал на ваше сообщение",
    "отреагировала на ваше сообщение",
    "отреагировал(а) на ваше сообщение",
    "iletinize tepki verdi",
    "mesajınıza tepki verdi",
    "メッセージにリアクションしました",
    "对你的邮件做出了反应",
    "对您的邮件做出了反应",
];

/// Whether a mail is nothing but a reaction. `own`: its new text. Who writes more than a name beside the emoji, or
/// asks something, writes a mail, whatever its parts say.
pub(in crate::mail) fn is_reaction(root: &Part<'_>, own: &str) -> bool {
    let own = own.trim().to_lowercase();
    let words = own.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count();
    if words > MOST_WORDS || own.contains(['?', '？', '؟']) || !own.chars().any(is_emoji) {
        return false;
    }
    let is_gmails = words == 0 && has_part(root, REACTION);
    is_gmails || (own.lines().filter(|line| !line.trim().is_empty()).count() <= 2 && ends_as_outlooks(&own))
}

/// Outlook's words are the last, behind the emoji and a name.
fn ends_as_outlooks(own: &str) -> bool {
    let own = own.trim_end_matches(|c: char| !c.is_alphanumeric() && c != ')');
    OUTLOOK.iter().any(|words| own.ends_with(words))
}

fn has_part(part: &Part<'_>, kind: &str) -> bool {
    part.kind == kind || part.parts.iter().any(|part| has_part(part, kind))
}

/// Whether a character is a pictograph, or makes one of what stands before it (U+FE0F).
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}'
        | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use crate::mail::read;

    const GMAIL: &str = "Content-Type: multipart/alternative; boundary=b\nSubject: Re: Lamp\n\n\
        --b\nContent-Type: text/plain; charset=utf-8\n\nTEXT\n\n\
        --b\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{\"emoji\":\"👍\",\"version\":1}\n\
        --b\nContent-Type: text/html; charset=utf-8\n\n<p>👍</p>\n--b--\n";

    #[test]
    fn gmails_reaction_is_one_without_a_file() {
        let quote = "On Tue, 24 Nov 2026 at 10:00, Desk <s@x.test> wrote:\n> Is it dark?";
        for said in ["Carol reacted via Gmail", "Carol hat über Gmail reagiert", "Carol a réagi via Gmail"] {
            let text =
                format!("👍\n\n{said}\n<https://www.google.com/gmail/about/?utm_source=gmail-in-product>\n\n{quote}");
            let mail = read(GMAIL.replace("TEXT", &text).as_bytes()).expect("a mail");
            assert!(mail.is_reaction && mail.attachments.is_empty(), "{mail:?}");
            assert_eq!(mail.fresh.text, "👍\n\n… signature\n\n… 2 lines quoted");
        }
        for text in ["It is dark again.", "👍\n\nIt is dark again.", "👍 why?"] {
            let mail = read(GMAIL.replace("TEXT", &format!("{text}\n\n{quote}")).as_bytes()).expect("a mail");
            assert!(!mail.is_reaction, "{text}");
        }
    }

    #[test]
    fn outlooks_reaction_is_one() {
        let header =
            "________________________________\nFrom: Desk\nSent: Tuesday\nTo: Carol\nSubject: Lamp\n\nIs it dark?";
        let is_reaction = |text: &str| {
            let raw = format!("Subject: x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n{header}\n");
            read(raw.as_bytes()).expect("a mail").is_reaction
        };
        for text in [
            "👍 Carol Doe reacted to your message:",
            "❤️ Carol Doe hat auf Ihre Nachricht reagiert:",
            "😆 Carol a réagi à votre message :",
            "👍 Carol reagerede på din meddelelse:",
        ] {
            assert!(is_reaction(text), "{text}");
        }
        for text in [
            "Carol reacted to your message: it is dark.",
            "Nobody has reacted to your message",
            "👍 Carol reacted to your message\n\nBut it is dark.\n\nCarol",
            "👍 and who reacted to your message?",
        ] {
            assert!(!is_reaction(text), "{text}");
        }
    }
}
