//! What the stories read: cards, marks, notices, and a thread as readable text.

use std::fmt::Write;

use ticketloom::desk::post::Tone;
use ticketloom::domain::id::{EventId, RoomId};
use ticketloom::domain::listing::Listing;

use super::{Case, Entry, Shown, World};

/// Something that somebody said, and what came of it.
pub(crate) struct Told<'w> {
    pub(super) world: &'w World,
    pub(crate) room: RoomId,
    pub(crate) event: EventId,
}

impl Told<'_> {
    /// The bot's reactions on it.
    pub(crate) fn marks(&self) -> String {
        self.world.marks(&self.room, &self.event)
    }

    /// What its list says to programs.
    #[track_caller]
    pub(crate) fn list(&self) -> Listing {
        let posts = self.world.chat.posts(&self.room).into_iter();
        posts.filter_map(|(_, post)| post.list).next_back().expect("a list")
    }

    /// The bot's answers to it: in a thread replies, elsewhere the notices behind it.
    pub(crate) fn answer(&self) -> String {
        let timeline = self.world.chat.timeline(&self.room);
        let is_it = |entry: &Entry| matches!(entry, Entry::People(id, ..) if *id == self.event);
        let behind = timeline.iter().skip_while(|entry| !is_it(entry)).skip(1);
        let answer = |entry: &Entry| match entry {
            Entry::Post(_, post) if post.tone == Tone::Notice => match &post.thread {
                Some(place) => (place.is_reply && place.last == self.event).then(|| post.text.clone()),
                None => Some(post.text.clone()),
            },
            _ => None,
        };
        behind.filter_map(answer).collect::<Vec<_>>().join("\n")
    }

    /// It was done.
    #[track_caller]
    pub(crate) fn done(&self) -> &Self {
        assert_eq!(self.marks(), "✅", "{}", self.answer());
        self
    }

    /// It was refused, and the answer says so.
    #[track_caller]
    pub(crate) fn refused(&self, because: &str) -> &Self {
        assert_eq!(self.marks(), "❌");
        let said = self.answer();
        assert!(said.contains(because), "{said:?} says nothing of {because:?}");
        self
    }
}

impl World {
    /// The bot's reactions that stand on an event, in their order.
    pub(crate) fn marks(&self, room: &RoomId, event: &EventId) -> String {
        let over = self.chat.redacted();
        let mark = |entry| match entry {
            Entry::Mark(id, to, mark) if to == *event && !over.contains(&id) => Some(mark),
            _ => None,
        };
        self.chat.timeline(room).into_iter().filter_map(mark).collect()
    }

    /// The newest of a ticket's card.
    pub(crate) fn card_post(&self, case: &Case) -> Shown {
        let is_card = |(id, post): &(EventId, Shown)| *id == case.root || post.replaces.as_ref() == Some(&case.root);
        self.chat.posts(&case.room).into_iter().rev().find(is_card).expect("a card").1
    }

    /// What a card says of state and owner: `open · 🔒 @alice:desk.test`.
    pub(crate) fn card(&self, case: &Case) -> String {
        let text = self.card_post(case).text;
        let number = format!(" · #{}", case.number);
        let line = text.lines().find_map(|line| line.strip_suffix(&number)).expect("a line that ends with the number");
        line.rsplit_once(" — ").map_or(line, |(_, state)| state).to_owned()
    }

    /// The sign with which a card begins.
    pub(crate) fn sign(&self, case: &Case) -> String {
        let text = self.card_post(case).text;
        text.trim_start_matches('\u{200e}').split(' ').next().unwrap_or_default().to_owned()
    }

    /// The bot's messages in a ticket's thread, edits aside.
    pub(crate) fn thread(&self, case: &Case) -> Vec<(EventId, Shown)> {
        let in_it = |(_, post): &(EventId, Shown)| post.thread.as_ref().is_some_and(|place| place.root == case.root);
        self.chat.posts(&case.room).into_iter().filter(in_it).collect()
    }

    /// The newest of the bot's messages in a ticket's thread.
    pub(crate) fn newest_post(&self, case: &Case) -> (EventId, Shown) {
        self.thread(case).pop().expect("something in the thread")
    }

    /// A room as somebody reads it from top to bottom, ids and numbers left out.
    pub(crate) fn transcript(&self, room: &RoomId) -> String {
        let timeline = self.chat.timeline(room);
        let mut text = String::new();
        for entry in &timeline {
            let (id, who, is_inside, words) = match entry {
                Entry::Post(_, post) if post.replaces.is_some() => continue,
                Entry::Post(id, post) => (id, tone(post), post.thread.is_some(), edited(&timeline, id, post)),
                Entry::People(id, who, thread, words) => (id, who.clone(), thread.is_some(), words.clone()),
                Entry::Mark(..) => continue,
            };
            let marks = self.marks(room, id);
            let inside = if is_inside { "  " } else { "" };
            let words = words.replace('\n', &format!("\n{inside}  "));
            let _ = writeln!(text, "{inside}{who}: {words}{}{marks}", if marks.is_empty() { "" } else { "  " });
        }
        redact(&text)
    }
}

/// What a message says after its edits.
fn edited(timeline: &[Entry], id: &EventId, post: &Shown) -> String {
    let edit = |entry: &Entry| match entry {
        Entry::Post(_, edit) if edit.replaces.as_ref() == Some(id) => Some(edit.text.clone()),
        _ => None,
    };
    timeline.iter().rev().find_map(edit).unwrap_or_else(|| post.text.clone())
}

fn tone(post: &Shown) -> String {
    let calls: Vec<String> = post.mentions.iter().map(|user| format!(" calls {user}")).collect();
    let who = match (&post.file, post.tone) {
        (Some(_), _) => "file",
        (None, Tone::Text) => "bot",
        (None, Tone::Notice) => "notice",
    };
    format!("{who}{}", calls.concat())
}

/// Numbers differ from run to run.
fn redact(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() >= 14 { "NUMBER" } else { &digits });
        digits.clear();
        out.push(c);
    }
    out.trim_end_matches(['\0', '\n']).to_owned()
}
