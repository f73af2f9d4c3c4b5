//! Hand a mail with a link to the mail server.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{CustomerId, PageMailId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Hand a mail with a link to a customer's tickets to the mail server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageMail {
    /// The mail.
    pub mail: PageMailId,
    /// Who gets it.
    pub customer: CustomerId,
}

impl Kind for PageMail {
    const NAME: &'static str = "PageMail";
    const CLASS: Class = Class::Mail;
    const POLICY: Policy = Policy::LETTER;
}

impl HasLane for PageMail {
    fn lane(&self) -> Lane {
        Lane::page_mails(self.customer)
    }
}
