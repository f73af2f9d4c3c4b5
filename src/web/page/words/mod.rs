//! What stands on customers' pages, in each language the desk knows: the same content, politely, and nothing that would have
//! to be understood twice.

mod central;
mod north;
mod romance;
mod west;

use crate::domain::language::Language;
use crate::domain::queue::Queue;
use crate::domain::ticket::State;

/// The words of one language. `{…}` stands for what is filled in.
pub(crate) struct Words {
    /// The page's title, with `{number}`.
    pub(crate) title: &'static str,
    /// Before the state.
    pub(crate) state: &'static str,
    /// Nobody has answered yet.
    pub(crate) new: &'static str,
    /// It is being worked on.
    pub(crate) open: &'static str,
    /// It waits for something.
    pub(crate) pending: &'static str,
    /// It is closed.
    pub(crate) closed: &'static str,
    /// Who wrote an article: the customer.
    pub(crate) you: &'static str,
    /// The desk by itself.
    pub(crate) automatic: &'static str,
    /// Above the files of an article.
    pub(crate) files: &'static str,
    /// That nothing is shown yet.
    pub(crate) nothing: &'static str,
    /// Above the reply.
    pub(crate) reply: &'static str,
    /// Names the text's field.
    pub(crate) text: &'static str,
    /// Names the files' field, with `{count}` and `{size}`.
    pub(crate) attach: &'static str,
    /// On the button.
    pub(crate) send: &'static str,
    /// What was sent is taken.
    pub(crate) sent: &'static str,
    /// Above the button that closes.
    pub(crate) settled: &'static str,
    /// On that button.
    pub(crate) solve: &'static str,
    /// It is closed, and a reply opens it.
    pub(crate) reopens: &'static str,
    /// It is closed, and a reply begins another one.
    pub(crate) begins: &'static str,
    /// It is closed and takes no reply, with `{address}`.
    pub(crate) rejects: &'static str,
    /// Its queue takes no more mail.
    pub(crate) shut: &'static str,
    /// Nothing was written.
    pub(crate) empty: &'static str,
    /// It is too large, with `{size}`.
    pub(crate) large: &'static str,
    /// Too many files, with `{count}`.
    pub(crate) many: &'static str,
    /// It could not be stored.
    pub(crate) later: &'static str,
    /// Too much in too short a time.
    pub(crate) slower: &'static str,
    /// A link that nobody here made.
    pub(crate) unknown: &'static str,
    /// One that was taken back.
    pub(crate) revoked: &'static str,
    /// One that is too old.
    pub(crate) expired: &'static str,
    /// What to do then.
    pub(crate) instead: &'static str,
    /// Whoever has the link can do all this.
    pub(crate) secret: &'static str,
    /// Above the list of all tickets.
    pub(crate) every: &'static str,
    /// On the button that has its link mailed.
    pub(crate) mail_every: &'static str,
    /// It was mailed.
    pub(crate) mailed: &'static str,
    /// It was mailed if the address is known.
    pub(crate) mailed_perhaps: &'static str,
    /// Names the field for an address.
    pub(crate) address: &'static str,
    /// What was typed there is none.
    pub(crate) no_address: &'static str,
    /// There is nothing to list.
    pub(crate) nothing_listed: &'static str,
    /// For whom, and how long, the list is.
    pub(crate) for_an_hour: &'static str,
}

impl Words {
    /// Those of a language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &west::EN,
            Language::De => &west::DE,
            Language::Nl => &west::NL,
            Language::Fr => &romance::FR,
            Language::Es => &romance::ES,
            Language::It => &romance::IT,
            Language::Pt => &romance::PT,
            Language::Pl => &central::PL,
            Language::Cs => &central::CS,
            Language::Sv => &north::SV,
            Language::Da => &north::DA,
            Language::Fi => &north::FI,
        }
    }

    /// How a ticket stands, as a customer would ask.
    pub(crate) fn of_state(&self, state: State) -> &'static str {
        match state {
            State::New => self.new,
            state if state.is_over() => self.closed,
            state if state.is_pending() => self.pending,
            _ => self.open,
        }
    }

    /// Why a queue's page takes no reply.
    pub(super) fn no_reply(&self, queue: &Queue) -> String {
        if queue.archived { self.shut.to_owned() } else { self.rejects.replace("{address}", queue.address.as_str()) }
    }

    /// All of them.
    #[cfg(test)]
    fn all(&self) -> [&'static str; 39] {
        [
            self.title,
            self.state,
            self.new,
            self.open,
            self.pending,
            self.closed,
            self.you,
            self.automatic,
            self.files,
            self.nothing,
            self.reply,
            self.text,
            self.attach,
            self.send,
            self.sent,
            self.settled,
            self.solve,
            self.reopens,
            self.begins,
            self.rejects,
            self.shut,
            self.empty,
            self.large,
            self.many,
            self.later,
            self.slower,
            self.unknown,
            self.revoked,
            self.expired,
            self.instead,
            self.secret,
            self.every,
            self.mail_every,
            self.mailed,
            self.mailed_perhaps,
            self.address,
            self.no_address,
            self.nothing_listed,
            self.for_an_hour,
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn each_language_says_all_of_it_with_the_same_things_filled_in() {
        let english = Words::of(Language::En).all();
        for language in Language::ALL {
            let words = Words::of(language).all();
            for (own, english) in words.iter().zip(english) {
                assert!(!own.trim().is_empty(), "{language:?}: {english}");
                assert_eq!(placeholders(own), placeholders(english), "{language:?}: {own}");
                assert_eq!(own.ends_with('.'), english.ends_with('.'), "{language:?}: {own}");
            }
            let different: BTreeSet<_> = words.iter().collect();
            assert_eq!(different.len(), words.len(), "{language:?} says two things alike");
        }
    }

    #[test]
    fn no_language_is_another_ones() {
        let senders: BTreeSet<_> = Language::ALL.iter().map(|language| Words::of(*language).secret).collect();
        assert_eq!(senders.len(), Language::ALL.len());
    }
}
