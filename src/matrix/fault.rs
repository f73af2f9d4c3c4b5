//! What an error of the homeserver or of matrix-sdk means for the one who asked: later, or never.

use std::time::{Duration, SystemTime};

use matrix_sdk::media::MediaError;
use matrix_sdk::ruma::api::client::uiaa::UiaaResponse;
use matrix_sdk::ruma::api::error::{Error as ApiError, ErrorKind, FromHttpResponseError, RetryAfter};
use matrix_sdk::{Error, HttpError};

use crate::desk::seams::Fault;

/// Decides from the status and `errcode` alone. The server's own words are not repeated, since they
/// may name people; they are in the debug log.
pub(super) fn of_http(error: &HttpError) -> Fault {
    tracing::debug!(%error, "the homeserver did not do it");
    match error {
        HttpError::Reqwest(error) if error.is_timeout() => Fault::later("the homeserver did not answer in time"),
        HttpError::Reqwest(_) => Fault::later("the homeserver can't be reached"),
        HttpError::Api(error) => match error.as_ref() {
            FromHttpResponseError::Server(UiaaResponse::MatrixError(error)) => of_api(error),
            FromHttpResponseError::Server(_) => Fault::never("the homeserver wants a person to confirm this"),
            // A page of a proxy, or an answer cut short: what was asked for may have happened, and
            // the key makes its repetition harmless.
            _ => Fault::later("the homeserver's answer can't be read"),
        },
        HttpError::Cached(error) => of_http(error),
        HttpError::RefreshToken(_) => Fault::later("the access token can't be refreshed"),
        HttpError::IntoHttp(_) => Fault::never("the request can't be written"),
    }
}

/// The same for matrix-sdk's own errors.
pub(super) fn of_sdk(error: &Error) -> Fault {
    match error {
        Error::Http(error) => of_http(error),
        Error::Media(MediaError::MediaTooLargeToUpload { max, current }) => {
            Fault::never(format!("the file has {current} bytes, and the homeserver takes at most {max}"))
        }
        Error::WrongRoomState(_) => Fault::later("the bot is not in the room, as far as it knows"),
        // Keys, stores, half a sync: passing, or mended by a restart, which nobody here can know.
        other => {
            tracing::debug!(error = %other, "matrix-sdk did not do it");
            Fault::later("matrix-sdk could not do it; its debug log says more")
        }
    }
}

/// Whether the homeserver has said that it does not know our session.
pub(super) fn is_logged_out(error: &HttpError) -> bool {
    matches!(error.client_api_error_kind(), Some(ErrorKind::UnknownToken(_) | ErrorKind::MissingToken))
}

/// Whether the error is this one of the homeserver's.
pub(super) fn is_kind(error: &HttpError, kind: &ErrorKind) -> bool {
    error.client_api_error_kind() == Some(kind)
}

fn of_api(error: &ApiError) -> Fault {
    let status = error.status_code.as_u16();
    let Some(kind) = error.error_kind() else {
        // Not Matrix' JSON: a proxy speaks, which knows nothing about our request but its size.
        let why = format!("something before the homeserver answered {status}");
        return if status == 413 { Fault::never(why) } else { Fault::later(why) };
    };
    let why = format!("the homeserver answered {status} {}", kind.errcode());
    match kind {
        ErrorKind::LimitExceeded(limit) => Fault::Later { after: limit.retry_after.as_ref().map(wait), why },
        ErrorKind::UnknownToken(_)
        | ErrorKind::MissingToken
        | ErrorKind::UserDeactivated
        | ErrorKind::UserLocked
        | ErrorKind::UserSuspended => {
            tracing::error!("{why}: the bot's account or session is not usable; nothing can be sent until it is");
            Fault::later(why)
        }
        ErrorKind::ResourceLimitExceeded(_) => Fault::later(why),
        _ if status >= 500 || status == 429 || status == 408 => Fault::later(why),
        _ => Fault::never(why),
    }
}

fn wait(after: &RetryAfter) -> Duration {
    match after {
        RetryAfter::Delay(delay) => *delay,
        RetryAfter::DateTime(time) => time.duration_since(SystemTime::now()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use matrix_sdk::reqwest::StatusCode;
    use matrix_sdk::ruma::api::error::{ErrorBody, LimitExceededErrorData, StandardErrorBody};

    use super::*;

    fn answered(status: u16, body: ErrorBody) -> Fault {
        let error = ApiError::new(StatusCode::from_u16(status).expect("a status"), body);
        of_http(&HttpError::from(FromHttpResponseError::Server(UiaaResponse::MatrixError(error))))
    }

    fn said(status: u16, kind: ErrorKind) -> Fault {
        answered(status, ErrorBody::Standard(StandardErrorBody::new(kind, "@carol:desk.test may not".to_owned())))
    }

    fn is_later(fault: &Fault) -> bool {
        matches!(fault, Fault::Later { .. })
    }

    #[test]
    fn what_the_homeserver_refuses_is_never() {
        for (status, kind) in [
            (403, ErrorKind::Forbidden),
            (404, ErrorKind::NotFound),
            (413, ErrorKind::TooLarge),
            (400, ErrorKind::BadJson),
            (400, ErrorKind::Unknown),
        ] {
            assert!(!is_later(&said(status, kind.clone())), "{kind:?}");
        }
    }

    #[test]
    fn what_passes_is_later() {
        for (status, kind) in [(500, ErrorKind::Unknown), (502, ErrorKind::Unknown), (401, ErrorKind::MissingToken)] {
            assert!(is_later(&said(status, kind.clone())), "{kind:?}");
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept() {
        let mut limit = LimitExceededErrorData::new();
        limit.retry_after = Some(RetryAfter::Delay(Duration::from_secs(7)));
        let Fault::Later { after, .. } = said(429, ErrorKind::LimitExceeded(limit)) else { panic!() };
        assert_eq!(after, Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_proxy_decides_nothing_but_the_size() {
        let page = || ErrorBody::Json(serde_json::json!("<html>"));
        for status in [403, 404, 429, 502] {
            assert!(is_later(&answered(status, page())), "{status}");
        }
        assert!(!is_later(&answered(413, page())));
    }

    #[test]
    fn no_fault_repeats_the_homeserver_s_words() {
        assert_eq!(said(403, ErrorKind::Forbidden).to_string(), "the homeserver answered 403 M_FORBIDDEN");
    }
}
