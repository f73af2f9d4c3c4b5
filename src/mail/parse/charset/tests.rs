use super::*;

#[test]
fn raw_bytes_are_guessed() {
    assert_eq!(decode("Grüße aus Köln".as_bytes(), None), "Grüße aus Köln");
    assert_eq!(decode(b"Gr\xfc\xdfe aus K\xf6ln", Some("us-ascii")), "Grüße aus Köln");
    assert_eq!(decode(b"Gr\xfc\xdfe aus K\xf6ln", Some("utf-8")), "Grüße aus Köln");
    assert_eq!(decode(b"+AOQ-", Some("utf-7")), "ä");
    assert_eq!(decode(b"\xa4", Some("iso-8859-15")), "€");
    assert_eq!(decode(b"Pr\xfcfung f\xfcr M\xfcller.txt", None), "Prüfung für Müller.txt");
    assert_eq!(decode(b"K\xf6ln", None), "Köln");
}

#[test]
fn one_spoilt_character_spoils_no_other() {
    let text = "Größe, Übermaß und Zubehör";
    for cut in [&b"\xf0\x9f\x94"[..], b"\xc3", b"\xff"] {
        let bytes = [text.as_bytes(), b" ", cut, b" ", text.as_bytes()].concat();
        for label in [None, Some("us-ascii"), Some("utf-8"), Some("iso-8859-1"), Some("windows-1252")] {
            assert_eq!(decode(&bytes, label), format!("{text} \u{fffd} {text}"), "{cut:x?} {label:?}");
        }
    }
    assert_eq!(decode(b"ab\xc3", Some("utf-8")), "ab\u{fffd}");
}

#[test]
fn a_character_that_a_line_break_was_put_into_is_whole_again() {
    let text = "Schöne Grüße 🔥 und 請求書".as_bytes();
    for at in (1..text.len()).filter(|&at| text[at] & 0xc0 == 0x80) {
        let broken = [&text[..at], b"\r\n ", &text[at..]].concat();
        for label in [None, Some("utf-8")] {
            assert_eq!(decode(&broken, label).as_bytes(), text, "at {at}");
        }
    }
}

#[test]
fn a_wrong_name_is_doubted() {
    let japanese = "見積書を添付しましたのでご確認ください";
    let (sjis, euc) = (SHIFT_JIS.encode(japanese).0, EUC_JP.encode(japanese).0);
    let seven_bit = ISO_2022_JP.encode(japanese).0;
    for (bytes, label) in [
        (&sjis[..], "iso-2022-jp"),
        (&sjis[..], "utf-8"),
        (&euc[..], "iso-2022-jp"),
        (&euc[..], "shift_jis"),
        (&seven_bit[..], "utf-8"),
        (&seven_bit[..], "us-ascii"),
        (&seven_bit[..], "cp50221"),
        (japanese.as_bytes(), "iso-8859-1"),
        (japanese.as_bytes(), "iso-2022-jp"),
        (japanese.as_bytes(), "gb2312"),
        (japanese.as_bytes(), "shift_jis"),
        (japanese.as_bytes(), "utf-16le"),
    ] {
        assert_eq!(decode(bytes, Some(label)), japanese, "{label}");
    }
    let cyrillic = "Здравствуйте, дверь не открывается";
    for label in ["koi8-r", "windows-1251", "iso-8859-5", "windows-1252", "utf-16"] {
        assert_eq!(decode(cyrillic.as_bytes(), Some(label)), cyrillic, "{label}");
    }
    // What is rightly named is believed.
    for name in ["koi8-r", "windows-1251", "iso-8859-5"] {
        let encoding = Encoding::for_label(name.as_bytes()).expect("known");
        assert_eq!(decode(&encoding.encode(cyrillic).0, Some(name)), cyrillic, "{name}");
    }
    for text in ["联通", "发票", "您好，请问发票什么时候可以寄出", "中"] {
        assert_eq!(decode(&GBK.encode(text).0, Some("gb2312")), text);
    }
    assert_eq!(
        decode(&GBK.encode("您好，请问发票什么时候可以寄出").0, Some("utf-8")),
        "您好，请问发票什么时候可以寄出"
    );
    assert_eq!(decode(b"plain words", Some("utf-16")), "plain words");
}

#[test]
fn utf_16_is_read_in_either_order() {
    let text = "Größe 42 от 請求書";
    let units: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    for bytes in [little.clone(), big.clone(), [&b"\xff\xfe"[..], &little].concat(), [&b"\xfe\xff"[..], &big].concat()]
    {
        for label in ["utf-16", "utf-16le", "utf-16be"] {
            assert_eq!(decode(&bytes, Some(label)), text, "{label} {:x?}", &bytes[..4]);
        }
    }
}

#[test]
fn seven_bit_charsets_of_east_asia_are_read() {
    assert_eq!(decode(b"Bill 12: ~{7\"F1~} ~~ ~{7\"F1\nend", Some("HZ-GB-2312")), "Bill 12: 发票 ~ 发票\nend");
    let korean = b"\x1b$)CNo. 7: \x0eGQ1[\x0f ok\n\x0eGQ1[\nend";
    assert_eq!(decode(korean, Some("iso-2022-kr")), "No. 7: 한글 ok\n한글\nend");
    assert_eq!(decode(korean, None), "No. 7: 한글 ok\n한글\nend");
    assert_eq!(decode(b"\x1b$)A\x0e7\"F1\x0f!", Some("iso-2022-cn")), "发票!");
}

#[test]
fn charsets_have_many_names() {
    for (label, bytes, text) in [
        ("cp850", &b"Gr\x81\xe1e"[..], "Grüße"),
        ("IBM-437", b"T\x81r", "Tür"),
        ("cp852", b"\xbd\xa2\x88ty", "Żółty"),
        ("cp858", b"5 \xd5", "5 €"),
        ("windows1252", b"5 \x80", "5 €"),
        ("cp-1251", b"\xc4\xe0", "Да"),
        ("ISO8859_15", b"\xa4", "€"),
        ("8859-1", b"\xfc", "ü"),
        (" \"ISO-8859-1\";", b"\xfc", "ü"),
        ("cp932", b"\x93\xfa\x96\x7b", "日本"),
        ("utf8mb4", "ü".as_bytes(), "ü"),
        ("iso-8859-1 (Western)", b"\xfc", "ü"),
        ("ansi_x3.110-1983", b"Gr\xfc\xdfe, die T\xfcr klemmt", "Grüße, die Tür klemmt"),
    ] {
        assert_eq!(decode(bytes, Some(label)), text, "{label}");
    }
}

#[test]
fn a_page_names_its_charset_itself() {
    let polish = b"Za\xbf\xf3\xb3\xe6 g\xea\xb6l\xb1";
    for head in ["<meta charset=iso-8859-2>", "<META content='text/html; charset=\"ISO-8859-2\"'>"] {
        let page = [head.as_bytes(), &polish[..]].concat();
        for label in [None, Some("us-ascii")] {
            assert_eq!(decode_page(&page, label), format!("{head}Zażółć gęślą"), "{label:?}");
        }
    }
    // The mail's word goes before the page's, which stays as it was when a server recodes it.
    let recoded = "<meta charset=iso-8859-2>Zażółć";
    assert_eq!(decode_page(recoded.as_bytes(), Some("utf-8")), recoded);
    assert_eq!(decode_page(recoded.as_bytes(), None), recoded);
}
