//! What mail programs write above a quote and below a mail, in the languages of their users.

use super::super::fresh;

/// Gmail, Apple, Yahoo, Thunderbird, mail.ru, Yandex, Zoho, Proton, `KMail` and Mutt.
const ATTRIBUTIONS: &[&str] = &[
    "On Mon, Nov 23, 2026 at 10:11 AM Support <support@desk.test> wrote:",
    "pon., 23 lis 2026 o 10:11 Support <support@desk.test> napisał(a):",
    "пн, 23 нояб. 2026 г. в 10:11, Support <support@desk.test>:",
    "пн, 23 лист. 2026 р. о 10:11 Support <support@desk.test> пише:",
    "po 23. 11. 2026 v 10:11 odesílatel Support <support@desk.test> napsal:",
    "po 23. 11. 2026 o 10:11 Support <support@desk.test> napísal(a):",
    "Support <support@desk.test> ezt írta (időpont: 2026. nov. 23., H, 10:11):",
    "În lun., 23 nov. 2026 la 10:11, Support <support@desk.test> a scris:",
    "Support <support@desk.test>, 23 Kas 2026 Pzt, 10:11 tarihinde şunu yazdı:",
    "Στις Δευ 23 Νοε 2026 στις 10:11 π.μ., ο χρήστης Support <support@desk.test> έγραψε:",
    "Den man. 23. nov. 2026 kl. 10.11 skrev Support <support@desk.test>:",
    "man. 23. nov. 2026 kl. 10:11 skrev Support <support@desk.test>:",
    "ma 23. marrask. 2026 klo 10.11 Support (support@desk.test) kirjoitti:",
    "2026年11月23日(月) 10:11 Support <support@desk.test>:",
    "Support <support@desk.test> 于2026年11月23日周一 10:11写道：",
    "Support <support@desk.test> 於 2026年11月23日 週一 上午10:11寫道：",
    "2026년 11월 23일 (월) 오전 10:11, Support <support@desk.test>님이 작성:",
    "Vào Th 2, 23 thg 11, 2026 vào lúc 10:11 Support <support@desk.test> đã viết:",
    "На пн, 23.11.2026 г. в 10:11 Support <support@desk.test> написа:",
    "pon, 23. stu 2026. u 10:11 Support <support@desk.test> napisao je:",
    "V pon., 23. nov. 2026 ob 10:11 je oseba Support <support@desk.test> napisala:",
    "2026-11-23, pr, 10:11 Support <support@desk.test> rašė:",
    "pirmd., 2026. g. 23. nov., plkst. 10:11 — lietotājs Support (<support@desk.test>) rakstīja:",
    "Support (<support@desk.test>) kirjutas kuupäeval E, 23. november 2026 kell 10:11:",
    "Missatge de Support <support@desk.test> del dia dl., 23 de nov. 2026 a les 10:11:",
    "בתאריך יום ב׳, 23 בנוב׳ 2026 ב-10:11 מאת Support <support@desk.test>:",
    "في الاثنين، 23 نوفمبر 2026 في 10:11 ص تمت كتابة ما يلي بواسطة Support <support@desk.test>:",
    "ในวันที่ จ. 23 พ.ย. 2026 เวลา 10:11 Support <support@desk.test> เขียนว่า:",
    "Pada tanggal Sen, 23 Nov 2026 pukul 10.11 Support <support@desk.test> menulis:",
    "On 23 Nov 2026, at 10:11, Support <support@desk.test> wrote:",
    "Am 23.11.2026 um 10:11 schrieb Support <support@desk.test>:",
    "Le 23 nov. 2026 à 10:11, Support <support@desk.test> a écrit :",
    "23 нояб. 2026 г., в 10:11, Support <support@desk.test> написал(а):",
    "Il giorno 23 nov 2026, alle ore 10:11, Support <support@desk.test> ha scritto:",
    "El 23 nov 2026, a las 10:11, Support <support@desk.test> escribió:",
    "Op 23 nov. 2026 om 10:11 heeft Support <support@desk.test> het volgende geschreven:",
    "Wiadomość napisana przez Support <support@desk.test> w dniu 23.11.2026, o godz. 10:11:",
    "2026/11/23 10:11、Support <support@desk.test>のメール:",
    "No dia 23 de nov. de 2026, às 10:11, Support <support@desk.test> escreveu:",
    "在 2026年11月23日，10:11，Support <support@desk.test> 写道：",
    "On Monday, November 23, 2026 at 10:11:12 AM GMT+1, Support <support@desk.test> wrote:",
    "Am Montag, 23. November 2026 um 10:11:12 MEZ hat Support <support@desk.test> Folgendes geschrieben:",
    "En lunes, 23 de noviembre de 2026, 10:11:12 CET, Support <support@desk.test> escribió:",
    "lunedì 23 novembre 2026 alle ore 10:11:12 CET, Support <support@desk.test> ha scritto:",
    "On 11/23/26 10:11, Support wrote:",
    "23.11.2026 10:11, Support пишет:",
    "Dne 23. 11. 26 v 10:11 Support napsal(a):",
    "Понедельник, 23 ноября 2026, 10:11 +03:00 от Support <support@desk.test>:",
    "23.11.2026, 10:11, \"Support\" <support@desk.test>:",
    "---- On Mon, 23 Nov 2026 10:11:12 +0100 Support <support@desk.test> wrote ----",
    "On Monday, 23 November 2026 at 10:11, Support <support@desk.test> wrote:",
    "On Mon, Nov 23, 2026 at 10:11:12AM +0100, Support wrote:",
    "Am Montag, 23. November 2026, 10:11:12 CET schrieb Support:",
    "在 2026-11-23 10:11:12，\"Support\" <support@desk.test> 写道：",
];

/// Outlook's header of the mail that is answered: who, when, to whom, about what.
const HEADERS: &[[&str; 4]] = &[
    ["From", "Sent", "To", "Subject"],
    ["Von", "Gesendet", "An", "Betreff"],
    ["De", "Envoyé", "À", "Objet"],
    ["De", "Enviado el", "Para", "Asunto"],
    ["Da", "Inviato", "A", "Oggetto"],
    ["De", "Enviado", "Para", "Assunto"],
    ["Van", "Verzonden", "Aan", "Onderwerp"],
    ["Från", "Skickat", "Till", "Ämne"],
    ["Fra", "Sendt", "Til", "Emne"],
    ["Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"],
    ["Od", "Wysłano", "Do", "Temat"],
    ["Od", "Odesláno", "Komu", "Předmět"],
    ["Odosielateľ", "Odoslané", "Komu", "Predmet"],
    ["Feladó", "Elküldve", "Címzett", "Tárgy"],
    ["De la", "Trimis", "Către", "Subiect"],
    ["Kimden", "Gönderildi", "Kime", "Konu"],
    ["Από", "Εστάλη", "Προς", "Θέμα"],
    ["От", "Отправлено", "Кому", "Тема"],
    ["Від", "Надіслано", "Кому", "Тема"],
    ["От", "Изпратено", "До", "Относно"],
    ["Šalje", "Poslano", "Prima", "Predmet"],
    ["发件人", "发送时间", "收件人", "主题"],
    ["寄件者", "寄件日期", "收件者", "主旨"],
    ["差出人", "送信日時", "宛先", "件名"],
    ["보낸 사람", "보낸 날짜", "받는 사람", "제목"],
    ["מאת", "נשלח", "אל", "נושא"],
    ["من", "تاريخ الإرسال", "إلى", "الموضوع"],
];

const ORIGINALS: &[&str] = &[
    "-----Original Message-----",
    "-------- Original message --------",
    "-----Ursprüngliche Nachricht-----",
    "-------- Ursprüngliche Nachricht --------",
    "-----Message d'origine-----",
    "-------- Message d'origine --------",
    "-----Mensaje original-----",
    "-----Messaggio originale-----",
    "-----Mensagem original-----",
    "-----Oorspronkelijk bericht-----",
    "-----Ursprungligt meddelande-----",
    "-----Opprinnelig melding-----",
    "-----Oprindelig meddelelse-----",
    "-----Alkuperäinen viesti-----",
    "-----Original-Nachricht-----",
    "-----Исходное сообщение-----",
    "------------------ 原始邮件 ------------------",
    "------------------ Original ------------------",
    "-----元のメッセージ-----",
    "-----원본 메시지-----",
];

const DEVICES: &[&str] = &[
    "Sent from my iPhone",
    "Sent from Yahoo Mail for iPhone",
    "Sent from Outlook for iOS",
    "Get Outlook for Android",
    "Sent from Mail for Windows",
    "Sent with Proton Mail secure email.",
    "Von meinem iPhone gesendet",
    "Von meinem Samsung Galaxy Smartphone gesendet.",
    "Gesendet von Outlook für Android",
    "Gesendet mit der GMX Mail App",
    "Envoyé de mon iPhone",
    "Envoyé à partir de Outlook pour Android",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Inviato dal mio telefono",
    "Verstuurd vanaf mijn iPhone",
    "Verzonden vanaf mijn Samsung Galaxy-smartphone.",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Отправлено с iPhone",
    "Отправлено из мобильной Почты Mail.ru",
    "Отправлено из Mail.ru для Android",
    "Отправлено из мобильного приложения Яндекс Почты",
    "Надіслано з iPhone",
    "iPhone'umdan gönderildi",
    "iPhoneから送信",
    "从我的iPhone发送",
    "發自我的 iPhone",
    "나의 iPhone에서 보냄",
    "Trimis de pe iPhone-ul meu",
    "Στάλθηκε από το iPhone μου",
];

#[test]
fn attributions_above_marked_quotes() {
    let mut wrong = Vec::new();
    for attribution in ATTRIBUTIONS {
        let text = format!("It works.\n\n{attribution}\n> Hello\n>\n> Try again.\n");
        if fresh("x", &text).text != "It works.\n\n… 4 lines quoted" {
            wrong.push(attribution);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn attributions_above_unmarked_quotes() {
    let mut wrong = Vec::new();
    for attribution in ATTRIBUTIONS {
        let text = format!("It works.\n\n{attribution}\n\nHello\n\nTry again.\n");
        if fresh("x", &text).text != "It works.\n\n… 3 lines quoted" {
            wrong.push(attribution);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn headers_above_quotes() {
    let mut wrong = Vec::new();
    for [from, sent, to, subject] in HEADERS {
        for rule in ["", "________________________________\n"] {
            let text =
                format!("It works.\n\n{rule}{from}: Support\n{sent}: 23.11.2026\n{to}: Carol\n{subject}: x\n\nHello\n");
            let lines = 5 + usize::from(!rule.is_empty());
            if fresh("x", &text).text != format!("It works.\n\n… {lines} lines quoted") {
                wrong.push(from);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn rules_above_quotes() {
    let is_wrong =
        |rule: &&&str| fresh("x", &format!("It works.\n\n{rule}\nHello\n")).text != "It works.\n\n… 2 lines quoted";
    let wrong: Vec<&&str> = ORIGINALS.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_programs_add() {
    let is_wrong = |device: &&&str| fresh("x", &format!("It works.\n\n{device}\n")).text != "It works.\n\n… signature";
    let wrong: Vec<&&str> = DEVICES.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What people write themselves looks like none of it.
#[test]
fn own_words_stay() {
    for text in [
        "Hello,\n\nI did as Bob wrote:\n\nstep 1\nstep 2",
        "My settings:\n\nFrom: me@x.test\nPort: 25\n\nIs that right?",
        "He wrote at 10:11:\n\nDon't do it.",
        "These are my questions:\n\n1. Why?\n2. When?",
        "Subject: is not shown\nTo: neither\n\nWhy?",
        "On 1 May:\n\nIt broke.",
        "Sent from the transports, mail is broken at home",
    ] {
        assert_eq!(fresh("x", text).text, text);
    }
}
