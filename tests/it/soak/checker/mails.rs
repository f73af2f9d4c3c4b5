//! Mails that came in.

use super::record::Record;
use super::report::Report;
use crate::soak::Soak;

/// I1, and that nobody was told that a fault of ours is one of theirs.
pub(super) fn check(soak: &Soak, record: &Record, report: &mut Report) {
    for mail in soak.ledger.mails_in() {
        let what = format!("{} of customer {} by {:?}", mail.canary, mail.customer, mail.route);
        report.case("I1", mail.refusal.is_none(), || format!("{what} was refused: {:?}", mail.refusal));
        let rows = record.by_canary.get(&mail.canary).map(Vec::as_slice).unwrap_or_default();
        let kept: Vec<_> = rows.iter().map(|row| &record.mails[*row]).filter(|row| row.fate != "duplicate").collect();
        let fates: Vec<&str> = kept.iter().map(|row| row.fate.as_str()).collect();
        let is_whole = kept.iter().all(|row| match row.fate.as_str() {
            "article" => row.articles == 1,
            "quarantined" => row.is_quarantined,
            _ => false,
        });
        // One whose answer was lost until the end may be there or not.
        let is_kept = kept.len() == 1 || kept.is_empty() && !mail.is_accepted;
        report.case("I1", is_kept && is_whole, || format!("{what}, accepted: {}, became {fates:?}", mail.is_accepted));
        let articles = record.written(&mail.canary, "mail");
        report.case("I1", articles <= 1, || format!("{what} is {articles} articles"));
    }
    let all = record.articles.iter().filter_map(|article| article.mail);
    let mut known: Vec<i64> = record.mails.iter().map(|mail| mail.id).collect();
    known.sort_unstable();
    for mail in all {
        report.case("I1", known.binary_search(&mail).is_ok(), || format!("an article of no mail: {mail}"));
    }
}
