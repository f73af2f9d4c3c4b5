//! What mail servers on the way wrote about a mail: whether its sender was authenticated, and whether
//! they took it for spam.

use super::header::Headers;
use crate::desk::intake::incoming::{Authentication, Finding};
use crate::mail::clean;

/// How many results one header may give.
const MOST_FINDINGS: usize = 50;

/// All Authentication-Results (RFC 8601) that stand above every trace of a foreign server. Whoever reads
/// them still has to know whose name to believe.
pub(in crate::mail) fn authentication(headers: &Headers<'_>) -> Vec<Authentication> {
    let mut relays: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for (name, value) in headers.fields() {
        let value = clean::line(&String::from_utf8_lossy(value));
        if name.eq_ignore_ascii_case(b"Received") {
            relays.push(relay(&value));
        } else if name.eq_ignore_ascii_case(b"Authentication-Results")
            && let Some(results) = results(&value)
            // Below the trace of another house's server anybody could have written it.
            && relays.iter().all(|relay| is_of_house(relay, &results.by))
        {
            found.push(results);
        }
    }
    found
}

/// The header by which a filter before us says that it is spam.
pub(in crate::mail) fn spam(headers: &Headers<'_>) -> Option<String> {
    ["X-Spam-Flag", "X-Spam-Status", "X-Spam", "X-Bogosity"].into_iter().find_map(|name| {
        let value = clean::line(&String::from_utf8_lossy(headers.first(name)?));
        let word = value.trim().to_lowercase();
        let yes = word.starts_with("yes") || word.starts_with("true") || word.starts_with("spam");
        yes.then(|| format!("{name}: {}", clean::cut(&value, 40)))
    })
}

/// The server that a Received header names as its writer.
fn relay(received: &str) -> String {
    let mut words = received.split_whitespace();
    words.by_ref().find(|word| word.eq_ignore_ascii_case("by"));
    words.next().unwrap_or_default().trim_end_matches([';', '.']).to_lowercase()
}

/// Whether a server belongs to who calls itself so: the same name, or one below the same parent.
fn is_of_house(relay: &str, house: &str) -> bool {
    let parent = match house.split_once('.') {
        Some((_, parent)) if parent.contains('.') => parent,
        _ => house,
    };
    relay == house || relay.ends_with(&format!(".{house}")) || relay == parent || relay.ends_with(&format!(".{parent}"))
}

fn results(value: &str) -> Option<Authentication> {
    let value = without_comments(value);
    let mut parts = value.split(';');
    let by = parts.next()?.split_whitespace().next()?.to_lowercase();
    let findings = parts.take(MOST_FINDINGS).filter_map(finding).collect();
    Some(Authentication { by, findings })
}

fn finding(part: &str) -> Option<Finding> {
    let mut words = part.split_whitespace();
    let (method, result) = words.next()?.split_once('=')?;
    let method = method.split('/').next().unwrap_or_default().to_lowercase();
    let domain = words.find_map(|word| {
        let (property, value) = word.split_once('=')?;
        let wanted =
            matches!(property.to_lowercase().as_str(), "header.d" | "header.i" | "header.from" | "smtp.mailfrom");
        wanted.then(|| value.rsplit('@').next().unwrap_or_default().trim_matches('"').to_lowercase())
    });
    Some(Finding { method, result: result.to_lowercase(), domain: domain.unwrap_or_default() })
}

/// RFC 5322 §3.2.2: comments nest, and may stand between any two words.
fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    value
        .chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mail: &str) -> Vec<Authentication> {
        authentication(&Headers::read(mail.as_bytes()).0)
    }

    #[test]
    fn what_the_houses_own_server_found_is_read() {
        let mail = "Received: from localhost by mail.example.org (Postfix) with LMTP id 1; Mon\r\n\
                    Authentication-Results: mail.example.org (policy=p; none); dkim=pass (2048) header.d=customer.test;\r\n \
                    spf=fail smtp.mailfrom=x@other.test; dmarc=pass header.from=customer.test\r\n\
                    Received: from mx.customer.test by mx1.example.org; Mon\r\n\
                    From: carol@customer.test\r\n\r\nx";
        let found = read(mail);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].by, "mail.example.org");
        let said: Vec<_> =
            found[0].findings.iter().map(|f| (f.method.as_str(), f.result.as_str(), f.domain.as_str())).collect();
        let expected =
            [("dkim", "pass", "customer.test"), ("spf", "fail", "other.test"), ("dmarc", "pass", "customer.test")];
        assert_eq!(said, expected);
    }

    #[test]
    fn what_came_with_the_mail_is_not_believed() {
        let mail = "Received: from mx.customer.test by mail.example.org; Mon\r\n\
                    Received: from evil by mx.customer.test; Mon\r\n\
                    Authentication-Results: mail.example.org; dmarc=pass header.from=bank.test\r\n\
                    From: ceo@bank.test\r\n\r\nx";
        assert!(read(mail).is_empty());
    }

    #[test]
    fn spam_marks() {
        let spam_of = |mail: &str| spam(&Headers::read(mail.as_bytes()).0);
        assert!(spam_of("X-Spam-Flag: YES\r\n\r\n").is_some());
        assert!(spam_of("X-Spam-Status: Yes, score=9\r\n\r\n").is_some());
        assert!(spam_of("X-Spam-Status: No, score=0\r\n\r\n").is_none());
        assert!(spam_of("From: a@b.test\r\n\r\n").is_none());
    }
}
