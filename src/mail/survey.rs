//! What a mail is like, for an import's report: nothing of it is recorded.

use std::collections::BTreeSet;

use super::parse::Part;
use super::reader::Reader;
use crate::desk::intake::incoming::Nature;

/// What a mail is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The charsets that its parts name, in lower case.
    pub charsets: BTreeSet<String>,
    /// Whether a machine wrote it: no desk answers it.
    pub is_automatic: bool,
    /// Whether it is a report about another mail's delivery.
    pub is_bounce: bool,
    /// What could not be read as it should.
    pub troubles: Vec<String>,
}

/// Looks at a mail: what can't be read is quarantined anyway.
pub async fn survey(reader: &Reader, raw: Vec<u8>) -> Survey {
    let looking = tokio::task::spawn_blocking(move || {
        let seen = std::panic::catch_unwind(|| {
            let mut charsets = BTreeSet::new();
            collect(&Part::read(&raw, &mut Vec::new()), &mut charsets);
            charsets
        });
        (seen.unwrap_or_default(), raw)
    });
    let Ok((charsets, raw)) = looking.await else { return Survey::default() };
    let mut survey = Survey { charsets, ..Survey::default() };
    if let Ok(mail) = reader.read(raw).await {
        survey.is_automatic = matches!(mail.nature, Nature::Machine { .. } | Nature::Response { .. });
        survey.is_bounce = matches!(mail.nature, Nature::Bounce(_));
        survey.troubles = mail.troubles;
    }
    survey
}

fn collect(part: &Part<'_>, charsets: &mut BTreeSet<String>) {
    if let Some(charset) = &part.charset
        && part.kind.starts_with("text/")
    {
        let name: String = charset.chars().filter(char::is_ascii_graphic).take(40).collect();
        charsets.insert(name.to_ascii_lowercase());
    }
    for part in &part.parts {
        collect(part, charsets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mail_is_looked_at() {
        let raw = b"From: a@x.test\nPrecedence: junk\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
            Content-Type: text/plain; charset=ISO-8859-1\n\nx\n--b\nContent-Type: text/html; charset=utf-8\n\ny\n--b--\n";
        let survey = survey(&Reader::in_process(), raw.to_vec()).await;
        assert_eq!(survey.charsets.into_iter().collect::<Vec<_>>(), ["iso-8859-1", "utf-8"]);
        assert!(survey.is_automatic && !survey.is_bounce);
        assert_eq!(survey.troubles, Vec::<String>::new());
    }
}
