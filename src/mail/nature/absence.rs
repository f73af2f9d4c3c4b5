//! Absence notes: known by how their subject begins or, where no person can have sent the mail, by their words.

use crate::mail::clean;

/// How much of a text is looked at.
const HEAD: usize = 600;

/// Beginnings of an absence note's subject, lower case.
const SUBJECTS: &[&str] = &[
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "[auto-reply]",
    "auto response",
    "auto-response",
    "autoresponse",
    "automatic response",
    "automated response",
    "automated reply",
    "out of office",
    "out of the office",
    "out-of-office",
    "ooo",
    "autorespuesta",
    "réponse automatisée",
    "不在通知",
    "부재중",
    "vacation",
    "away from my mail",
    "i am away",
    "automatische antwort",
    "automatische nachricht",
    "abwesenheitsnotiz",
    "abwesenheit",
    "abwesenheitsassistent",
    "abwesenheitsagent",
    "abwesenheitsmeldung",
    "ich bin nicht im haus",
    "nicht im büro",
    "réponse automatique",
    "absence du bureau",
    "message d'absence",
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "ausente",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "automatisch antwoord",
    "afwezigheidsbericht",
    "afwezig",
    "autosvar",
    "frånvaro",
    "automatisk svar",
    "automatiskt svar",
    "fraværsbesked",
    "fravær",
    "resposta automática",
    "ausência",
    "odpowiedź automatyczna",
    "autoodpowiedź",
    "automatická odpověď",
    "автоответ",
    "автоматический ответ",
    "автоматична відповідь",
    "automaattinen vastaus",
    "poissa",
    "otomatik yanıt",
    "自動返信",
    "自动回复",
    "自動回覆",
    "automatikus válasz",
    "răspuns automat",
];

/// What absence notes say, lower case.
const SAID: &[&str] = &[
    "out of the office",
    "out of office",
    "away from the office",
    "away from my desk",
    "not in the office",
    "i am away",
    "i'm away",
    "on vacation",
    "on holiday",
    "on annual leave",
    "on leave until",
    "limited access to e",
    "automatic reply",
    "automated reply",
    "automated response",
    "nicht im büro",
    "nicht im haus",
    "außer haus",
    "bin ich wieder",
    "im urlaub",
    "abwesend",
    "nicht erreichbar",
    "absent du bureau",
    "absente du bureau",
    "je suis absent",
    "en congé",
    "fuera de la oficina",
    "de vacaciones",
    "fuori ufficio",
    "sono in ferie",
    "afwezig",
    "met vakantie",
    "op vakantie",
    "på semester",
    "på ferie",
    "na urlopie",
    "nieobecn",
    "mimo kancelář",
    "ausente do escritório",
    "estou de férias",
    "в отпуске",
    "отсутствую",
    "不在にして",
    "休暇",
    "外出しております",
    "不在办公室",
    "休假",
];

/// Whether a subject is an absence note's: it begins like one, and goes on like a heading. "Out of
/// office replies don't work" is a person's.
pub(super) fn is_subject(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    let subject = subject.trim();
    SUBJECTS.iter().any(|words| {
        subject.strip_prefix(words).is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.is_empty()
                || rest.starts_with([':', '-', '–', '(', '[', '!', '.', ',', '：', '/', '"'])
                || [
                    "reply",
                    "autoreply",
                    "auto-reply",
                    "notification",
                    "notice",
                    "message",
                    "until",
                    "from",
                    "bis",
                    "vom",
                    "re:",
                    "aw:",
                ]
                .iter()
                .any(|more| rest.starts_with(more))
                    && !rest.contains("n't")
        })
    })
}

/// Whether a text says at its beginning that its writer is away. People say that, too, so it counts only
/// for what no person sent.
pub(super) fn is_text(text: &str) -> bool {
    let head = clean::line(clean::cut(text, HEAD)).to_lowercase();
    SAID.iter().any(|words| head.contains(words))
}
