//! Files that old programs write into a mail's text: `begin 644 name`, lines, `end`.

/// A file found in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its name as it stands there.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

/// How many blanks of a file may have been lost: a line of one character may stand for 45 bytes.
const LOST: usize = 256 << 10;

/// Takes the files out of a text, at most `most`. What is not sound from its `begin` to its `end`
/// stays where it is.
pub(super) fn taken_out(text: Vec<u8>, most: usize) -> (Vec<u8>, Vec<Found>) {
    if memchr::memmem::find(&text, b"begin ").is_none() {
        return (text, Vec::new());
    }
    let (mut rest, mut files) = (Vec::with_capacity(text.len()), Vec::new());
    let mut lines = text.split_inclusive(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(name) = name_of(line).filter(|_| files.len() < most) else {
            rest.extend(line);
            continue;
        };
        // What was read while the file might still have been one; each line is read once.
        let mut read: Vec<u8> = line.to_vec();
        let mut bytes = Vec::new();
        let mut lost = 0;
        let mut is_sound = false;
        let mut is_over = false;
        // What is none of it is looked at again: it may be the beginning of another one.
        while let Some(line) = lines.next_if(|line| is_end(line) || (!is_over && !is_begin(line)) || is_zero(line)) {
            read.extend(line);
            if is_end(line) {
                is_sound = true;
                break;
            }
            is_over |= is_zero(line);
            if !decode_line(content(line), &mut bytes, &mut lost) {
                break;
            }
        }
        if is_sound {
            files.push(Found { name, bytes });
        } else {
            rest.extend(read);
        }
    }
    (rest, files)
}

/// The file in a body that is nothing but one.
pub(super) fn whole(body: &[u8]) -> Option<Vec<u8>> {
    let mut lines = body.split(|&byte| byte == b'\n').map(content);
    lines.by_ref().find(|line| line.starts_with(b"begin "))?;
    let (mut bytes, mut lost) = (Vec::new(), 0);
    for line in lines.take_while(|line| !is_end(line)) {
        decode_line(line, &mut bytes, &mut lost);
        if lost > LOST {
            return None;
        }
    }
    Some(bytes)
}

/// The name in a `begin 644 name`.
fn name_of(line: &[u8]) -> Option<String> {
    let rest = content(line).strip_prefix(b"begin ")?;
    let (mode, name) = rest.split_at(rest.iter().position(|&byte| byte == b' ')?);
    let sound = matches!(mode.len(), 3 | 4)
        && mode.iter().all(|byte| (b'0'..=b'7').contains(byte))
        && !name.trim_ascii().is_empty();
    sound.then(|| super::charset::decode(name.trim_ascii(), None))
}

fn is_end(line: &[u8]) -> bool {
    content(line).trim_ascii_end() == b"end"
}

fn is_begin(line: &[u8]) -> bool {
    name_of(line).is_some()
}

/// A line of no bytes, the last one before the end: a blank or a backtick for its length, whatever is behind it, or
/// nothing where the blank was lost.
fn is_zero(line: &[u8]) -> bool {
    content(line).iter().all(|byte| b" `".contains(byte))
}

/// A line without its end.
fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Decodes one line: its length, and groups of four characters for three bytes. Blanks at its end may
/// have been lost on the way; `lost` counts them, and too many make it false.
fn decode_line(line: &[u8], bytes: &mut Vec<u8>, lost: &mut usize) -> bool {
    let Some((&length, data)) = line.split_first() else { return true };
    let length = usize::from(length.wrapping_sub(32) & 63);
    if length == 0 {
        return data.iter().all(|byte| b" `".contains(byte));
    }
    if !line.iter().all(|byte| (32..=96).contains(byte)) || data.len() > length.div_ceil(3) * 4 + 4 {
        return false;
    }
    let start = bytes.len();
    for group in data.chunks(4) {
        let value = |at: usize| u32::from(group.get(at).map_or(0, |byte| byte.wrapping_sub(32) & 63));
        let whole = value(0) << 18 | value(1) << 12 | value(2) << 6 | value(3);
        bytes.extend(&whole.to_be_bytes()[1..]);
    }
    bytes.resize(start + length, 0);
    *lost += length.saturating_sub(data.len());
    *lost <= LOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_a_text_is_taken_out() {
        let text = b"See:\r\nbegin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\nBye\r\n".to_vec();
        let (rest, files) = taken_out(text, 9);
        assert_eq!(rest, b"See:\r\nBye\r\n");
        assert_eq!(files, [Found { name: "cat.txt".to_owned(), bytes: b"Cat".to_vec() }]);
    }

    #[test]
    fn a_file_ends_in_many_ways() {
        for end in ["`\nend\n", "end\n", " \nend\n", "\nend\n", "````````\nend \n", "`\n\nend\n", "        \r\nend\r\n"]
        {
            let text = format!("See:\nbegin 0644 a cat.txt\n#0V%T\n{end}Bye\n");
            let (rest, files) = taken_out(text.into_bytes(), 9);
            assert_eq!(String::from_utf8_lossy(&rest), "See:\nBye\n", "{end:?}");
            assert_eq!(files, [Found { name: "a cat.txt".to_owned(), bytes: b"Cat".to_vec() }], "{end:?}");
        }
    }

    #[test]
    fn what_only_begins_like_a_file_stays() {
        for text in [
            "begin 644 cat.txt\nhello there\nend\n",
            "begin 644 cat.txt\n#0V%T\n",
            "begin 644\n#0V%T\n`\nend\n",
            "begin with 644\nend\n",
            "begin 644 a\n#0V%T\n\nbegin 644 b\n",
        ] {
            let (rest, files) = taken_out(text.as_bytes().to_vec(), 9);
            assert_eq!((String::from_utf8(rest).expect("as it was").as_str(), files.len()), (text, 0));
        }
        let two = "begin 644 a\n#0V%T\n`\nend\n".repeat(2);
        assert_eq!(taken_out(two.into_bytes(), 1).1.len(), 1);
    }
}
