//! What legal footers say, matter by matter, in the languages of their writers: beginnings of words, lower case.

/// How a footer calls the mail that it stands in.
#[rustfmt::skip]
pub(super) const MESSAGE: &[&str] = &[
    "this e-mail", "this email", "this message", "this communication", "this transmission", "this mail",
    "this electronic", "information contained", "the information in this", "the contents of this", "diese e-mail",
    "diese email", "diese mail", "diese nachricht", "diese mitteilung", "dieser e-mail", "dieser nachricht",
    "der inhalt dieser", "ce message", "ce courriel", "cet e-mail", "cet email", "ce mail", "cette communication",
    "le présent message", "este mensaje", "este correo", "esta comunicación", "este e-mail", "este email",
    "questo messaggio", "questa e-mail", "questa email", "questa mail", "questa comunicazione",
    "il presente messaggio", "la presente", "le informazioni contenute", "dit bericht", "deze e-mail", "deze email",
    "dit e-mailbericht", "denne e-mail", "denne mail", "denne e-post", "denne meddelelse", "denne melding",
    "detta meddelande", "detta e-post", "detta mail", "denna e-post", "tämä viesti", "tämä sähköposti",
    "esta mensagem", "ta wiadomość", "niniejsza", "niniejszy", "wiadomość ta", "treść tej", "tento e-mail",
    "tento email", "tato zpráva", "táto správa", "это сообщение", "данное сообщение", "настоящее сообщение",
    "это письмо", "это электронное", "цей лист", "це повідомлення", "bu e-posta", "bu mesaj", "bu ileti", "このメール",
    "本メール", "本电子邮件", "此邮件", "本邮件", "此電子郵件", "本電子郵件", "이 메일", "본 메일", "ez az e-mail", "ez az üzenet", "acest mesaj",
    "acest e-mail", "αυτό το μήνυμα", "το παρόν μήνυμα",
];

#[rustfmt::skip]
pub(super) const CONFIDENTIAL: &[&str] = &[
    "confidential", "privileged", "proprietary", "vertraulich", "confidentiel", "confidencia", "riservat",
    "confidenzial", "vertrouwelijk", "fortrolig", "konfidentiel", "konfidensiell", "konfidentiell", "sekretess",
    "luottamuksel", "poufn", "důvěrn", "dôvern", "конфиденциальн", "конфіденційн", "gizli", "機密", "机密", "保密", "기밀",
    "bizalmas", "confidențial", "εμπιστευτικ", "поверителн", "povjerljiv", "secret", "not public", "nicht öffentlich",
    "geheim", "secreto", "segret", "segredo", "hemlig", "hemmelig", "salain", "tajn", "секретн", "таємн", "機密情報",
    "秘密",
];

#[rustfmt::skip]
pub(super) const ADDRESSEE: &[&str] = &[
    "intended recipient", "intended only", "intended solely", "only intended", "solely for", "for the sole use",
    "for the use of", "addressee", "named recipient", "intended for", "addressed to", "meant only for", "nur für",
    "ausschließlich für", "ausschliesslich für", "adressat", "vorgesehene empfänger", "beabsichtigte",
    "richtige empfänger", "rechtmäßige", "exclusivement à", "exclusivement aux", "destinataire", "usage exclusif",
    "destinatari", "destinatár", "exclusivamente", "esclusivamente", "geadresseerde", "bestemd voor", "tiltenkt",
    "tiltænkt", "beregnet", "bestemt for", "modtager", "mottaker", "mottagare", "avsedd för", "avsett för",
    "avsedda för", "vastaanottaj", "tarkoitettu", "adresat", "przeznaczon", "určen", "příjemc", "príjemc", "adresát",
    "адресат", "предназнач", "получател", "призначен", "одержувач", "alıcı", "muhatab", "宛先", "受信者", "名宛人", "收件人",
    "接收者", "수신인", "수신자", "címzett", "destinatar", "παραλήπτη", "αποδέκτη", "for the person", "the person to whom",
    "persons to whom", "people it is addressed to", "to whom it is addressed", "to which it is addressed",
    "those it is addressed to", "individual or entity", "meant solely", "meant for", "only for those", "allein für",
    "lediglich für", "bestimmt für", "die bestimmt", "uniquement à", "réservé", "uniquement destiné", "únicamente",
    "solo para", "sólo para", "unicamente", "somente para", "apenas para", "alleen voor", "enkel voor",
    "uitsluitend voor", "kun for", "kun til", "endast för", "bara för", "ainoastaan", "vain ", "tylko dla",
    "wyłącznie", "výhradně", "pouze pro", "только для", "исключительно", "лише для", "yalnızca", "sadece",
];

#[rustfmt::skip]
pub(super) const ERROR: &[&str] = &[
    "in error", "by mistake", "by accident", "erroneously", "mistakenly", "irrtümlich", "versehentlich", "fälschlich",
    "irrtum", "par erreur", "por error", "por erro", "por engano", "por equivocación", "per errore", "erroneamente",
    "ten onrechte", "per abuis", "abusievelijk", "per vergissing", "ved en fejl", "ved en feil", "ved fejl",
    "ved feil", "ved en fejltagelse", "fejlagtigt", "feilaktig", "av misstag", "felaktigt", "erehdy", "vahingossa",
    "virheellisesti", "omyłkow", "pomyłk", "błędnie", "omylem", "nedopatřením", "по ошибке", "ошибочно", "помилков",
    "yanlışlıkla", "sehven", "誤って", "誤送信", "错误", "误收", "錯誤", "誤收", "잘못", "téved", "din greșeală", "din eroare",
    "εκ παραδρομής", "κατά λάθος", "по погрешка", "greškom", "pomotoma", "wrongly", "misdirected",
    "not meant for you", "not intended for you", "not for you", "was not addressed to you", "aus versehen",
    "nicht für sie bestimmt", "par mégarde", "par inadvertance", "no es para usted", "por equivocacion",
    "per sbaglio", "não é para você", "niet voor u", "verkeerd", "fejlsendt", "feilsendt", "fel person", "väärälle",
    "niewłaściw", "nesprávně", "omylom", "случайно", "випадково", "hata", "間違",
];

/// What the reader is asked for.
#[rustfmt::skip]
pub(super) const ACTION: &[&str] = &[
    "notify", "delete", "destroy", "inform the", "contact the sender", "tell the sender", "advise the sender",
    "reply to the sender", "return e-mail", "throw it away", "löschen", "vernichten", "informieren sie",
    "benachrichtigen", "verständigen", "zu informieren", "détrui", "supprim", "efface", "averti", "préven", "aviser",
    "informer l'expéditeur", "elimin", "borra", "bórrelo", "destru", "notifi", "comuni", "cancell", "distrugg",
    "avvis", "avis", "informar", "apag", "verwijder", "vernietig", "te wissen", "te stellen", "slet ", "slette",
    "makuler", "underret", "destruer", "varsle", "radera", "meddela", "kontakta", "poist", "tuho", "ilmoit",
    "usunięc", "usunąć", "usuń", "zniszcz", "powiadom", "poinform", "smaž", "odstra", "zniče", "zničt", "informujte",
    "uvědom", "vymaž", "удалит", "удалени", "уничтож", "сообщите", "уведом", "видаліть", "знищ", "повідом", "silin",
    "imha", "bildir", "haber", "削除", "破棄", "連絡", "删除", "刪除", "销毁", "銷毀", "通知", "삭제", "폐기", "töröl", "értesít",
    "șterge", "distrug", "διαγράψ", "ειδοποι", "let us know", "tell us", "discard", "erase", "remove it",
    "werfen sie", "teilen sie", "bitte melden", "weisen sie", "signaler", "jeter", "hacérnoslo saber", "tírelo",
    "buttar", "dite", "gooi", "laat het ons", "smid", "kast", "sig til", "si fra", "släng", "säg till", "heitä",
    "kerro", "wyrzuc", "dajcie znać", "zahoďte", "dejte", "выбрось", "дайте знать", "викинь",
];

#[rustfmt::skip]
pub(super) const PROHIBITION: &[&str] = &[
    "unauthorised", "unauthorized", "prohibited", "disclosure", "dissemination", "you must not", "you may not",
    "you should not", "nicht gestattet", "unzulässig", "untersagt", "verboten", "unbefugt", "interdit",
    "non autorisé", "divulgation", "prohibid", "no autorizad", "vietat", "proibi", "non autorizzat", "verboden",
    "niet toegestaan", "forbudt", "ulovlig", "ikke tilladt", "ikke tillatt", "förbjud", "otillåt", "inte tillåt",
    "kielletty", "luvaton", "zabronion", "zakazan", "zakázán", "запрещ", "заборон", "yasak", "禁止", "禁じ", "금지",
    "tilos", "interzis", "απαγορ",
];

/// Viruses, opinions, liability.
#[rustfmt::skip]
pub(super) const SCANNED: &[&str] = &[
    "virus", "malware", "scanned", "views expressed", "opinions expressed", "personal opinions",
    "those of the author", "does not constitute", "legally binding", "accepts no liability", "no responsibility",
    "rechtsverbindlich", "haftung", "вирус", "ウイルス", "病毒",
];

/// What speaks to somebody unknown.
#[rustfmt::skip]
pub(super) const CONDITIONS: &[&str] = &[
    "if you", "if it", "if this", "should you", "should this", "wenn sie", "sollten sie", "falls sie",
    "sind sie nicht", "sollte diese", "si vous", "si ce message", "s'il vous", "si usted", "si ha ", "si no es",
    "si lo ha", "si recib", "se non", "se ha ", "se hai", "se avete", "se lo avete", "se la avete", "se ricev",
    "qualora", "se você", "se recebeu", "se a receb", "se não", "caso ", "indien u", "als u", "als je", "mocht u",
    "hvis du", "hvis de", "dersom", "såfremt", "om du", "om ni", "jos ", "mikäli", "jeśli", "jeżeli", "pokud",
    "jestliže", "ak ste", "если", "якщо", "eğer", "場合", "如果", "如您", "若您", "倘若", "만일", "만약", "ha ön", "ha nem", "dacă",
    "εάν", "αν δεν", "ако ", "ako ste", "če ste", "unless you", "in case", "in the event", "whoever", "any other",
    "anyone else", "haben sie diese", "erhalten sie", "erhielten sie", "sind sie", "ist sie nicht", "falls ",
    "sollte ", "kam ", "wer diese", "au cas où", "dans le cas", "en caso", "quien ", "in caso", "nel caso", "chi ",
    "wanneer u", "bent u", "mocht ", "har du", "er du", "er de ikke", "är du", "har ni", "w przypadku", "v případě",
    "nejste", "в случае", "у разі", "вам не", "eger", "の方",
];

/// Words that stand above a footer.
#[rustfmt::skip]
pub(super) const HEADINGS: &[&str] = &[
    "disclaimer", "confidentiality", "legal notice", "legal disclaimer", "privacy notice", "important notice",
    "haftungsausschluss", "vertraulichkeit", "wichtiger hinweis", "rechtlicher hinweis", "avis de confidentialité",
    "confidentialité", "avertissement", "avis important", "aviso legal", "aviso de confidencialidad",
    "confidencialidad", "avviso di riservatezza", "avviso legale", "riservatezza", "aviso de confidencialidade",
    "vertrouwelijkheid", "fortrolighed", "fortrolighet", "konfidentialitet", "sekretess", "luottamuksellisuus",
    "klauzula poufności", "upozornění", "уведомление о конфиденциальности", "конфиденциальность", "gizlilik",
    "yasal uyarı", "免责声明", "保密声明", "免責事項",
];

/// What stands beside a footer, and below a mail of people who have none: no sign by itself.
#[rustfmt::skip]
pub(super) const STANDING: &[&str] = &[
    "registered transports", "registered in", "company number", "registration number", "vat no", "amtsgericht",
    "handelsregister", "registergericht", "geschäftsführer", "ust-id", "siège social", "registre du commerce",
    "sede legale", "partita iva", "registro mercantil", "kvk", "cvr", "orgnr", "org.nr", "y-tunnus", "krs",
    "sąd rejonowy", "virus", "accepts no liability", "views expressed", "monitored", "protección de datos",
    "privacy policy", "personal data",
];

/// What is a footer by itself, in a short paragraph.
#[rustfmt::skip]
pub(super) const ENVIRONMENT: &[&str] = &[
    "environment before printing", "think before you print", "before you print this", "before printing this",
    "an die umwelt", "bevor sie diese e-mail ausdrucken", "bevor sie diese mail ausdrucken",
    "à l'environnement avant", "avant d'imprimer", "antes de imprimir", "prima di stampare", "aan het milieu voor",
    "denk aan het milieu", "milieu voordat", "tænk på miljøet", "tenk på miljøet", "tenk miljø", "tänk på miljön",
    "przed wydrukowaniem", "než vytisknete", "распечатывать это", "checked for viruses by", "scanned for viruses by",
    "virus-free.", "scanned by mailscanner", "auf viren überprüft", "auf viren geprüft", "virenfrei.",
    "garanti sans virus", "été vérifié par le logiciel antivirus", "libre de virus.", "privo di virus.", "virusvrij.",
    "virusfri.", "virusfritt.",
];

/// Words of somebody who speaks of themselves. Those that mean something else in another language's footers are
/// left out (Danish "mit", Polish "i", Finnish "ja", Czech "je", Italian "ma").
#[rustfmt::skip]
pub(super) const FIRST_PERSON: &[&str] = &[
    "my", "mine", "myself", "ich", "mir", "mich", "mein", "meine", "meinen", "meinem", "meiner", "j'ai", "j'", "mon",
    "moi", "yo", "mis", "conmigo", "io", "mio", "mia", "ik", "mij", "mijn", "jeg", "mig", "meg", "mitt", "jag",
    "minun", "minulle", "minä", "mnie", "mój", "moje", "mě", "můj", "já", "я", "мне", "меня", "мой", "моя", "мені",
    "мене", "benim", "bana", "meu", "minha", "εγώ", "μου",
];
/// Likewise, found in the middle of a text.
#[rustfmt::skip]
pub(super) const FIRST_PERSON_PARTS: &[&str] = &[
    "je vous", "je suis", "je ne ", "je n'", "je l'", "je me ", "je pense", "je crois", "je souhaite", "je veux",
    "j'ai", "he recibido", "ho ricevuto", "recebi ", "私", "我的", "제가", "저는",
];
