//! What becomes of a job after an attempt.

use std::time::Duration;

use super::attempt::Ended;
use crate::desk::failure::Failure;
use crate::desk::seams::Fault;
use crate::store::StoreError;
use crate::store::jobs::{Class, Leased, PutBack};

/// The waits while what a job needs is not there yet: a part of its age.
const EARLY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// How long a job is left to another instance while the record's schema is not this version's, as during an upgrade.
const ANOTHER_SCHEMA_WAIT: Duration = Duration::from_secs(30);
/// After this time it is no upgrade any more.
const ANOTHER_SCHEMA_FOR: Duration = Duration::from_hours(24);
/// The longest that a whole class pauses because the other side asked for it.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// What becomes of a job.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    /// It is done.
    Done,
    /// It is somebody else's.
    Forget,
    /// It is tried again; the class pauses if the other side asked for that.
    PutBack { back: PutBack, pause: Option<Duration> },
    /// It is given up.
    GiveUp(String),
}

/// Decides. `others_work`: something else of its class went well since its last attempt, so that a failure is its own.
pub(super) fn decide(leased: &Leased, ended: Ended, others_work: bool) -> Decision {
    // Reading is one transaction with the job's end: if the record failed, nothing was begun.
    let reads = matches!(leased.lane.class(), Class::Intake | Class::Command);
    match ended {
        Ended::Done => Decision::Done,
        Ended::Lost | Ended::Failed(Failure::Store(StoreError::Lost(_))) => Decision::Forget,
        Ended::Failed(Failure::Store(error)) if error.is_of_another_schema() => {
            if leased.age > ANOTHER_SCHEMA_FOR {
                return Decision::GiveUp(error.to_string());
            }
            put_back(ANOTHER_SCHEMA_WAIT, error.to_string(), !reads, false)
        }
        Ended::Failed(Failure::Store(error)) if error.is_passing() => {
            again(leased, error.to_string(), !reads, others_work)
        }
        Ended::Failed(Failure::Store(error)) => Decision::GiveUp(error.to_string()),
        Ended::Failed(Failure::TooEarly(why)) => put_back((leased.age / 4).clamp(EARLY.0, EARLY.1), why, false, false),
        Ended::Failed(Failure::Fault(Fault::Later { after: Some(wait), why })) => {
            let pause = (leased.lane.class() == Class::Chat).then(|| wait.min(LONGEST_PAUSE));
            Decision::PutBack { back: PutBack { wait, why, begun: true, counts: false }, pause }
        }
        Ended::Failed(Failure::Fault(Fault::Later { after: None, why })) => again(leased, why, true, others_work),
        Ended::Failed(Failure::Fault(Fault::Never { why })) => Decision::GiveUp(why),
        Ended::Panicked => again(leased, "it panicked; the log says where".to_owned(), true, true),
        Ended::OutOfTime(limit) => {
            let why = format!("it was not done within {}", humantime::format_duration(limit));
            again(leased, why, true, others_work || reads)
        }
    }
}

/// Another attempt later, unless this failure counts and was the last.
fn again(leased: &Leased, why: String, begun: bool, counts: bool) -> Decision {
    let policy = leased.job.policy();
    if !counts {
        return put_back(policy.wait_while_away(leased.attempt), why, begun, false);
    }
    let failures = leased.failures + 1;
    if failures >= policy.limit {
        return Decision::GiveUp(format!("it failed {failures} times, at last: {why}"));
    }
    put_back(policy.wait(failures), why, begun, true)
}

fn put_back(wait: Duration, why: String, begun: bool, counts: bool) -> Decision {
    Decision::PutBack { back: PutBack { wait, why, begun, counts }, pause: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{MailId, QueueId, TicketId};
    use crate::store::jobs::{Card, Lane, ReadMail};

    fn card(attempt: i32, failures: i32) -> Leased {
        Leased::made_up(1, Lane::ticket(TicketId(1)), Card { ticket: TicketId(1) }, attempt, failures)
    }

    fn mail() -> Leased {
        Leased::made_up(1, Lane::import(QueueId(1)), ReadMail { mail: MailId(1) }, 1, 0)
    }

    fn later() -> Ended {
        Ended::Failed(Fault::later("502").into())
    }

    fn back(decision: Decision) -> (u64, bool, bool) {
        let Decision::PutBack { back, pause: None } = decision else { panic!("{decision:?}") };
        (back.wait.as_secs(), back.begun, back.counts)
    }

    #[test]
    fn a_server_that_is_away_buries_nothing() {
        assert_eq!(back(decide(&card(1, 0), later(), false)), (1, true, false));
        assert_eq!(back(decide(&card(10_000, 23), later(), false)), (30, true, false));
        let out_of_time = Ended::OutOfTime(Duration::from_secs(1));
        assert_eq!(back(decide(&card(10_000, 23), out_of_time, false)), (30, true, false));
    }

    #[test]
    fn what_fails_while_others_work_is_given_up() {
        assert_eq!(back(decide(&card(1, 0), later(), true)), (1, true, true));
        assert_eq!(back(decide(&card(9, 8), later(), true)), (256, true, true));
        let last = decide(&card(24, 23), later(), true);
        assert_eq!(last, Decision::GiveUp("it failed 24 times, at last: 502".to_owned()));
    }

    #[test]
    fn who_panics_or_does_not_end_is_given_up_though_nobody_works() {
        assert_eq!(back(decide(&card(1, 0), Ended::Panicked, false)), (1, true, true));
        let last = decide(&card(24, 23), Ended::Panicked, false);
        assert!(matches!(last, Decision::GiveUp(_)), "{last:?}");
        assert_eq!(back(decide(&mail(), Ended::OutOfTime(Duration::from_secs(1)), false)), (0, true, true));
    }

    #[test]
    fn what_is_never_going_to_work_is_given_up_at_once() {
        let never = decide(&card(1, 0), Ended::Failed(Fault::never("403").into()), true);
        assert_eq!(never, Decision::GiveUp("403".to_owned()));
    }

    #[test]
    fn a_class_pauses_as_long_as_it_was_asked_to() {
        let asked = Fault::Later { after: Some(Duration::from_secs(7)), why: "429".to_owned() };
        let decision = decide(&card(1, 0), Ended::Failed(asked.clone().into()), true);
        let Decision::PutBack { back, pause } = decision else { panic!("{decision:?}") };
        assert_eq!((back.wait.as_secs(), back.counts, pause), (7, false, Some(Duration::from_secs(7))));
        let mut letter = mail();
        letter.lane = Lane::letters(TicketId(1), &crate::domain::id::EmailAddress::parse("c@x.test").expect("one"));
        let decision = decide(&letter, Ended::Failed(asked.into()), true);
        assert!(matches!(decision, Decision::PutBack { pause: None, .. }), "one customer's server is not all of mail");
    }

    #[test]
    fn who_is_too_early_waits_a_part_of_its_age() {
        let mut young = card(1, 0);
        let early = || Ended::Failed(Failure::TooEarly("no room".to_owned()));
        assert_eq!(back(decide(&young, early(), true)), (0, false, false));
        young.age = Duration::from_hours(1);
        assert_eq!(back(decide(&young, early(), true)), (5, false, false));
    }

    #[test]
    fn what_the_record_could_not_take_was_no_attempt_to_read() {
        let away = || Ended::Failed(Failure::Store(StoreError::Database(sqlx_away())));
        assert_eq!(back(decide(&mail(), away(), false)), (0, false, false));
        assert_eq!(back(decide(&card(1, 0), away(), false)), (1, true, false));
        let lost = decide(&card(1, 0), Ended::Failed(Failure::Store(StoreError::Lost("it"))), true);
        assert_eq!(lost, Decision::Forget);
    }

    fn sqlx_away() -> sqlx::Error {
        sqlx::Error::PoolTimedOut
    }
}
