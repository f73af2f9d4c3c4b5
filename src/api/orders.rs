//! How a program has something done: one transaction with what its `Idempotency-Key` is answered from then on.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::Api;
use super::answers::Answer;
use super::order::Order;
use super::problem::Problem;
use super::sent::Sent;
use super::visit::Visit;
use crate::crash;
use crate::domain::number::Number;

/// The longest key.
const LONGEST_KEY: usize = 255;

/// Reads an order from headers and a body; the number, if it is about a ticket.
pub(super) type Read = fn(&HeaderMap, Option<Number>, &Sent) -> Result<Order, Problem>;

/// Reads an order and carries it out. Rights come first, so that nobody without them learns what would be right.
pub(super) async fn take(api: &Api, request: Request, number: Option<&str>, read: Read) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let sent = Sent::read(api, &parts, body).await?;
    let mut visit = api.enter(&parts.headers).await?;
    let number = number.map(ticket_number).transpose()?;
    let order = read(&parts.headers, number, &sent)?;
    for scope in order.scopes() {
        visit.must_have(*scope)?;
    }
    let Some(key) = key(&parts.method, &parts.headers)? else {
        let answer = Box::pin(carry_out(api, &mut visit, &order)).await?;
        return finish(visit, answer).await;
    };
    if !visit.tx.api_answers().reserve(visit.token, &key).await? {
        let detail = "The request of this `Idempotency-Key` is being answered at this moment.";
        return Err(Problem::new(StatusCode::CONFLICT, "in_progress", detail));
    }
    let asked = sent.digest(&parts);
    if let Some(kept) = visit.tx.api_answers().get(visit.token, &key).await? {
        if kept.request == asked {
            return finish(visit, Answer::from(kept)).await;
        }
        // A transaction that is only dropped would keep the key for a moment longer.
        visit.tx.commit().await?;
        let detail = "Another request had this `Idempotency-Key` before.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key_used", detail));
    }
    let answer = Box::pin(carry_out(api, &mut visit, &order)).await?;
    visit.tx.api_answers().put(visit.token, &key, &answer.kept(asked)).await?;
    finish(visit, answer).await
}

/// A ticket's number in a path: what is none leads nowhere.
pub(super) fn ticket_number(text: &str) -> Result<Number, Problem> {
    Number::parse(text).filter(|number| number.as_str() == text).ok_or_else(Problem::nothing_here)
}

/// Does it. What is refused did not happen, and the refusal is the answer; a fault of ours is none.
async fn carry_out(api: &Api, visit: &mut Visit, order: &Order) -> Result<Answer, Problem> {
    visit.tx.savepoint().await?;
    match order.carry_out(&mut visit.context(api)).await {
        Ok(answer) => Ok(answer),
        Err(problem) if problem.is_ours() => Err(problem),
        Err(problem) => {
            visit.tx.back_to_savepoint().await?;
            Ok(Answer::from(&problem))
        }
    }
}

async fn finish(visit: Visit, answer: Answer) -> Result<Response, Problem> {
    crash::point("command.before_commit");
    visit.tx.commit().await?;
    crash::point("command.after_commit");
    Ok(answer.into_response())
}

fn key(method: &Method, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get("idempotency-key").filter(|_| method == Method::POST) else { return Ok(None) };
    let is_sound =
        |key: &&str| (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    let key = key.to_str().ok().filter(is_sound);
    let wrong = || Problem::unreadable(format!("`Idempotency-Key` has 1 to {LONGEST_KEY} letters, digits and signs."));
    key.map(|key| Some(key.to_owned())).ok_or_else(wrong)
}
