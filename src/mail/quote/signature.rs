//! Where a signature begins.

use super::Fold;

/// The longest signature in lines: what is longer below a `-- ` is text.
const LONGEST: usize = 40;
/// Likewise below a line of underscores, and how long its lines may be.
const LONGEST_FOOTER: usize = 6;
const WIDEST_FOOTER: usize = 100;

/// Beginnings of what phones and programs write below a mail, lower case.
const SENT_FROM: &[&str] = &[
    "sent from",
    "sent via",
    "sent with",
    "sent using",
    "get outlook for",
    "get [outlook",
    "from my iphone",
    "from my ipad",
    "envoyé de mon",
    "envoyé depuis",
    "envoyé à partir",
    "envoyé avec",
    "von meinem",
    "von meiner",
    "gesendet von",
    "gesendet mit",
    "gesendet über",
    "diese nachricht wurde von meinem",
    "enviado desde",
    "enviado do",
    "enviado con",
    "inviato da",
    "inviato con",
    "verzonden vanaf",
    "verstuurd vanaf",
    "verzonden met",
    "verstuurd met",
    "sendt fra",
    "skickat från",
    "skickades från",
    "lähetetty",
    "wysłane z",
    "wysłano z",
    "odesláno z",
    "odoslané z",
    "отправлено с",
    "отправлено из",
    "надіслано з",
    "iphone'umdan",
    "iphone'dan",
    "从我的",
    "從我的",
    "发自我的",
    "iphoneから",
    "mit freundlichen grüßen von meinem",
    "outlook für",
    "holen sie sich outlook",
    "télécharger outlook",
    "télécharger <",
    "obtener outlook",
    "scarica outlook",
    "von outlook für",
    "yahoo mail",
    "sent by",
    "發自我的",
    "odesláno ze",
    "trimis de pe",
    "изпратено от",
    "poslano s",
    "poslano z",
    "στάλθηκε από",
    "nosūtīts no",
    "išsiųsta iš",
    "küldve",
    "나의 iphone",
    "내 iphone",
    "enviat des",
    "gửi từ",
    "נשלח מה",
    "أُرسلت من",
];

/// What those devices and programs are called, lower case.
const DEVICES: &[&str] = &[
    "iphone",
    "ipad",
    "ipod",
    "android",
    "samsung",
    "galaxy",
    "blackberry",
    "mobil",
    "phone",
    "cell",
    "windows",
    "mail",
    "outlook",
    "yahoo",
    "huawei",
    "nokia",
    "htc",
    "xperia",
    "pixel",
    "proton",
    "k-9",
    "device",
    "tablet",
    "handy",
    "gerät",
    "alcatel",
    "ti-85",
    "xiaomi",
    "oneplus",
    "motorola",
    "smartphone",
    "telefon",
    "téléphone",
    "teléfono",
    "dispositivo",
    "appareil",
    "gmx",
    "web.de",
    "thunderbird",
    "spark",
    "mac",
    "watch",
    "telekom",
    "fairmail",
    "iphon",
    "яндекс",
    "app",
    "почт",
    "телефон",
    "айфон",
    "мобил",
    "手机",
    "手機",
];

/// Marks the signature: what stands below `-- ` up to a quote or the end, and what phones add.
pub(super) fn find(lines: &[&str], folds: &mut [Fold]) {
    for at in 1..lines.len() {
        if folds[at] != Fold::Keep || !matches!(lines[at].trim_end(), "--" | "—" | "–") {
            continue;
        }
        let window = lines.len().min(at + LONGEST + 1);
        let end = (at..window).find(|&next| folds[next] == Fold::Quote).unwrap_or(window);
        if end - at <= LONGEST {
            folds[at..end].fill(Fold::Signature);
        }
    }
    footer(lines, folds);
    let mut end = lines.len();
    while end > 0 {
        let line = lines[end - 1];
        if folds[end - 1] == Fold::Keep && !line.trim().is_empty() {
            if !(is_sent_from(line) || is_named_sender(line) || is_tracking_mark(line)) {
                return;
            }
            folds[end - 1] = Fold::Signature;
        }
        end -= 1;
    }
}

/// Marks a few short lines below a line of underscores at the end: a signature, or a mailing list's words.
fn footer(lines: &[&str], folds: &mut [Fold]) {
    let is_rule = |line: &str| line.trim().len() >= 5 && line.trim().bytes().all(|byte| byte == b'_');
    let Some(rule) = (1..lines.len()).rev().find(|&at| folds[at] == Fold::Keep && is_rule(lines[at])) else { return };
    let shown: Vec<&str> = (rule + 1..lines.len())
        .filter(|&at| folds[at] == Fold::Keep && !lines[at].trim().is_empty())
        .map(|at| lines[at])
        .collect();
    if shown.len() <= LONGEST_FOOTER && shown.iter().all(|line| line.len() <= WIDEST_FOOTER) {
        folds[rule..lines.len()]
            .iter_mut()
            .filter(|fold| **fold == Fold::Keep)
            .for_each(|fold| *fold = Fold::Signature);
    }
}

/// Whether a line is nothing but the sign that mail-tracking extensions leave (U+1427).
fn is_tracking_mark(line: &str) -> bool {
    line.trim().chars().all(|c| c == '\u{1427}')
}

/// "Carol from mobile", "Carol Doe via iPhone": a name, and nothing else but the device.
fn is_named_sender(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| matches!(*word, "from" | "via")) else { return false };
    let named = (1..=3).contains(&at)
        && words[..at].iter().all(|word| *word != "I" && word.starts_with(char::is_uppercase))
        && at + 2 <= words.len()
        && words.len() <= at + 3;
    let device = words.last().copied().unwrap_or_default().to_lowercase();
    named && DEVICES.iter().any(|known| device.starts_with(known))
}

/// Whether a line is what a phone or a program adds below a mail.
fn is_sent_from(line: &str) -> bool {
    let line = line.trim().trim_matches(['*', '_', '(', ')', '<', '>', ' ', '-', '.']).to_lowercase();
    if line.len() > 160 || !SENT_FROM.iter().any(|words| line.starts_with(words)) {
        return false;
    }
    let near: Vec<&str> = line.split_whitespace().take(7).collect();
    // "Sent from my desk, which is quieter than the phone" is no signature.
    let head = near.join(" ");
    let head = head.split(',').next().unwrap_or_default();
    DEVICES.iter().any(|device| head.contains(device))
}
