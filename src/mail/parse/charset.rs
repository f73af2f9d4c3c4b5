//! Bytes to text: named charsets, wrongly named ones, and none at all.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use mail_parser::decoders::charsets::map::charset_decoder;

/// How many bytes are looked at to guess a charset.
const SAMPLE: usize = 64 * 1024;
/// How many bytes of a page may stand before its charset is named (HTML standard, "prescan": 1,024).
const PRESCAN: usize = 2048;
const ESCAPE: u8 = 0x1b;

/// Decodes bytes of a charset that the mail names, or does not. Never fails; what fits nothing
/// becomes U+FFFD. A name is doubted where the bytes speak against it.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let name = label.map(plain_name).unwrap_or_default();
    if bytes.is_ascii() && !is_seven_bit(&name) && !bytes.contains(&ESCAPE) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let whole = rejoined(bytes);
    let bytes = whole.as_ref();
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    if let Some(text) = shifted(bytes, &name) {
        return text;
    }
    if is_no_claim(&name) {
        return guess(bytes, None);
    }
    if let Some(encoding) = encoding_of(&name) {
        return named(bytes, encoding);
    }
    if let Some(text) = code_page(&name).and_then(|page| page.decode_string_checked(bytes)) {
        return text;
    }
    // Some write its older names: unicode-1-1-utf-7, x-unicode-2-0-utf-7.
    let name = if name.ends_with("utf-7") { "utf-7" } else { name.as_str() };
    match charset_decoder(name.as_bytes()) {
        Some(decoder) => decoder(bytes),
        None => guess(bytes, None),
    }
}

/// The same for a page, which may name its charset itself where the mail does not.
pub(super) fn decode_page(bytes: &[u8], label: Option<&str>) -> String {
    if bytes.is_ascii() || label.is_some_and(|label| !is_no_claim(&plain_name(label))) {
        return decode(bytes, label);
    }
    decode(bytes, named_in_page(&bytes[..bytes.len().min(PRESCAN)]).as_deref())
}

/// The charset in `<meta charset=…>`, `<meta … content="text/html; charset=…">` or `<?xml encoding=…?>`.
fn named_in_page(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset").or_else(|| head.split_once("encoding"))?;
    let value = rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let name: String = value.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.:".contains(*c)).collect();
    // Who could read the name was not reading UTF-16 (HTML standard, "prescan").
    Some(if name.starts_with("utf-16") { "utf-8".to_owned() } else { name })
}

/// A charset's name without what programs put around it.
fn plain_name(label: &str) -> String {
    let label = label.trim_matches(|c: char| c.is_whitespace() || "\"'<>;,=".contains(c)).to_ascii_lowercase();
    label.split(|c: char| c.is_whitespace() || ";,".contains(c)).next().unwrap_or_default().to_owned()
}

/// Charsets whose text is ASCII to look at, but isn't.
fn is_seven_bit(name: &str) -> bool {
    ["utf-7", "utf7", "2022", "utf-16", "utf16", "ucs-2"].iter().any(|part| name.contains(part))
        || name.starts_with("hz")
}

/// Names that say nothing about the bytes above 127.
fn is_no_claim(name: &str) -> bool {
    matches!(
        name,
        "" | "us-ascii"
            | "ascii"
            | "us"
            | "ansi_x3.4-1968"
            | "iso646-us"
            | "unknown-8bit"
            | "x-unknown"
            | "unknown"
            | "default"
            | "8bit"
            | "binary"
    )
}

/// The encoding of that name, in the WHATWG's spelling or in others that programs use.
fn encoding_of(name: &str) -> Option<&'static Encoding> {
    if let Some(encoding) = Encoding::for_label(name.as_bytes()) {
        return Some(encoding);
    }
    let squeezed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if let Some(part) = squeezed.strip_prefix("iso8859").or_else(|| squeezed.strip_prefix("8859")) {
        let number: String = part.chars().take_while(char::is_ascii_digit).collect();
        return Encoding::for_label(format!("iso-8859-{number}").as_bytes());
    }
    match squeezed.as_str() {
        "utf8mb4" | "utf8mb3" | "utf8n" | "cp65001" => return Some(UTF_8),
        "utf16" | "ucs2" | "iso10646ucs2" | "utf16le" => return Some(UTF_16LE),
        "utf16be" => return Some(UTF_16BE),
        "eucjpms" | "cp51932" => return Some(EUC_JP),
        "euccn" | "xeuccn" => return Some(GBK),
        "uhc" | "ksx1001" => return Some(EUC_KR),
        _ if squeezed.starts_with("iso2022jp") || squeezed.starts_with("cp5022") => return Some(ISO_2022_JP),
        _ => {}
    }
    match code_page_number(&squeezed)? {
        number @ 1250..=1258 => Encoding::for_label(format!("windows-{number}").as_bytes()),
        number @ 28591..=28605 => Encoding::for_label(format!("iso-8859-{}", number - 28590).as_bytes()),
        932 | 943 => Some(SHIFT_JIS),
        936 | 1386 => Some(GBK),
        949 => Some(EUC_KR),
        950 => Some(BIG5),
        54936 => Some(GB18030),
        _ => None,
    }
}

/// The number in cp850, IBM-850, x-cp850, windows1252 or 850.
fn code_page_number(name: &str) -> Option<u16> {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let prefix = name[..name.len() - digits.len()].trim_end_matches('-');
    let known = matches!(prefix, "" | "cp" | "xcp" | "ibm" | "csibm" | "dos" | "oem" | "pc" | "ms" | "win" | "windows");
    digits.parse().ok().filter(|_| known)
}

/// What DOS and the consoles of Windows still write: cp437, cp850, cp852, …
fn code_page(name: &str) -> Option<&'static oem_cp::code_table_type::TableType> {
    let squeezed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    oem_cp::code_table::DECODING_TABLE_CP_MAP.get(&code_page_number(&squeezed)?)
}

/// Text in the seven-bit charsets of East Asia that switch between ASCII and pairs of bytes; whatever its name, if
/// the switch of ISO-2022-JP is in it. The pairs are those of an eight-bit charset without their eighth bit.
fn shifted(bytes: &[u8], name: &str) -> Option<String> {
    let squeezed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let (encoding, bytes) = match squeezed.as_str() {
        "hz" | "hzgb2312" => (GBK, without_tildes(bytes)),
        "iso2022kr" | "csiso2022kr" => (EUC_KR, without_shifts(bytes)),
        "iso2022cn" | "iso2022cnext" => (GBK, without_shifts(bytes)),
        _ if bytes.is_ascii() && bytes.windows(4).any(|window| window == b"\x1b$)C") => (EUC_KR, without_shifts(bytes)),
        _ if bytes.is_ascii() && bytes.windows(3).any(|window| matches!(window, b"\x1b$B" | b"\x1b$@")) => {
            (ISO_2022_JP, bytes.to_vec())
        }
        _ => return None,
    };
    Some(encoding.decode_without_bom_handling(&bytes).0.into_owned())
}

/// HZ (RFC 1843): `~{` pairs `~}`, `~~` for a tilde, a tilde at a line's end for nothing.
fn without_tildes(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut in_pairs = false;
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte == b'~'
            && let Some(next) = rest.next_if(|next| b"{}~\n".contains(next))
        {
            match next {
                b'{' => in_pairs = true,
                b'}' => in_pairs = false,
                b'~' => plain.push(b'~'),
                _ => {}
            }
            continue;
        }
        in_pairs &= byte != b'\n';
        plain.push(if in_pairs && byte.is_ascii_graphic() { byte | 0x80 } else { byte });
    }
    plain
}

/// ISO-2022-KR (RFC 1557) and ISO-2022-CN (RFC 1922): pairs stand between SO and SI, and a line ends them; which
/// pairs, an escape sequence says at the beginning.
fn without_shifts(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut in_pairs = false;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            ESCAPE if bytes[at..].starts_with(b"\x1b$") => at += 3,
            0x0e => in_pairs = true,
            0x0f => in_pairs = false,
            byte => {
                in_pairs &= byte != b'\n';
                plain.push(if in_pairs && byte.is_ascii_graphic() { byte | 0x80 } else { byte });
            }
        }
        at += 1;
    }
    plain
}

/// Decodes by name, and doubts the name where the bytes speak against it.
fn named(bytes: &[u8], encoding: &'static Encoding) -> String {
    let signs = Signs::of(bytes);
    if encoding == UTF_8 {
        return if signs.bad <= signs.good || signs.only_end_is_cut() {
            String::from_utf8_lossy(bytes).into_owned()
        } else {
            guess(bytes, None)
        };
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        let is_utf_8 = !bytes.contains(&0) && signs.bad * 2 <= signs.good;
        return if is_utf_8 { String::from_utf8_lossy(bytes).into_owned() } else { utf_16(bytes, encoding) };
    }
    // Text in pairs may be well-formed UTF-8 by chance, as long as that is all of two bytes.
    let is_utf_8 = if encoding.is_single_byte() {
        signs.is_utf_8()
    } else {
        signs.long > 0 && signs.long * 2 >= signs.good && signs.bad * 4 <= signs.good
    };
    if is_utf_8 {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let (text, bad) = encoding.decode_without_bom_handling(bytes);
    if bad && share_of_bad(&text) > 0.2 {
        return guess(bytes, country(encoding));
    }
    // EUC-JP read as Shift_JIS has hardly an error, but characters that are nobody's.
    let is_private = |c: char| matches!(c, '\u{e000}'..='\u{f8ff}');
    if encoding == SHIFT_JIS
        && text.contains(is_private)
        && let Some(text) = EUC_JP.decode_without_bom_handling_and_without_replacement(bytes)
    {
        return text.into_owned();
    }
    text.into_owned()
}

/// Without a mark the byte order shows in where the zero bytes of blanks and ASCII stand.
fn utf_16(bytes: &[u8], named: &'static Encoding) -> String {
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).filter(|&&byte| byte == 0).count();
    let encoding = match zeros(0).cmp(&zeros(1)) {
        std::cmp::Ordering::Less => UTF_16LE,
        std::cmp::Ordering::Equal => named,
        std::cmp::Ordering::Greater => UTF_16BE,
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Where text of an encoding is mostly from, as the detector wants it: a top-level domain.
fn country(encoding: &'static Encoding) -> Option<&'static [u8]> {
    match encoding {
        it if it == ISO_2022_JP || it == SHIFT_JIS || it == EUC_JP => Some(b"jp"),
        it if it == GBK || it == GB18030 => Some(b"cn"),
        it if it == BIG5 => Some(b"tw"),
        it if it == EUC_KR => Some(b"kr"),
        _ => None,
    }
}

fn share_of_bad(text: &str) -> f64 {
    let count = |test: fn(&char) -> bool| u32::try_from(text.chars().filter(test).count()).unwrap_or(u32::MAX);
    f64::from(count(|&c| c == '\u{fffd}')) / f64::from(count(|c| !c.is_ascii()).max(1))
}

/// UTF-8 if it is that, but for single characters that the way has spoilt; else what it looks like.
fn guess(bytes: &[u8], country: Option<&[u8]>) -> String {
    if Signs::of(bytes).is_utf_8() {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut detector = EncodingDetector::new();
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], true);
    detector.guess(country, false).decode_without_bom_handling(bytes).0.into_owned()
}

/// What in bytes speaks for and against their being UTF-8.
#[derive(Debug, Default)]
struct Signs {
    /// Characters of two bytes and more.
    good: usize,
    /// Of these, the ones of three bytes and more.
    long: usize,
    /// Bytes, or beginnings of characters, that are none.
    bad: usize,
    /// Whether it ends in the middle of a character.
    is_cut: bool,
}

impl Signs {
    fn of(bytes: &[u8]) -> Self {
        let mut signs = Self::default();
        for chunk in bytes.utf8_chunks() {
            signs.good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            signs.long += chunk.valid().chars().filter(|c| c.len_utf8() > 2).count();
            signs.bad += usize::from(!chunk.invalid().is_empty());
            signs.is_cut = chunk.invalid().first().is_some_and(|&byte| byte >= 0xc2);
        }
        signs
    }

    /// Other charsets seldom have one such character, and never mostly such.
    fn is_utf_8(&self) -> bool {
        self.bad == 0 || (self.good > 0 && self.bad * 2 <= self.good + 1)
    }

    fn only_end_is_cut(&self) -> bool {
        self.bad == 1 && self.is_cut
    }
}

/// Characters that a line end and a blank were put into are put together again: Postfix breaks lines of more than
/// 998 bytes in the middle of a character (`smtp_line_length_limit`).
pub(super) fn rejoined(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut whole: Vec<u8> = Vec::new();
    let mut from = 0;
    for end in memchr::memchr_iter(b'\n', bytes) {
        let start = if end > 0 && bytes[end - 1] == b'\r' { end - 1 } else { end };
        let Some((b' ' | b'\t', tail)) = bytes[end + 1..].split_first() else { continue };
        if completes(&bytes[..start], tail) {
            whole.extend(&bytes[from..start]);
            from = end + 2;
        }
    }
    if from == 0 {
        return bytes.into();
    }
    whole.extend(&bytes[from..]);
    whole.into()
}

/// Whether the end of `head` and the beginning of `tail` are one character.
fn completes(head: &[u8], tail: &[u8]) -> bool {
    let Some(back) = head.iter().rev().take(3).position(|&byte| byte >= 0xc2) else { return false };
    let start = head.len() - 1 - back;
    let length: usize = match head[start] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let Some(missing) = length.checked_sub(back + 1).filter(|&missing| missing > 0) else { return false };
    tail.len() >= missing && std::str::from_utf8(&[&head[start..], &tail[..missing]].concat()).is_ok()
}

#[cfg(test)]
mod tests;
