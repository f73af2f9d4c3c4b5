//! The customer's page of a ticket: what stands behind the link in each mail (product §9).
//!
//! A link is a capability for one ticket and one recipient. Looking changes nothing and uses nothing up, since mail filters
//! follow every link; only what is sent from the page does. What is shown comes from a view that has nothing else
//! (`store::customer_pages`).

mod link;
mod list;
mod mail;
mod reply;
mod solved;
mod view;

pub use self::link::{Closed, Opened, link, open};
pub use self::list::{List, Listed, mail_list, mail_list_to, open_list};
pub use self::mail::{LinkMail, Reply, ReplyFile};
pub use self::reply::{NotTaken, Written, take};
pub use self::solved::solve;
pub use self::view::{MayReply, Shown, View, Words, file, view};
