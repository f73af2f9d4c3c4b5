//! What the desk itself writes to customers, in each language it knows: the same content in the same
//! order, politely, with `{number}` and `{queue}` where they belong.
//!
//! They are fixed: nothing of what a customer wrote has a place in them (R52). Only the line above a
//! quote names the customer, in an answer that goes to that customer. It has the form that mail
//! programs use in the language, since our own reader must know it for a quote when it comes back.

use crate::domain::language::Language;

/// The phrases of one language.
pub(crate) struct Phrases {
    /// A new ticket is acknowledged; the first line is the subject.
    pub(crate) acknowledgement: &'static str,
    /// A mail came to a ticket that stays closed; the first line is the subject.
    pub(crate) rejection: &'static str,
    /// Above the quote of a customer's mail: the moment as in strftime, and `{name}`.
    pub(crate) wrote: &'static str,
    /// Above the link to the ticket's page.
    pub(crate) page: &'static str,
    /// The mail with the link to all tickets; the first line is the subject. `{link}` and `{queue}` are filled in.
    pub(crate) list: &'static str,
}

impl Phrases {
    /// Those of a language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::De => &DE,
            Language::Fr => &FR,
            Language::Es => &ES,
            Language::It => &IT,
            Language::Nl => &NL,
            Language::Pt => &PT,
            Language::Pl => &PL,
            Language::Cs => &CS,
            Language::Sv => &SV,
            Language::Da => &DA,
            Language::Fi => &FI,
        }
    }
}

const EN: Phrases = Phrases {
    acknowledgement: "We have received your message\n\
        Hello,\n\n\
        we have received your message. Its number is Ticket#{number}.\n\n\
        We will answer as soon as we can. If you want to add something, just reply to this mail.\n\n\
        {queue}",
    rejection: "This matter is closed\n\
        Hello,\n\n\
        Ticket#{number} is closed, and your mail to it was filed, but nobody was told of it. \
        If there is something else, please write a new mail to us.\n\n\
        {queue}",
    wrote: "On %Y-%m-%d %H:%M UTC, {name} wrote:",
    page: "Read and answer this on the web:",
    list: "All your requests\n\
        Hello,\n\n\
        somebody, most likely you, asked for all requests of this address. For one hour they are here:\n\n\
        {link}\n\n\
        If it was not you, you need not do anything.\n\n\
        {queue}",
};

const DE: Phrases = Phrases {
    acknowledgement: "Wir haben Ihre Nachricht erhalten\n\
        Guten Tag,\n\n\
        wir haben Ihre Nachricht erhalten. Sie hat die Nummer Ticket#{number}.\n\n\
        Wir antworten Ihnen so bald wie möglich. Wenn Sie etwas ergänzen möchten, antworten Sie einfach auf diese \
        E-Mail.\n\n\
        {queue}",
    rejection: "Dieser Vorgang ist abgeschlossen\n\
        Guten Tag,\n\n\
        Ticket#{number} ist abgeschlossen. Ihre E-Mail dazu wurde abgelegt, aber niemand wurde darüber \
        benachrichtigt. Wenn es um etwas anderes geht, schreiben Sie uns bitte eine neue E-Mail.\n\n\
        {queue}",
    wrote: "Am %d.%m.%Y um %H:%M UTC schrieb {name}:",
    page: "Im Web lesen und antworten:",
    list: "Alle Ihre Anfragen\n\
        Guten Tag,\n\n\
        jemand, wahrscheinlich Sie, hat nach allen Anfragen dieser Adresse gefragt. Eine Stunde lang stehen sie hier:\n\n\
        {link}\n\n\
        Wenn Sie es nicht waren, brauchen Sie nichts zu tun.\n\n\
        {queue}",
};

const FR: Phrases = Phrases {
    acknowledgement: "Nous avons bien reçu votre message\n\
        Bonjour,\n\n\
        Nous avons bien reçu votre message. Son numéro est Ticket#{number}.\n\n\
        Nous vous répondrons dès que possible. Pour ajouter quelque chose, répondez simplement à cet e-mail.\n\n\
        {queue}",
    rejection: "Cette demande est close\n\
        Bonjour,\n\n\
        Le Ticket#{number} est clos. Votre e-mail a été classé, mais personne n’en a été averti. \
        S’il s’agit d’autre chose, merci de nous écrire un nouvel e-mail.\n\n\
        {queue}",
    wrote: "Le %d/%m/%Y à %H:%M UTC, {name} a écrit\u{a0}:",
    page: "Lire et répondre sur le web\u{a0}:",
    list: "Toutes vos demandes\n\
        Bonjour,\n\n\
        quelqu’un, sans doute vous, a demandé la liste des demandes de cette adresse. La voici, pendant une heure\u{a0}:\n\n\
        {link}\n\n\
        Si ce n’était pas vous, vous n’avez rien à faire.\n\n\
        {queue}",
};

const ES: Phrases = Phrases {
    acknowledgement: "Hemos recibido su mensaje\n\
        Hola:\n\n\
        Hemos recibido su mensaje. Su número es Ticket#{number}.\n\n\
        Le responderemos lo antes posible. Si desea añadir algo, simplemente responda a este correo.\n\n\
        {queue}",
    rejection: "Este asunto está cerrado\n\
        Hola:\n\n\
        El Ticket#{number} está cerrado. Su correo se ha archivado, pero no se ha avisado a nadie. \
        Si se trata de otra cosa, escríbanos por favor un correo nuevo.\n\n\
        {queue}",
    wrote: "El %d/%m/%Y a las %H:%M UTC, {name} escribió:",
    page: "Leer y responder en la web:",
    list: "Todas sus solicitudes\n\
        Hola:\n\n\
        Alguien, probablemente usted, ha pedido todas las solicitudes de esta dirección. Durante una hora están aquí:\n\n\
        {link}\n\n\
        Si no ha sido usted, no tiene que hacer nada.\n\n\
        {queue}",
};

const IT: Phrases = Phrases {
    acknowledgement: "Abbiamo ricevuto il Suo messaggio\n\
        Buongiorno,\n\n\
        abbiamo ricevuto il Suo messaggio. Il numero è Ticket#{number}.\n\n\
        Le risponderemo appena possibile. Se desidera aggiungere qualcosa, risponda semplicemente a questa e-mail.\n\n\
        {queue}",
    rejection: "Questa richiesta è chiusa\n\
        Buongiorno,\n\n\
        il Ticket#{number} è chiuso. La Sua e-mail è stata archiviata, ma nessuno ne è stato avvisato. \
        Se si tratta di altro, La preghiamo di scriverci una nuova e-mail.\n\n\
        {queue}",
    wrote: "Il %d/%m/%Y alle %H:%M UTC, {name} ha scritto:",
    page: "Leggere e rispondere sul web:",
    list: "Tutte le Sue richieste\n\
        Buongiorno,\n\n\
        qualcuno, probabilmente Lei, ha chiesto tutte le richieste di questo indirizzo. Per un’ora sono qui:\n\n\
        {link}\n\n\
        Se non è stato Lei, non deve fare nulla.\n\n\
        {queue}",
};

const NL: Phrases = Phrases {
    acknowledgement: "Wij hebben uw bericht ontvangen\n\
        Goedendag,\n\n\
        Wij hebben uw bericht ontvangen. Het nummer is Ticket#{number}.\n\n\
        Wij antwoorden u zo spoedig mogelijk. Wilt u iets toevoegen, beantwoord dan gewoon deze e-mail.\n\n\
        {queue}",
    rejection: "Deze melding is gesloten\n\
        Goedendag,\n\n\
        Ticket#{number} is gesloten. Uw e-mail is bewaard, maar niemand is daarvan op de hoogte gesteld. \
        Gaat het om iets anders, stuur ons dan een nieuwe e-mail.\n\n\
        {queue}",
    wrote: "Op %d-%m-%Y om %H:%M UTC schreef {name}:",
    page: "Op het web lezen en antwoorden:",
    list: "Al uw aanvragen\n\
        Goedendag,\n\n\
        iemand, waarschijnlijk u, heeft om alle aanvragen van dit adres gevraagd. Een uur lang staan ze hier:\n\n\
        {link}\n\n\
        Als u het niet was, hoeft u niets te doen.\n\n\
        {queue}",
};

const PT: Phrases = Phrases {
    acknowledgement: "Recebemos a sua mensagem\n\
        Olá,\n\n\
        recebemos a sua mensagem. O número é Ticket#{number}.\n\n\
        Responderemos assim que possível. Se quiser acrescentar algo, basta responder a este e-mail.\n\n\
        {queue}",
    rejection: "Este assunto está encerrado\n\
        Olá,\n\n\
        o Ticket#{number} está encerrado. O seu e-mail foi arquivado, mas ninguém foi avisado. \
        Se for outro assunto, escreva-nos por favor um novo e-mail.\n\n\
        {queue}",
    wrote: "Em %d/%m/%Y às %H:%M UTC, {name} escreveu:",
    page: "Ler e responder na web:",
    list: "Todos os seus pedidos\n\
        Olá,\n\n\
        alguém, provavelmente o próprio, pediu todos os pedidos deste endereço. Durante uma hora estão aqui:\n\n\
        {link}\n\n\
        Se não foi o próprio, não precisa de fazer nada.\n\n\
        {queue}",
};

const PL: Phrases = Phrases {
    acknowledgement: "Otrzymaliśmy Państwa wiadomość\n\
        Dzień dobry,\n\n\
        otrzymaliśmy Państwa wiadomość. Jej numer to Ticket#{number}.\n\n\
        Odpowiemy najszybciej, jak to możliwe. Aby coś dodać, wystarczy odpowiedzieć na tego e-maila.\n\n\
        {queue}",
    rejection: "Ta sprawa jest zamknięta\n\
        Dzień dobry,\n\n\
        sprawa Ticket#{number} jest zamknięta. Państwa e-mail został zachowany, ale nikt nie został o nim \
        powiadomiony. W innej sprawie prosimy napisać do nas nowego e-maila.\n\n\
        {queue}",
    wrote: "W dniu %d.%m.%Y o %H:%M UTC {name} pisze:",
    page: "Czytaj i odpowiadaj w sieci:",
    list: "Wszystkie Państwa zgłoszenia\n\
        Dzień dobry,\n\n\
        ktoś, prawdopodobnie Państwo, poprosił o wszystkie zgłoszenia z tego adresu. Przez godzinę są tutaj:\n\n\
        {link}\n\n\
        Jeśli to nie Państwo, nie trzeba nic robić.\n\n\
        {queue}",
};

const CS: Phrases = Phrases {
    acknowledgement: "Obdrželi jsme vaši zprávu\n\
        Dobrý den,\n\n\
        obdrželi jsme vaši zprávu. Má číslo Ticket#{number}.\n\n\
        Odpovíme vám co nejdříve. Chcete-li něco doplnit, stačí odpovědět na tento e-mail.\n\n\
        {queue}",
    rejection: "Tento požadavek je uzavřen\n\
        Dobrý den,\n\n\
        požadavek Ticket#{number} je uzavřen. Váš e-mail jsme uložili, ale nikdo o něm nebyl informován. \
        Pokud jde o něco jiného, napište nám prosím nový e-mail.\n\n\
        {queue}",
    wrote: "Dne %d.%m.%Y v %H:%M UTC {name} napsal(a):",
    page: "Číst a odpovědět na webu:",
    list: "Všechny vaše požadavky\n\
        Dobrý den,\n\n\
        někdo, nejspíše vy, požádal o všechny požadavky z této adresy. Hodinu jsou zde:\n\n\
        {link}\n\n\
        Pokud jste to nebyli vy, nemusíte nic dělat.\n\n\
        {queue}",
};

const SV: Phrases = Phrases {
    acknowledgement: "Vi har tagit emot ditt meddelande\n\
        Hej,\n\n\
        vi har tagit emot ditt meddelande. Det har nummer Ticket#{number}.\n\n\
        Vi svarar så snart vi kan. Om du vill lägga till något, svara bara på det här mejlet.\n\n\
        {queue}",
    rejection: "Det här ärendet är avslutat\n\
        Hej,\n\n\
        Ticket#{number} är avslutat. Ditt mejl har sparats, men ingen har fått veta att det kom. \
        Om det gäller något annat, skriv gärna ett nytt mejl till oss.\n\n\
        {queue}",
    wrote: "Den %Y-%m-%d kl. %H:%M UTC skrev {name}:",
    page: "Läs och svara på webben:",
    list: "Alla dina ärenden\n\
        Hej,\n\n\
        någon, förmodligen du, har bett om alla ärenden från den här adressen. I en timme finns de här:\n\n\
        {link}\n\n\
        Om det inte var du behöver du inte göra något.\n\n\
        {queue}",
};

const DA: Phrases = Phrases {
    acknowledgement: "Vi har modtaget din henvendelse\n\
        Hej,\n\n\
        Vi har modtaget din henvendelse. Den har nummer Ticket#{number}.\n\n\
        Vi svarer, så snart vi kan. Hvis du vil tilføje noget, kan du blot svare på denne mail.\n\n\
        {queue}",
    rejection: "Denne sag er lukket\n\
        Hej,\n\n\
        Ticket#{number} er lukket. Din mail er gemt, men ingen har fået besked om den. \
        Hvis det drejer sig om noget andet, så skriv venligst en ny mail til os.\n\n\
        {queue}",
    wrote: "Den %d.%m.%Y kl. %H.%M UTC skrev {name}:",
    page: "Læs og svar på nettet:",
    list: "Alle dine sager\n\
        Hej,\n\n\
        nogen, formentlig du, har bedt om alle sager fra denne adresse. I en time er de her:\n\n\
        {link}\n\n\
        Hvis det ikke var dig, behøver du ikke gøre noget.\n\n\
        {queue}",
};

const FI: Phrases = Phrases {
    acknowledgement: "Olemme vastaanottaneet viestisi\n\
        Hei,\n\n\
        olemme vastaanottaneet viestisi. Sen numero on Ticket#{number}.\n\n\
        Vastaamme niin pian kuin voimme. Jos haluat lisätä jotakin, vastaa tähän viestiin.\n\n\
        {queue}",
    rejection: "Tämä asia on suljettu\n\
        Hei,\n\n\
        Ticket#{number} on suljettu. Viestisi on tallennettu, mutta siitä ei ole ilmoitettu kenellekään. \
        Jos sinulla on muuta asiaa, lähetä meille uusi viesti.\n\n\
        {queue}",
    wrote: "%d.%m.%Y klo %H.%M UTC {name} kirjoitti:",
    page: "Lue ja vastaa verkossa:",
    list: "Kaikki pyyntönne\n\
        Hei,\n\n\
        joku, todennäköisesti te, pyysi tämän osoitteen kaikkia pyyntöjä. Tunnin ajan ne ovat täällä:\n\n\
        {link}\n\n\
        Jos se ette ollut te, teidän ei tarvitse tehdä mitään.\n\n\
        {queue}",
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest subject in columns, behind a tag such as `[Ticket#2026112310000013]` (RFC 5322 §2.1.1).
    const SUBJECT: usize = 78 - "[Ticket#2026112310000013] ".len();

    #[test]
    fn every_language_says_the_same_of_number_and_queue() {
        for language in Language::ALL {
            let phrases = Phrases::of(language);
            for (words, english) in [(phrases.acknowledgement, EN.acknowledgement), (phrases.rejection, EN.rejection)] {
                let (subject, text) = words.split_once('\n').expect("a subject");
                assert!(subject.chars().count() <= SUBJECT && !subject.contains('{'), "{subject}");
                assert_eq!(text.matches("Ticket#{number}").count(), 1, "{text}");
                assert!(text.ends_with(".\n\n{queue}"), "{text}");
                assert_eq!(words.matches(['{', '}']).count(), 4, "there is nothing else to be filled in: {text}");
                assert_eq!(text.lines().count(), english.lines().count() - 1, "{text}");
                assert!(words.lines().all(|line| line == line.trim()) && !words.contains("  "), "{text}");
                assert!(language == Language::En || words != english, "{language:?}");
            }
            assert_eq!(phrases.wrote.matches("{name}").count(), 1, "{}", phrases.wrote);
        }
    }
}
