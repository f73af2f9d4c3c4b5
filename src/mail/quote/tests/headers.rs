//! Rules, headers and introductions above a quote without marks, and what only looks like one.

use super::folded;

#[test]
fn rules_above_a_quote_of_many_languages() {
    for (rule, header) in [
        (
            "-------- Oprindelig besked --------",
            "Fra: S <s@x.test>\nDato: 24.11.2026 10.00\nTil: carol@customer.test\nEmne: x",
        ),
        ("-----Oprindelig meddelelse-----", "Fra: S\nSendt: 24. november 2026 10:00\nTil: Carol\nEmne: x"),
        ("---- Opprinnelig melding ----", "Fra: S\nSendt: 24. november 2026 10:00\nTil: Carol\nEmne: x"),
        ("-----Ursprüngliche Nachricht-----", "Von: S\nGesendet: Dienstag\nAn: Carol\nBetreff: x"),
        ("Ursprüngliche Nachricht", "Von: S\nGesendet: Dienstag\nAn: Carol\nBetreff: x"),
        ("Message du 24/11/2026 10:00", "De : \"S\" <s@x.test>\nA : carol@customer.test\nCopie à :\nObjet : x"),
        ("Message du : 24/11/2026 10:00", "De : s@x.test\nA : carol@customer.test\nCopie à :\nSujet : x"),
        ("----- Mail original -----", "De: \"S\" <s@x.test>\nÀ: carol@customer.test\nEnvoyé: Mardi\nObjet: x"),
        ("-------- Message d’origine --------", "De : S\nDate : 24/11/2026\nÀ : Carol\nObjet : x"),
        ("=== Mensaje original ===", "De: S\nEnviado: martes\nPara: Carol\nAsunto: x"),
        ("*** Messaggio originale ***", "Da: S\nInviato: martedì\nA: Carol\nOggetto: x"),
        ("-----Oorspronkelijk bericht-----", "Van: S\nVerzonden: dinsdag\nAan: Carol\nOnderwerp: x"),
        ("-------- Ursprungligt meddelande --------", "Från: S\nSkickat: tisdag\nTill: Carol\nÄmne: x"),
        ("-------- Alkuperäinen viesti --------", "Lähettäjä: S\nLähetetty: tiistai\nVastaanottaja: Carol\nAihe: x"),
        ("-----Wiadomość oryginalna-----", "Od: S\nWysłano: wtorek\nDo: Carol\nTemat: x"),
        ("-------- Původní e-mail --------", "Od: S\nKomu: Carol\nDatum: 24. 11. 2026\nPředmět: x"),
        ("-------- Исходное сообщение --------", "От: S\nОтправлено: вторник\nКому: Carol\nТема: x"),
        ("-----Orijinal İleti-----", "Kimden: S\nGönderilen: Salı\nKime: Carol\nKonu: x"),
        ("[Original Message]", "From: S\nDate: Tuesday\nTo: Carol\nSubject: x"),
    ] {
        let text = format!("It is the left one.\n\n{rule}\n{header}\n\nWhich door?\n");
        assert_eq!(folded("Re: x", &text).0, "It is the left one.\n\n… 6 lines quoted", "{rule}");
        let marked = format!("> {rule}\n{header}\n\nWhich door?").replace('\n', "\n> ");
        assert_eq!(
            folded("x", &format!("It is the left one.\n\n{marked}")).0,
            "It is the left one.\n\n… 7 lines quoted",
            "{rule}"
        );
    }
}

#[test]
fn notes_writes_names_and_values_apart() {
    let answer = "It is the left one.\n\nCarol\n\n";
    for header in [
        "S Desk <s@x.test>\nSent by: S Desk <s@x.test>\n24/11/2026 10:00\nPlease respond to\nS Desk <s@x.test>\n\n\nTo\ncarol@customer.test\ncc\n\nSubject\nx",
        "S Desk <s@x.test>\n24.11.2026 10:00\nBitte antworten an\nS Desk <s@x.test>\n\nAn\ncarol@customer.test\nKopie\n\nThema\nx",
        "\"S Desk\" <s@x.test> \n24/11/2026 10:00 AM\n\n        To:     carol@customer.test\n        cc:\n        Subject:        x",
        "S Desk <s@x.test>\n24.11.2026 10:00\n\nAn \"carol@customer.test\" <carol@customer.test>\nKopie\nThema x",
        "S Desk/HQ/Lamps@Lamps\n24/11/2026 10:00\n\nPour\ncarol@customer.test\ncc\n\nObjet\nx",
        "S Desk <s@x.test>\n24/11/2026 10:00\n\nPara\ncarol@customer.test\ncc\n\nAsunto\nx",
        "S Desk\n24-11-2026 10:00\n\nAan\ncarol@customer.test\ncc\n\nOnderwerp\nx",
        "|---------+---------------------->\n|         | S <s@x.test>          |\n|         | 24/11/2026 10:00      |\n|---------+---------------------->\n  | To:      carol@customer.test |\n  | cc:                          |\n  | Subject: x                   |",
    ] {
        let text = format!("{answer}\n\n{header}\n\n\nWhich door?\n");
        let fresh = folded("Re: x", &text).0;
        assert!(fresh.starts_with("It is the left one.\n\nCarol\n\n… ") && !fresh.contains("24"), "{header}: {fresh}");
        assert!(!fresh.contains("Which door"), "{header}: {fresh}");
    }
    let text = "It is the left one.\n\nFrom\nDesk\nTo\ncarol@customer.test\nDate\n24/11/2026 10:00\nSubject\nx\n\nWhich door?\n";
    assert_eq!(folded("Re: x", text).0, "It is the left one.\n\n… 9 lines quoted");
    let text = "It is the left one.\n\nDesk ---24/11/2026 10:00:12---Good day Carol, which\n\nFrom:\tS <s@x.test>\nTo:\tcarol@customer.test\nDate:\t24/11/2026 10:00\nSubject:\tx\n\nWhich door?\n";
    assert_eq!(folded("Re: x", text).0, "It is the left one.\n\n… 6 lines quoted");
}

#[test]
fn introductions_without_a_colon_or_over_many_lines() {
    for introduction in [
        "On Tue, 24 Nov 2026 10:14:43 +0100 Desk <s@x.test> wrote",
        "On Tue, 24 Nov 2026 10:14:43 +0100\nDesk <s@x.test> wrote",
        "Am 24.11.2026 um 10:14 schrieb Desk <s@x.test>",
        "Le 24/11/2026 à 10:14, Desk <s@x.test> a écrit",
        "On Tue, 24 Nov 2026 10:14:43 +0100 The Desk wrote",
        "El 24/11/2026 10:14, Desk <s@x.test> escribió",
        "Il 24/11/2026 10:14, Desk <s@x.test> ha scritto",
        "Op 24-11-2026 om 10:14 schreef Desk <s@x.test>",
        "Den 24.11.2026 kl. 10:14 skrev Desk <s@x.test>",
        "W dniu 24.11.2026 o 10:14, Desk <s@x.test> pisze",
        "Dne 24. 11. 2026 v 10:14 Desk <s@x.test> napsal",
        "ti 24.11.2026 klo 10.14 Desk <s@x.test> kirjoitti",
        "Desk <s@x.test> wrote on 24/11/2026 10:14:43",
        "Desk <s@x.test> schrieb am 24.11.2026 um 10:14 Uhr",
        "On Tue, Nov 24, 2026 at 10:14 AM\nThe Desk Of The Harbour Lamps\n<s@x.test>\nwrote:",
        "On Tue, Nov 24, 2026\nat 10:14 AM,\nThe Desk\n<s@x.test>\nwrote:",
        "Am Dienstag, den 24. November 2026\num 10:14 Uhr\nschrieb\nDesk der Lampen\n<s@x.test>:",
        "Le mardi 24 novembre 2026\nà 10:14,\nDesk\n<s@x.test>\na écrit :",
    ] {
        let text = format!("It is the left one.\n\n{introduction}\n\nWhich door do you mean?\n\nDesk\n");
        let fresh = folded("Re: x", &text).0;
        assert!(
            fresh.starts_with("It is the left one.\n\n… ") && fresh.lines().count() == 3,
            "{introduction}: {fresh}"
        );
        let text = format!("It is the left one.\n\n{introduction}\n> Which door do you mean?\n");
        let fresh = folded("x", &text).0;
        assert!(
            fresh.starts_with("It is the left one.\n\n… ") && fresh.lines().count() == 3,
            "{introduction}: {fresh}"
        );
    }
}

#[test]
fn a_wrapped_line_of_a_quote_belongs_to_it() {
    let text = "It is the left one.\n\nOn Tue, 24 Nov 2026 at 10:18, Desk <s@x.test> wrote:\n\n> Good day Carol,\n>\n\
        > which of the two doors in the corridor on the second floor is the one that you\nmean?\n>\n> Desk\n";
    assert_eq!(folded("Re: x", text).0, "It is the left one.\n\n… 7 lines quoted");
    let text = "It is the left one.\n\nOn Tue, 24 Nov 2026 at 10:18, Desk <s@x.test> wrote:\n\n\
        > which of the two doors in the corridor on the second floor is the one that you\nmean?\n\
        > And since the corridor has lamps on both of its sides, which of the lamps are\ndark?\n";
    assert_eq!(folded("Re: x", text).0, "It is the left one.\n\n… 5 lines quoted");
}

#[test]
fn the_last_words_of_a_wrapped_quote_below_the_answer_belong_to_it() {
    let intro = "On Tue, 24 Nov 2026 at 10:18, Desk <s@x.test> wrote:";
    let text =
        format!("Links.\n\n{intro}\n> Sagen Sie uns doch bitte, welche der beiden Türen im langen Flur\nklemmt.\n");
    assert_eq!(folded("Re: x", &text).0, "Links.\n\n… 3 lines quoted");
    let text = format!(
        "Links.\n\n{intro}\n> Sagen Sie uns doch bitte, welche der beiden Türen im langen Flur des\noberen Stocks klemmt,\n\
        > damit wir die richtige Lampe mitbringen, denn es gibt im ganzen Haus vier\nSorten.\n"
    );
    assert_eq!(folded("Re: x", &text).0, "Links.\n\n… 5 lines quoted");
}

#[test]
fn an_answer_right_below_a_quoted_line_stays() {
    for answer in ["The left one.", "the left one", "left", "1.2"] {
        for quoted in [
            "> Which door do you mean?",
            "> which of the two doors in the corridor on the second floor is the one you mean?",
        ] {
            let text = format!(
                "On Tue, 24 Nov 2026 at 10:18, Desk <s@x.test> wrote:\n{quoted}\n{answer}\n> And which lamp?\nnone\n"
            );
            let fresh = folded("Re: x", &text).0;
            assert!(fresh.contains(answer) && fresh.contains("none"), "{text}: {fresh}");
        }
        let text = format!(
            "On Tue, 24 Nov 2026 at 10:18, Desk <s@x.test> wrote:\n> which of the two doors in the corridor on the second floor is the one that you mean\n{answer}\n"
        );
        let fresh = folded("Re: x", &text).0;
        assert!(fresh.contains(answer), "{text}: {fresh}");
    }
}

#[test]
fn what_only_looks_like_a_header_stays() {
    for text in [
        "The form has these fields:\n\nTo\nSubject\nText\n\nand sends nothing.",
        "Please change this:\n\nTo: the left one\nSubject: to change\n\nThanks.",
        "I wrote on 24/11/2026 10:00 already.\n\nTo\nmy mind\nthe\nSubject\nis urgent.",
        "Am 24.11.2026 um 10:00 hat mir Ihr Kollege max@x.test geschrieben\n\nEr sagt, die Tür geht auf.",
        "On 24 Nov 2026 at 10:00 your colleague <max@x.test> wrote that the door opens\n\nIt does not.",
        "Max <max@x.test> wrote on 24 Nov 2026 at 10:00 that he comes.\n\nHe did not.",
        "Please book:\n\nFrom: Hamburg\nTo: Bremen\nDate: 24 November\n\nThanks.",
        "On 24 Nov 2026 at 10:00 I wrote\n\nand nobody answered.",
        "Oprindelig besked kom aldrig frem.\n\nSend den igen.",
        "Message du 24/11/2026 10:00\n\nVous ne l'avez pas lu.",
    ] {
        assert_eq!(folded("Lamp", text), (text.to_owned(), 0));
    }
}
