//! Pictures of the desk's rooms and of the bot, by which clients tell them from people: a ticket, on a colour for each.
//!
//! A room that never had one gets one, once; what somebody has put there or taken away stays so. The bot gets its own with the
//! Space.

use matrix_sdk::ruma::OwnedMxcUri;
use serde_json::json;

use super::plan::Found;
use super::{Matrix, fault};
use crate::desk::seams::{Fault, RoomKind, RoomPlan};
use crate::domain::id::RoomId;

/// Width and height in pixels.
const SIZE: usize = 96;
const PAPER: [u8; 3] = [255, 255, 255];
/// Dark enough that white is seen on each.
const COLOURS: [[u8; 3]; 8] = [
    [31, 95, 191],
    [0, 121, 107],
    [123, 63, 160],
    [176, 58, 46],
    [140, 90, 0],
    [46, 110, 40],
    [90, 80, 150],
    [160, 40, 100],
];

impl Matrix {
    /// Gives a room a picture that never had one. In their direct rooms agents see the bot's.
    pub(super) async fn give_picture(&self, plan: &RoomPlan, room: &RoomId, found: &Found) -> Result<(), Fault> {
        if plan.kind == RoomKind::Home || found.event("m.room.avatar", "").is_some() {
            return Ok(());
        }
        let given = self.picture_of(plan, room).await;
        match given {
            // A picture is no reason to leave a room half made.
            Err(Fault::Never { why }) => {
                tracing::warn!(%room, why, "the room has no picture");
                Ok(())
            }
            other => other,
        }
    }

    async fn picture_of(&self, plan: &RoomPlan, room: &RoomId) -> Result<(), Fault> {
        let url = self.uploaded_picture(colour(&plan.alias)).await?;
        if plan.kind == RoomKind::Space {
            self.show_face(&url).await?;
        }
        self.set_state(room, "m.room.avatar", "", &json!({ "url": url })).await
    }

    /// The bot's own picture, unless it has one.
    async fn show_face(&self, url: &OwnedMxcUri) -> Result<(), Fault> {
        let account = self.client.account();
        if account.get_avatar_url().await.map_err(|error| fault::of_sdk(&error))?.is_none() {
            account.set_avatar_url(Some(url)).await.map_err(|error| fault::of_sdk(&error))?;
        }
        Ok(())
    }

    async fn uploaded_picture(&self, colour: [u8; 3]) -> Result<OwnedMxcUri, Fault> {
        let bytes = picture(colour).ok_or_else(|| Fault::never("the picture could not be drawn"))?;
        let uploaded = self.client.media().upload(&mime::IMAGE_PNG, bytes, Some(Self::once())).await;
        Ok(uploaded.map_err(|error| fault::of_sdk(&error))?.content_uri)
    }
}

/// The same for the same name.
fn colour(name: &str) -> [u8; 3] {
    let sum = name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    COLOURS[sum % COLOURS.len()]
}

/// A ticket: white, its ends notched, perforated where it is torn.
fn picture(colour: [u8; 3]) -> Option<Vec<u8>> {
    let is_paper = |x: usize, y: usize| {
        let is_notch = |centre: usize| x.abs_diff(centre).pow(2) + y.abs_diff(SIZE / 2).pow(2) < 49;
        let is_perforation = (60..63).contains(&x) && y % 8 < 4;
        (16..80).contains(&x) && (30..66).contains(&y) && !is_notch(16) && !is_notch(79) && !is_perforation
    };
    let pixels: Vec<u8> = (0..SIZE * SIZE).map(|at| u8::from(is_paper(at % SIZE, at / SIZE))).collect();
    let mut bytes = Vec::new();
    let side = u32::try_from(SIZE).ok()?;
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette([colour, PAPER].concat());
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_small_and_has_two_colours() {
        let bytes = picture(colour("queue-support")).expect("a picture");
        assert!(bytes.len() < 4096, "{} bytes", bytes.len());
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        reader.next_frame(&mut pixels).expect("a frame");
        let paper: usize = pixels.iter().map(|pixel| usize::from(*pixel)).sum();
        assert!((1_000..4_000).contains(&paper), "{paper}");
        assert_ne!(colour("queue-support"), colour("queue-billing"));
    }
}
