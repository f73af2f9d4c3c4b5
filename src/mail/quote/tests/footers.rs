//! What gateways, phones and programs add below a mail, and what a person wrote that looks like it.

use super::folded;

/// Legal footers as gateways of twelve languages write them.
const LEGAL: &[&str] = &[
    "This message and any attachments are confidential and intended solely for the addressee. If you have received it in error, please notify the sender and delete it.",
    "CONFIDENTIALITY NOTICE: The information contained in this transmission is privileged.\nIf you are not the intended recipient, any disclosure or copying is prohibited.",
    "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind\noder diese E-Mail irrtümlich erhalten haben, informieren Sie bitte den Absender und vernichten Sie diese Mail.",
    "Ce message et ses pièces jointes sont confidentiels et destinés exclusivement à leur destinataire.\nSi vous l'avez reçu par erreur, merci d'en avertir l'expéditeur et de le détruire.",
    "Este mensaje es confidencial y se dirige exclusivamente a su destinatario. Si usted lo ha recibido por error, le rogamos que lo elimine y nos lo notifique.",
    "Questo messaggio è riservato ed è destinato esclusivamente al destinatario indicato.\nSe lo avete ricevuto per errore, siete pregati di cancellarlo e di avvisare il mittente.",
    "Dit bericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde. Indien u dit bericht ten onrechte ontvangt, verzoeken wij u het te vernietigen.",
    "Denne e-mail er fortrolig og kun beregnet for modtageren. Hvis du har modtaget den ved en fejl, bedes du underrette afsenderen og slette den.",
    "Denne e-posten er konfidensiell og kun tiltenkt mottakeren. Hvis du har fått den ved en feil, vennligst slett den og varsle avsenderen.",
    "Detta meddelande är konfidentiellt och avsett för adressaten. Om du har fått det av misstag, ber vi dig radera det och kontakta avsändaren.",
    "Tämä viesti on luottamuksellinen ja tarkoitettu vain vastaanottajalle. Jos olet saanut viestin erehdyksessä, poista se ja ilmoita lähettäjälle.",
    "Ta wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Jeżeli otrzymali ją Państwo przez pomyłkę, prosimy o jej usunięcie i powiadomienie nadawcy.",
    "Tento e-mail je důvěrný a je určen pouze jeho adresátům. Pokud jste jej obdrželi omylem, smažte jej a informujte odesílatele.",
    "Это сообщение конфиденциально и предназначено только для адресата. Если вы получили его по ошибке, сообщите отправителю и удалите его.",
    "Bu e-posta gizlidir ve yalnızca alıcıya yöneliktir. Eğer yanlışlıkla aldıysanız, lütfen göndereni haberdar edin ve siliniz.",
    "Esta mensagem é confidencial e destina-se exclusivamente ao destinatário. Se você a recebeu por engano, apague-a e avise o remetente.",
    "このメールには機密情報が含まれている場合があります。誤って受信された場合は、送信者に連絡の上、削除してください。",
    "本邮件含有保密信息，仅限于收件人使用。如果您错误地收到本邮件，请立即通知发件人并删除。",
    "What stands in this mail is not public, it is only for the person whose name is above. Should you have it by mistake, let us know.",
    "Was hier steht, ist vertraulich und nur für die bestimmt, deren Namen oben stehen.\nKam es irrtümlich zu Ihnen, werfen Sie es bitte weg.",
    "Ce qui est écrit ici est confidentiel et réservé à ceux à qui c'est adressé. Si vous l'avez par mégarde, veuillez le détruire.",
    "Lo que contiene este correo es confidencial y únicamente para su destinatario. En caso de haberlo recibido por error, bórrelo.",
    "This email has been checked for viruses by a scanner of the harbour.",
    "Please consider the environment before printing this e-mail.",
    "Bitte denken Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken.",
];

#[test]
fn legal_footers_are_folded() {
    for legal in LEGAL {
        let text = format!("The lamp is dark.\nAll of them are.\n\nRegards\nCarol\n\n{legal}\n");
        let kept = "The lamp is dark.\nAll of them are.\n\nRegards\nCarol\n\n… signature";
        assert_eq!(folded("Lamp", &text).0, kept, "{legal}");
        for rule in
            ["*****************", "------------------------------", "_____________________", "=====", "* * * * *"]
        {
            let text = format!("The lamp is dark.\nAll of them are.\n\nRegards\nCarol\n\n{rule}\n{legal}\n{rule}\n");
            assert_eq!(folded("Lamp", &text).0, kept, "{rule}\n{legal}");
        }
        let below =
            format!("It is the left one.\n\nOn Mon, 23 Nov 2026 at 10:11, S <s@x.test> wrote:\n> Which?\n\n{legal}\n");
        assert_eq!(folded("Re: Lamp", &below).0, "It is the left one.\n\n… 2 lines quoted\n\n… signature", "{legal}");
        let above =
            format!("It is the left one.\n\n{legal}\n\nOn Mon, 23 Nov 2026 at 10:11, S <s@x.test> wrote:\n> Which?\n");
        assert_eq!(folded("Re: Lamp", &above).0, "It is the left one.\n\n… signature\n\n… 2 lines quoted", "{legal}");
    }
}

#[test]
fn a_footer_of_many_paragraphs_is_folded_whole() {
    let text = "The lamp is dark.\n\nCarol\n\n****************\nDISCLAIMER\n\nWhat is written here is meant only for the people it is addressed to.\n\n\
        If it reached you in error, destroy it.\n\nLamps Ltd, 1 Quay\n****************\n\nRegistered transports: 1 Quay. Registered in England, company number 12.\n";
    assert_eq!(folded("Lamp", text).0, "The lamp is dark.\n\nCarol\n\n… signature");
    let glued = "The lamp is dark.\n\nCarol\nDiese Nachricht ist vertraulich und nur für den Adressaten bestimmt.\nSollten Sie sie irrtümlich erhalten haben, löschen Sie sie bitte.\n";
    assert_eq!(folded("Lamp", glued).0, "The lamp is dark.\n\nCarol\n\n… signature");
    let both = format!("The lamp is dark.\n\n{}\n\n{}\n", LEGAL[0], LEGAL[2]);
    assert_eq!(folded("Lamp", &both).0, "The lamp is dark.\n\n… signature");
}

#[test]
fn what_a_person_writes_about_secrets_stays() {
    for text in [
        "Please treat this message as confidential: it was sent to the wrong recipient by mistake.",
        "Hello,\n\nI received this e-mail in error. It is confidential, and if you can, tell the sender to delete my address.",
        "Hello,\n\nthis e-mail is confidential. Please do not show it to the addressee of the parcel.",
        "Your mails end with this:\n\nThis e-mail is confidential and intended for the addressee only. If you are not the intended recipient, please delete it.",
        "What does this mean?\n\nThis e-mail is confidential and intended for the addressee only. If you are not the intended recipient, please delete it.\n\nIs it for me? Do I have to delete it?",
        "This e-mail is confidential and intended for the addressee only. If you are not the intended recipient, please delete it.",
        "Hallo,\n\nmeine Mail an Sie war vertraulich. Wenn Sie sie irrtümlich an einen anderen Adressaten gegeben haben, löschen Sie sie bitte dort.",
        "Bonjour,\n\nj'ai reçu ce message par erreur, il est confidentiel. Si vous pouvez prévenir le destinataire, merci.",
        "Hello,\n\nthe customer is told: if you find a lamp that is not meant for you, tell us.",
        "Hello,\n\nplease tell the recipient of the parcel that it was sent in error. Delete the order.",
        "Hallo,\n\ndie Lieferung war nur für den Keller bestimmt. Falls sie versehentlich oben steht, stellen Sie sie um.",
        "Bonjour,\n\nla commande a été passée par erreur. Si vous pouvez, merci de la supprimer et de prévenir le livreur.",
        "Hej,\n\npaketet kom hit av misstag. Om du kan, meddela avsändaren.",
        "Hello,\n\nthe confidential papers went to another addressee in error. If you can, stop them. They must not be lost.",
        "Here is the list:\n\n* one\n* two\n* three",
        "Here is the list:\n\n***************\n* one\n* two\n***************",
        "My machine has a virus.\n\n-----\nIt began on Monday, after an update.\n-----",
        "The log says:\n\n==========\nerror: recipient unknown\n==========",
        "Deleting a message fails.\n\nIf you delete a message twice, it says error 5.",
        "Hello\n\nthe notice in your shop says \"for the addressee only\". Is that right?",
    ] {
        assert_eq!(folded("Lamp", text), (text.to_owned(), 0));
    }
}

#[test]
fn what_any_device_adds_is_folded() {
    for line in [
        "Sent from my Fairphone",
        "Sent from my Pebble Time 2",
        "Sent from my Jolla.",
        "Sent from a Fairphone",
        "Written on my Librem 5",
        "Sent from my Nothing (2a)",
        "Gesendet von meinem Gigaset GX6",
        "Von meinem Fairphone gesendet",
        "Envoyé de mon Wiko",
        "Envoyé depuis mon Crosscall",
        "Enviado desde mi Doogee",
        "Enviado do meu Positivo",
        "Inviato dal mio Brondi",
        "Verzonden vanaf mijn Fairphone",
        "Sendt fra min Doro",
        "Skickat från min Doro 8050",
        "Lähetetty Jollastani",
        "Wysłane z mojego Maxcom",
        "Odesláno z mého Aligatoru",
        "Отправлено с моего Poco X3",
        "Fairphone'umdan gönderildi",
        "发自我的小米",
    ] {
        let text = format!("It is the left one.\n\n{line}\n\nOn 24 Nov 2026 at 10:00 S <s@x.test> wrote:\n> Which?\n");
        assert_eq!(folded("Re: x", &text).0, "It is the left one.\n\n… signature\n\n… 2 lines quoted", "{line}");
        let text = format!("It is the left one.\n\n{line}\n");
        assert_eq!(folded("x", &text).0, "It is the left one.\n\n… signature", "{line}");
        let text = format!("{line}\n\nIt is the left one.\n");
        assert_eq!(folded("x", &text).0, text.trim(), "above the words nobody can tell");
    }
}

#[test]
fn what_was_sent_from_elsewhere_stays() {
    for line in [
        "Sent from my old address, because the new one bounces.",
        "Sent from my desk",
        "Sent via DHL",
        "Sent from Outlook, is what your mails say, why?",
        "Sent from my wife's account",
        "The parcel was sent from my Hamburg transports.",
        "Sent from Hamburg on Monday, it has not arrived.",
        "Gesendet von meinem Chef",
        "Gesendet von meiner Frau",
        "Envoyé de mon bureau",
        "Enviado desde mi oficina",
    ] {
        let text = format!("It is the left one.\n\n{line}");
        assert_eq!(folded("x", &text).0, text, "{line}");
    }
}
