//! Mails that went out.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::record::{LetterRow, Record};
use super::report::Report;
use crate::soak::Soak;
use crate::soak::chance::Canary;
use crate::soak::customers::number_of;
use crate::soak::ledger::{Fault, MailIn, Said, Verb};
use crate::soak::sink::Got;

/// How many mails an address gets of the desk's own accord on a day.
const CAP: usize = 5;
/// Of a fault nobody knows the moment better.
const ABOUT: TimeDelta = TimeDelta::seconds(3);

pub(super) fn check(soak: &Soak, record: &Record, report: &mut Report) {
    let got = soak.sink.got();
    let mut by_id: HashMap<&str, Vec<&Got>> = HashMap::new();
    for mail in &got {
        by_id.entry(mail.message_id.as_str()).or_default().push(mail);
    }
    let faults = soak.ledger.faults();
    let mut automatic: BTreeMap<&str, usize> = BTreeMap::new();
    for letter in &record.letters {
        let copies = by_id.remove(letter.message_id.trim_matches(['<', '>'])).unwrap_or_default();
        sent(letter, &copies, report);
        copied(letter, &copies, &faults, report);
        for copy in &copies {
            let to = [letter.recipient.clone()];
            report.case("I7", copy.to == to, || format!("letter {} went to {:?}", letter.id, copy.to));
        }
        let customer = &record.tickets[&letter.ticket].customer;
        report.case("I7", *customer == letter.recipient, || {
            format!("letter {} of {customer}'s ticket is for {}", letter.id, letter.recipient)
        });
        *automatic.entry(&letter.recipient).or_default() += usize::from(letter.is_automatic);
    }
    for (id, mails) in by_id {
        report.case("I4", false, || format!("{} mails that are no letter's: {id} to {:?}", mails.len(), mails[0].to));
    }
    for (address, mails) in automatic {
        report.case("I13", mails <= CAP, || format!("{address} got {mails} automatic mails"));
    }
    answers(soak, record, report);
    inside(&soak.ledger.mails_in(), &soak.ledger.all_said(), &got, report);
}

/// I3: it was taken by the next mail server, or its end says why not.
fn sent(letter: &LetterRow, copies: &[&Got], report: &mut Report) {
    let taken = copies.iter().filter(|copy| copy.is_taken).count();
    let was_refused = copies.iter().any(|copy| copy.said == Some(550));
    let is_well = match letter.state.as_str() {
        "sent" => taken >= 1,
        "failed" => was_refused && taken == 0 || letter.uncertain > 0,
        "cancelled" => taken == 0,
        "unknown" => letter.is_automatic || letter.uncertain >= 5,
        _ => false,
    };
    report.case("I3", is_well, || {
        format!("letter {} to {} is {}, taken {taken} times", letter.id, letter.recipient, letter.state)
    });
}

/// I4 and I5: further copies have their reasons.
fn copied(letter: &LetterRow, copies: &[&Got], faults: &[Fault], report: &mut Report) {
    let taken = copies.iter().filter(|copy| copy.is_taken).count();
    let unsure = usize::try_from(letter.uncertain).expect("a count");
    report.case("I4", taken <= 1 + unsure, || {
        format!("letter {} to {} was taken {taken} times, {unsure} attempts unknown", letter.id, letter.recipient)
    });
    let is_one = copies.windows(2).all(|pair| pair[0].digest == pair[1].digest);
    report.case("I4", is_one, || format!("letter {} is not the same at each attempt", letter.id));
    let to = letter.to.unwrap_or_else(Utc::now);
    let is_touched = |fault: &Fault| {
        let end: DateTime<Utc> = fault.to.unwrap_or_else(Utc::now);
        fault.from - ABOUT <= to && letter.from <= end + ABOUT
    };
    if !faults.iter().any(is_touched) {
        report.case("I5", taken == 1 && unsure == 0, || {
            format!("letter {} was taken {taken} times, {unsure} attempts unknown, and nothing was broken", letter.id)
        });
    }
}

/// I3: who answers has a letter for the ticket's customer, and it says what they wrote.
fn answers(soak: &Soak, record: &Record, report: &mut Report) {
    let got = soak.sink.got();
    for said in soak.ledger.all_said().iter().filter(|said| said.by_agent && said.verb == Verb::Answer) {
        let Some(event) = &said.event else { continue };
        let letters: Vec<&LetterRow> =
            record.letters.iter().filter(|letter| letter.command.as_ref() == Some(event)).collect();
        let written = record.written(&said.canary, "answer");
        report.case("I3", letters.len() == written, || {
            format!("{written} answers of {event} are {} letters", letters.len())
        });
        for letter in letters {
            let is_article = record.articles.iter().any(|article| {
                article.id == letter.article
                    && article.ticket == letter.ticket
                    && article.canaries.contains(&said.canary)
            });
            report.case("I3", is_article, || format!("letter {} is of another article", letter.id));
            if letter.state == "sent" {
                let says = got.iter().any(|mail| mail.is_taken && Canary::all_in(&mail.text).contains(&said.canary));
                report.case("I3", says, || format!("letter {} does not say {}", letter.id, said.canary));
            }
        }
    }
}

/// I6 and I7: what stands in a mail belongs to whom it went.
fn inside(mails: &[MailIn], said: &[Said], got: &[Got], report: &mut Report) {
    let customers: HashMap<&Canary, usize> = mails.iter().map(|mail| (&mail.canary, mail.customer)).collect();
    let answers: HashMap<&Canary, usize> =
        said.iter().filter(|said| said.verb == Verb::Answer).map(|said| (&said.canary, said.customer)).collect();
    for mail in got {
        let to: Vec<Option<usize>> = mail.to.iter().map(|to| number_of(to)).collect();
        let canaries = Canary::all_in(&mail.text);
        let inner = canaries.iter().find(|canary| canary.is_inner());
        report.case("I6", inner.is_none(), || format!("{inner:?} went to {:?}", mail.to));
        for canary in canaries.iter().filter(|canary| !canary.is_inner()) {
            let whose = customers.get(canary).or_else(|| answers.get(canary)).copied();
            let is_theirs = whose.is_some() && to.iter().all(|to| *to == whose);
            report.case("I7", is_theirs, || format!("{canary} of customer {whose:?} went to {:?}", mail.to));
        }
        report.case("I7", to.len() == 1 && to[0].is_some(), || format!("a mail went to {:?}", mail.to));
    }
}
