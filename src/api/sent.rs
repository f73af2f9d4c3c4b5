//! What a request brings along: JSON, alone or as the first part of a form with files.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::order::{AnswerBody, NoteBody, TicketBody};
use super::problem::Problem;
use super::{Api, body};
use crate::desk::conversation::recipients::MOST_BYTES;
use crate::desk::words::file_name;
use crate::listen::memory::Reservation;
use crate::store::files::AgentFile;

/// How many files one request may have.
const MOST_FILES: usize = 20;

/// What a request brings along.
pub(super) struct Sent {
    /// The JSON.
    pub(super) json: Vec<u8>,
    /// The files, in their order; their bytes are kept already.
    pub(super) files: Vec<AgentFile>,
    is_form: bool,
}

/// A file, as a part of a form: its name and media type stand in the part's header
#[derive(ToSchema)]
#[schema(as = FilePart, value_type = String, format = Binary)]
#[expect(dead_code, reason = "only described")]
pub(super) struct FilePart(String);

/// A note with files
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewNoteForm)]
#[expect(dead_code, reason = "only described")]
pub(super) struct NoteForm {
    /// The note; it stands before the files
    json: NoteBody,
    /// At most 20, and 18 MiB together
    #[schema(required = false, max_items = 20)]
    files: Vec<FilePart>,
}

/// A mail to the customer with files
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAnswerForm)]
#[expect(dead_code, reason = "only described")]
pub(super) struct AnswerForm {
    /// The mail; it stands before the files
    json: AnswerBody,
    /// At most 20, and 18 MiB together
    #[schema(required = false, max_items = 20)]
    files: Vec<FilePart>,
}

/// A ticket whose first article has files
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTicketForm)]
#[expect(dead_code, reason = "only described")]
pub(super) struct TicketForm {
    /// The ticket; it stands before the files
    json: TicketBody,
    /// At most 20, and 18 MiB together
    #[schema(required = false, max_items = 20)]
    files: Vec<FilePart>,
}

impl Sent {
    /// Reads it, within limits. Of a form no more than a token is looked at first: nobody else's files are taken.
    pub(super) async fn read(api: &Api, parts: &Parts, sent: Body) -> Result<Self, Problem> {
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_form = kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
        if !is_form {
            return Ok(Self { json: body::read(sent).await?.to_vec(), files: vec![], is_form });
        }
        api.enter(&parts.headers).await?.tx.commit().await?;
        let request = Request::from_parts(parts.clone(), sent);
        let form = Multipart::from_request(request, &()).await;
        let form = form.map_err(|error| Problem::unreadable(format!("This is no form: {error}.")))?;
        read_form(api, form).await
    }

    /// What makes two requests the same one: of a form not how its parts are held apart, which is another way each time.
    pub(super) fn digest(&self, parts: &Parts) -> [u8; 32] {
        let mut hash = Sha256::new().chain_update(format!("{} {}\n", parts.method, parts.uri.path()));
        hash.update(&self.json);
        if self.is_form {
            for file in &self.files {
                hash.update(format!("\n{}\n{}\n", file.name, file.mime));
                hash.update(file.kept.digest.bytes());
            }
        }
        hash.finalize().into()
    }

    /// Refuses files where there can be none.
    pub(super) fn must_have_no_files(&self) -> Result<(), Problem> {
        if self.is_form {
            let detail = "What is sent here is JSON, `Content-Type: application/json`.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail));
        }
        Ok(())
    }
}

async fn read_form(api: &Api, mut form: Multipart) -> Result<Sent, Problem> {
    let (mut held, mut size) = (api.memory.share(), 0);
    let mut json: Option<Vec<u8>> = None;
    let mut files: Vec<(String, String, Vec<u8>)> = Vec::new();
    while let Some(mut field) = form.next_field().await.map_err(|error| ended(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        match (name.as_str(), &json) {
            ("json", None) => json = Some(bytes_of(&mut field, (&mut held, &mut size), body::LARGEST).await?),
            ("files", Some(_)) if files.len() < MOST_FILES => {
                let name = file_name(field.file_name().unwrap_or_default());
                let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
                let most = usize::try_from(MOST_BYTES).unwrap_or(usize::MAX);
                files.push((name, mime, bytes_of(&mut field, (&mut held, &mut size), most).await?));
            }
            ("files", Some(_)) => return Err(too_large(&format!("A request has at most {MOST_FILES} files."))),
            _ => {
                let detail = "A form has one part `json`, before all others, and then parts `files`.";
                return Err(Problem::unreadable(detail));
            }
        }
    }
    let json = json.ok_or_else(|| Problem::unreadable("A form has a part `json`."))?;
    let mut kept = Vec::with_capacity(files.len());
    for (name, mime, bytes) in files {
        kept.push(AgentFile { name, mime, kept: api.desk.store().blobs().keep(bytes).await? });
    }
    Ok(Sent { json, files: kept, is_form: true })
}

/// A part's bytes, if there are no more of all parts than may be and there is memory for them.
async fn bytes_of(
    field: &mut Field<'_>,
    (held, size): (&mut Reservation, &mut usize),
    most: usize,
) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| ended(&error))? {
        *size += chunk.len();
        if bytes.len() + chunk.len() > most || *size > body::LARGEST + usize::try_from(MOST_BYTES).unwrap_or(usize::MAX)
        {
            return Err(too_large(&format!("The files have at most {} MiB together.", MOST_BYTES >> 20)));
        }
        // Once here, and once on the way into the record.
        if !held.grow_to(*size * 2) {
            return Err(Problem::busy());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large(detail: &str) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

fn ended(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large("This is larger than the desk takes (web.max_size).")
    } else {
        Problem::unreadable(format!("This is no whole form: {error}."))
    }
}
