//! `!notify`

use crate::chat::definition::Definition;
use crate::chat::place::{DIRECT, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, notify};
use crate::desk::words::Said;
use crate::domain::id::EmailAddress;
use crate::domain::notify::{FollowUps, Notify as Wanted};

/// Be told of customers' mails by mail, or no more
///
/// `!notify mail` tells of new tickets of your queues, and of what is written to tickets that you have locked or watch; with words behind it,
/// of what they say: `new`, `follow-ups`, and of whose tickets, `mine` or `queues`. What you answer to such a mail becomes an internal note. `!notify`
/// alone says how it is. An admin sets where it goes.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Notify {
    /// mail or off
    how: Option<How>,
    /// Of what, and of whose tickets
    #[arg(requires = "how")]
    what: Vec<What>,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum How {
    Mail,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum What {
    New,
    FollowUps,
    Mine,
    Queues,
}

impl Notify {
    /// What is wanted; `None`: it is only asked for.
    fn wanted(&self) -> Option<Wanted> {
        let has = |what| self.what.contains(&what);
        match self.how? {
            How::Off => Some(Wanted::OFF),
            How::Mail if self.what.is_empty() => Some(Wanted::USUAL),
            How::Mail => {
                let of = if has(What::Queues) { FollowUps::Queues } else { FollowUps::Mine };
                // Whose tickets says of which follow-ups; alone it means both.
                let is_whose_alone = !has(What::New) && !has(What::FollowUps);
                let follow_ups = if has(What::FollowUps) || is_whose_alone { of } else { FollowUps::None };
                Some(Wanted { new: has(What::New) || is_whose_alone, follow_ups })
            }
        }
    }
}

impl Definition for Notify {
    const VERB: &'static str = "notify";
    const PLACES: &'static [Place] = DIRECT;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let context = &mut request.context;
        let (mail, wanted) = if let Some(wanted) = self.wanted() {
            (notify::set(context, wanted).await?, wanted)
        } else {
            notify::asked(context).await?
        };
        let said = told(mail.as_ref(), wanted);
        Ok(Reply::told(Said::plain(said)))
    }
}

/// How it is, in a sentence.
fn told(mail: Option<&EmailAddress>, wanted: Wanted) -> String {
    let (Some(mail), false) = (mail, wanted == Wanted::OFF) else { return "You get no mail from me.".to_owned() };
    let new = wanted.new.then_some("new tickets of your queues");
    let follow_ups = match wanted.follow_ups {
        FollowUps::None => None,
        FollowUps::Mine => Some("what customers write to tickets that you have locked or watch"),
        FollowUps::Queues => Some("what customers write to any ticket of your queues"),
    };
    let what: Vec<&str> = new.into_iter().chain(follow_ups).collect();
    format!("{mail} is told of {}.", what.join(", and of "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_of_what_and_of_whose_tickets() {
        use What::{FollowUps as Follow, Mine, New, Queues};
        let wants = |new, follow_ups| Some(Wanted { new, follow_ups });
        for (how, what, wanted) in [
            (None, vec![], None),
            (Some(How::Off), vec![], Some(Wanted::OFF)),
            (Some(How::Mail), vec![], wants(true, FollowUps::Mine)),
            (Some(How::Mail), vec![New], wants(true, FollowUps::None)),
            (Some(How::Mail), vec![Follow], wants(false, FollowUps::Mine)),
            (Some(How::Mail), vec![Follow, Queues], wants(false, FollowUps::Queues)),
            (Some(How::Mail), vec![Queues], wants(true, FollowUps::Queues)),
            (Some(How::Mail), vec![Mine], wants(true, FollowUps::Mine)),
            (Some(How::Mail), vec![New, Follow, Mine], wants(true, FollowUps::Mine)),
        ] {
            assert_eq!(Notify { how, what: what.clone() }.wanted(), wanted, "{how:?} {what:?}");
        }
    }
}
