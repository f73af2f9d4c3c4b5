//! Where a signature begins.

use super::Fold;

/// The longest signature in lines: what is longer below a `-- ` is text.
const LONGEST: usize = 40;

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
    let mut end = lines.len();
    while end > 0 {
        let line = lines[end - 1];
        if folds[end - 1] == Fold::Keep && !line.trim().is_empty() {
            if !is_sent_from(line) {
                return;
            }
            folds[end - 1] = Fold::Signature;
        }
        end -= 1;
    }
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
