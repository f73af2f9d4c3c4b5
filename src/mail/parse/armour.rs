//! The armour around a text that is signed in place (RFC 9580 §7).

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// A text without the armour of its signature, as it was before it was signed; `None` if it has none, or a part of one
/// only. The signature isn't checked: the desk has no keys. The raw mail keeps it.
pub(super) fn without(text: &str) -> Option<String> {
    let (above, rest) = split_at_line(text, BEGIN)?;
    let (signed, rest) = split_at_line(rest, SIGNATURE)?;
    let (_, below) = split_at_line(rest, END)?;
    // Its own header (`Hash: …`) ends at a blank line.
    let header = signed.lines().take_while(|line| !line.trim().is_empty());
    let header = header.take_while(|line| line.contains(':')).map(|line| line.len() + 1).sum::<usize>();
    let signed = signed.get(header..).unwrap_or_default();
    let mut plain = above.to_owned();
    for line in signed.lines().skip_while(|line| line.trim().is_empty()) {
        plain.push_str(line.strip_prefix("- ").unwrap_or(line));
        plain.push('\n');
    }
    plain.push_str(below);
    Some(plain)
}

/// What stands above and below a line of exactly these words.
fn split_at_line<'a>(text: &'a str, wanted: &str) -> Option<(&'a str, &'a str)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == wanted {
            return Some((&text[..start], &text[start + line.len()..]));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_text_is_as_it_was_before() {
        let signed = "Above\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nIt is dark.\n- -- \nCarol\n- - one\n\
            -----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCgAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\nBelow\n";
        assert_eq!(without(signed).as_deref(), Some("Above\nIt is dark.\n-- \nCarol\n- one\nBelow\n"));
        let bare = "-----BEGIN PGP SIGNED MESSAGE-----\n\nNote: dark\n-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----";
        assert_eq!(without(bare).as_deref(), Some("Note: dark\n"));
    }

    #[test]
    fn what_is_not_whole_stays() {
        for text in [
            "It is dark.",
            "-----BEGIN PGP SIGNED MESSAGE-----\n\nIt is dark.",
            "> -----BEGIN PGP SIGNED MESSAGE-----\n> It is dark.\n> -----BEGIN PGP SIGNATURE-----\n> -----END PGP SIGNATURE-----",
            "-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----",
        ] {
            assert_eq!(without(text), None, "{text}");
        }
    }
}
