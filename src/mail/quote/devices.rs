//! What phones, tablets and mail programs add below a mail.

/// Beginnings of what phones and programs write below a mail, lower case.
#[rustfmt::skip]
const SENT_FROM: &[&str] = &[
    "sent from", "sent via", "sent with", "sent using", "get outlook for", "get [outlook", "from my iphone",
    "from my ipad", "envoyé de mon", "envoyé depuis", "envoyé à partir", "envoyé avec", "von meinem", "von meiner",
    "gesendet von", "gesendet mit", "gesendet über", "diese nachricht wurde von meinem", "enviado desde",
    "enviado do", "enviado con", "inviato da", "inviato con", "verzonden vanaf", "verstuurd vanaf", "verzonden met",
    "verstuurd met", "sendt fra", "skickat från", "skickades från", "lähetetty", "wysłane z", "wysłano z",
    "odesláno z", "odoslané z", "отправлено с", "отправлено из", "надіслано з", "iphone'umdan", "iphone'dan", "从我的",
    "從我的", "发自我的", "iphoneから", "mit freundlichen grüßen von meinem", "outlook für", "holen sie sich outlook",
    "télécharger outlook", "télécharger <", "obtener outlook", "scarica outlook", "von outlook für", "yahoo mail",
    "sent by", "發自我的", "odesláno ze", "trimis de pe", "изпратено от", "poslano s", "poslano z", "στάλθηκε από",
    "nosūtīts no", "išsiųsta iš", "küldve", "나의 iphone", "내 iphone", "enviat des", "gửi từ", "נשלח מה", "أُرسلت من",
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

/// What names the writer's own device, which may be of any make then: beginnings, lower case.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "sent from my ", "gesendet von meinem ", "gesendet von meiner ", "von meinem ", "von meiner ", "envoyé de mon ",
    "envoyé depuis mon ", "envoyé à partir de mon ", "enviado desde mi ", "enviado do meu ", "enviado da minha ",
    "enviado de meu ", "inviato dal mio ", "inviato dalla mia ", "verzonden vanaf mijn ", "verstuurd vanaf mijn ",
    "verzonden met mijn ", "sendt fra min ", "sendt fra mit ", "skickat från min ", "lähetetty ", "wysłane z mojego ",
    "wysłano z mojego ", "odesláno z mého ", "odesláno z mojí ", "odoslané z môjho ", "отправлено с моего ",
    "отправлено с моей ", "надіслано з мого ", "trimis de pe ", "στάλθηκε από το ", "sent from a ", "sent on my ",
    "sent via my ", "sent with my ", "sent using my ", "written on my ", "typed on my ", "gesendet mit meinem ",
    "geschrieben auf meinem ", "envoyé avec mon ", "envoyé par mon ", "enviado con mi ", "enviado desde un ",
    "inviato con il mio ", "verstuurd met mijn ", "sendt med min ", "skickat med min ", "wysłane z ", "wysłano z ",
    "odesláno z ", "odosláno z ",
];
/// What else people send from or have it sent by, as beginnings of words, lower case.
#[rustfmt::skip]
const NO_DEVICE: &[&str] = &[
    "address", "account", "transports", "desk", "home", "house", "flat", "shop", "colleague", "boss", "wife", "husband",
    "friend", "adresse", "konto", "büro", "schreibtisch", "chef", "kolleg", "frau", "mann", "freund", "haus", "vater",
    "mutter", "sohn", "tochter", "partner", "bureau", "compte", "oficina", "cuenta", "ufficio", "kantoor", "kontor",
    "toimisto", "biur", "kancel", "офис", "адрес",
];
/// What asks for a Turkish or an Asian device: it stands behind or before a name.
const TURKISH: &str = " gönderildi";
const ASIAN: &[&str] = &["发自我的", "發自我的", "从我的", "從我的", "나의 ", "내 "];
/// How many words or characters such a name has at most.
const NAME_WORDS: usize = 4;
const NAME_CHARS: usize = 24;

/// How Gmail says below an emoji that it is a reaction: words before and behind its name.
#[rustfmt::skip]
const REACTED: &[&str] = &[
    "reacted", "reagiert", "réagi", "reaccion", "reagi", "gereageerd", "reager", "zareagowa", "zareagoval", "reagoi",
    "отреагир", "відреаг", "tepki", "リアクション", "回应", "回應", "반응",
];

/// Whether a line is one that a phone or a program added.
pub(super) fn is_added(line: &str) -> bool {
    is_sent_from(line)
        || is_own_device(line)
        || is_named_sender(line)
        || is_tracking_mark(line)
        || is_reaction_mark(line)
}

/// "Sent from my Fairphone": the writer's own, in a few words of which the first is a name.
fn is_own_device(line: &str) -> bool {
    let line = line.trim().trim_matches(['*', '_', '<', '>', ' ', '-', '.', '。']);
    if line.len() > 100 || line.contains([',', '?', '!', ':']) {
        return false;
    }
    let lower = line.to_lowercase();
    if ASIAN.iter().any(|own| lower.starts_with(own)) {
        return line.chars().count() <= NAME_CHARS;
    }
    if let Some(device) = lower.strip_suffix(TURKISH) {
        return device.contains('\'') && device.split_whitespace().count() <= NAME_WORDS;
    }
    // The capitals are gone in `lower`, whose words are as many.
    let Some(own) = OWN.iter().find(|own| lower.starts_with(*own)) else { return false };
    let name: Vec<&str> = line.split_whitespace().skip(own.split_whitespace().count()).collect();
    let name = match name.split_last() {
        Some((&("gesendet" | "verschickt" | "geschickt"), rest)) => rest,
        _ if own.starts_with("von ") => return false,
        _ => &name,
    };
    let is_named =
        name.first().is_some_and(|first| first.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()));
    let is_else = |word: &&str| {
        let word = word.to_lowercase();
        NO_DEVICE.iter().any(|known| word.starts_with(known))
    };
    is_named && name.len() <= NAME_WORDS && !name.iter().any(is_else)
}

/// Gmail's "Carol reacted via Gmail", and the link below it.
fn is_reaction_mark(line: &str) -> bool {
    let lower = line.trim().to_lowercase();
    if lower.len() > 200 || !lower.contains("gmail") {
        return false;
    }
    let leads_to_gmail = lower.trim_start_matches('<').starts_with("https://www.google.com/gmail/");
    leads_to_gmail || (lower.split_whitespace().count() <= 8 && REACTED.iter().any(|verb| lower.contains(verb)))
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
    if line.len() > 160 || line.ends_with('?') || !SENT_FROM.iter().any(|words| line.starts_with(words)) {
        return false;
    }
    let near: Vec<&str> = line.split_whitespace().take(7).collect();
    // "Sent from my desk, which is quieter than the phone" is no signature.
    let head = near.join(" ");
    let head = head.split(',').next().unwrap_or_default();
    DEVICES.iter().any(|device| head.contains(device))
}
