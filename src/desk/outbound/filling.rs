//! What placeholders stand for, in a mail of a ticket.

use chrono::{DateTime, Utc};

use crate::domain::id::UserId;
use crate::domain::placeholder::Placeholder;
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::store::customers::Customer;

/// All that placeholders stand for.
pub(in crate::desk) struct Filling<'a> {
    pub(in crate::desk) ticket: &'a Ticket,
    pub(in crate::desk) queue: &'a Queue,
    pub(in crate::desk) customer: &'a Customer,
    /// Who writes.
    pub(in crate::desk) agent: &'a UserId,
    pub(in crate::desk) now: DateTime<Utc>,
}

impl Filling<'_> {
    /// What one stands for.
    pub(in crate::desk) fn of(&self, placeholder: Placeholder) -> String {
        match placeholder {
            Placeholder::CustomerName => called(self.customer).to_owned(),
            Placeholder::CustomerAddress => self.customer.address.to_string(),
            Placeholder::AgentName => self.agent.localpart().to_owned(),
            Placeholder::TicketNumber => self.ticket.number.to_string(),
            Placeholder::TicketSubject => self.ticket.subject.clone(),
            Placeholder::QueueName => self.queue.title.clone(),
            Placeholder::QueueAddress => self.queue.address.to_string(),
            Placeholder::Date => self.now.with_timezone(&self.queue.time_zone).format("%Y-%m-%d").to_string(),
        }
    }
}

/// What a customer is called: by name, else by address.
pub(super) fn called(customer: &Customer) -> &str {
    if customer.name.trim().is_empty() { customer.address.as_str() } else { &customer.name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::sample;
    use crate::domain::id::CustomerId;

    #[test]
    fn who_has_no_name_is_called_by_address() {
        for (name, wanted) in [("Carol", "Carol"), ("", "carol@x.test"), (" \t", "carol@x.test"), (" C ", " C ")] {
            let customer =
                Customer { id: CustomerId(1), address: sample::address("carol@x.test"), name: name.to_owned() };
            assert_eq!(called(&customer), wanted, "{name:?}");
        }
    }

    #[test]
    fn a_day_is_that_of_the_queues_clock_and_an_agent_has_no_server() {
        let queue = Queue { time_zone: chrono_tz::Asia::Tokyo, ..sample::queue() };
        let (ticket, agent) = (sample::ticket(), UserId::parse("@alice:desk.test").expect("an id"));
        let customer = Customer { id: CustomerId(1), address: sample::address("c@x.test"), name: String::new() };
        let now = DateTime::from_timestamp(1_795_735_800, 0).expect("2026-11-26 18:10 UTC");
        let filling = Filling { ticket: &ticket, queue: &queue, customer: &customer, agent: &agent, now };
        let value = |placeholder| filling.of(placeholder);
        assert_eq!(
            (value(Placeholder::Date).as_str(), value(Placeholder::AgentName).as_str()),
            ("2026-11-27", "alice")
        );
    }
}
