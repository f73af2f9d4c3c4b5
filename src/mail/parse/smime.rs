//! S/MIME containers (RFC 8551): what was signed or compressed is read, what was encrypted is named so. Nothing is
//! verified: whose signature counts is nobody's setting here, so the agents are told that none was looked at.

use std::io::Read;

use bcder::decode::{Constructed, Content, DecodeError, Source};
use bcder::{Mode, Oid, Tag};
use flate2::read::ZlibDecoder;

use super::mime::Part;

/// How much a compressed container may hold.
const INFLATED: u64 = 16 << 20;
/// How deep values may stand in each other.
const DEPTH: usize = 16;

/// The object identifiers of RFC 5652, RFC 5083 and RFC 3274, as they are encoded.
const SIGNED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const ENVELOPED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
const ENCRYPTED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
const AUTH_ENVELOPED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";
const COMPRESSED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09";

/// What is in a container.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// A part, header and body, and a signature.
    Signed(Vec<u8>),
    /// A part: it was only compressed, or a gateway has unpacked it and left its type as it was.
    Plain(Vec<u8>),
    /// What only its recipient can read.
    Encrypted,
    /// Certificates and nothing else.
    Certificates,
    /// Something else.
    Unknown,
}

/// Whether a part is one, by its type or, where programs give it none, by its name.
pub(super) fn is_container(part: &Part<'_>) -> bool {
    let is_named = part.name.as_deref().is_some_and(|name| name.to_ascii_lowercase().ends_with(".p7m"));
    part.kind.ends_with("/pkcs7-mime")
        || part.kind.ends_with("/x-pkcs7-mime")
        || (part.kind == "application/octet-stream" && is_named)
}

/// Looks into a container.
pub(super) fn open(bytes: &[u8]) -> Container {
    if is_header(bytes) {
        return Container::Plain(bytes.to_vec());
    }
    let mut kind = Vec::new();
    let mut inside = None;
    // It ends in an error always: what stands behind the content is not looked at.
    let _ =
        Constructed::decode(bytes, Mode::Ber, |outer| outer.take_sequence(|info| read(info, &mut kind, &mut inside)));
    match (kind.as_slice(), inside) {
        (SIGNED, Some(inside)) => Container::Signed(inside),
        (SIGNED, None) => Container::Certificates,
        (COMPRESSED, Some(inside)) => inflated(&inside).map_or(Container::Unknown, Container::Plain),
        (ENVELOPED | ENCRYPTED | AUTH_ENVELOPED, _) => Container::Encrypted,
        _ => Container::Unknown,
    }
}

fn is_header(bytes: &[u8]) -> bool {
    [&b"content-"[..], b"mime-version:"]
        .iter()
        .any(|start| bytes.get(..start.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(start)))
}

/// Reads a `ContentInfo` down to the content (RFC 5652 §3 and §5.1, RFC 3274 §1.1): both kinds have two fields before it.
fn read<S: Source>(
    info: &mut Constructed<'_, S>,
    kind: &mut Vec<u8>,
    inside: &mut Option<Vec<u8>>,
) -> Result<(), DecodeError<S::Error>> {
    *kind = Oid::take_from(info)?.as_ref().to_vec();
    info.take_constructed_if(Tag::CTX_0, |body| {
        body.take_sequence(|data| {
            for _ in 0..2 {
                data.skip_opt(|_, _, depth| if depth < DEPTH { Ok(()) } else { Err("too deep".into()) })?;
            }
            data.take_sequence(|content| {
                Oid::take_from(content)?;
                content.take_opt_constructed_if(Tag::CTX_0, |explicit| {
                    explicit
                        .take_value_if(Tag::OCTET_STRING, |octets| append(octets, inside.get_or_insert_default(), 0))
                })?;
                Err(content.content_err("read as far as it matters"))
            })
        })
    })
}

/// An octet string, which streaming programs write in pieces.
fn append<S: Source>(
    content: &mut Content<'_, S>,
    into: &mut Vec<u8>,
    depth: usize,
) -> Result<(), DecodeError<S::Error>> {
    match content {
        Content::Primitive(piece) => into.extend_from_slice(&piece.take_all()?),
        Content::Constructed(pieces) if depth < DEPTH => {
            while pieces.take_opt_value_if(Tag::OCTET_STRING, |piece| append(piece, into, depth + 1))?.is_some() {}
        }
        Content::Constructed(pieces) => return Err(pieces.content_err("too deep")),
    }
    Ok(())
}

fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let outcome = ZlibDecoder::new(bytes).take(INFLATED).read_to_end(&mut plain);
    // What was cut on the way is shown as far as it goes.
    (outcome.is_ok() || !plain.is_empty()).then_some(plain)
}
