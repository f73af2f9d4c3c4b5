//! A picture of what was new and what was closed on each day.

use super::Projection;
use crate::desk::failure::Outcome;
use crate::desk::post::{Post, PostedFile, ThreadPlace};
use crate::desk::seams::Fault;
use crate::desk::words;
use crate::store::jobs::Chart;

/// Its height, and how wide a day's two bars and the gap behind them are, in pixels.
const HEIGHT: usize = 120;
const BAR: usize = 6;
const GAP: usize = 4;
const MARGIN: usize = 10;
/// Colours that people tell apart who see fewer of them: blue is new, green is closed.
const PAPER: [u8; 3] = [255, 255, 255];
const LINE: [u8; 3] = [200, 200, 200];
const NEW: [u8; 3] = [31, 95, 191];
const CLOSED: [u8; 3] = [60, 160, 70];

impl Projection<'_> {
    /// Answers a message with a picture.
    pub(super) async fn chart(&self, job: &Chart) -> Outcome {
        let Chart { room, ticket, to, days } = job;
        let Some(picture) = picture(days) else {
            return Err(Fault::never("the picture could not be drawn").into());
        };
        let mut tx = self.store.begin().await?;
        let thread = match ticket {
            Some(ticket) => tx.threads().get(*ticket, room).await?.map(|thread| thread.root),
            None => tx.threads().root_of(to).await?,
        };
        let others = self.others(&mut tx, room, Some(to)).await?;
        drop(tx);
        // What is said with it says why not.
        if !others.is_empty() {
            return self.done().await;
        }
        let size = picture.len() as u64;
        let (name, mime) = (format!("{}.png", words::chart(days)), "image/png");
        let media = self.chat.upload(room, &name, mime, picture).await?;
        let place = thread.map(|root| ThreadPlace { root, last: to.clone(), is_reply: true });
        let post = Post::file(PostedFile { name, mime: mime.to_owned(), size, media });
        self.say(room, place, &post, *ticket).await
    }
}

/// A PNG with two bars a day.
fn picture(days: &[(i64, i64)]) -> Option<Vec<u8>> {
    let width = 2 * MARGIN + days.len() * (2 * BAR + GAP);
    let most = days.iter().flat_map(|(new, closed)| [*new, *closed]).max()?.max(1);
    let mut canvas = Canvas { width, pixels: vec![PAPER; width * HEIGHT] };
    let ground = HEIGHT - MARGIN;
    canvas.fill((MARGIN, width - MARGIN), (ground, ground + 1), LINE);
    canvas.fill((MARGIN, width - MARGIN), (MARGIN, MARGIN + 1), LINE);
    for (n, (new, closed)) in days.iter().enumerate() {
        let left = MARGIN + n * (2 * BAR + GAP);
        for (start, count, colour) in [(left, *new, NEW), (left + BAR, *closed, CLOSED)] {
            let height = usize::try_from(count * i64::try_from(ground - MARGIN).ok()? / most).ok()?;
            canvas.fill((start, start + BAR - 1), (ground - height, ground), colour);
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, u32::try_from(width).ok()?, u32::try_from(HEIGHT).ok()?);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(canvas.pixels.as_flattened()).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

struct Canvas {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Canvas {
    /// Colours a rectangle; what lies beyond the edge is not there.
    fn fill(&mut self, (left, right): (usize, usize), (top, bottom): (usize, usize), colour: [u8; 3]) {
        for row in top..bottom.min(HEIGHT) {
            let line = row * self.width;
            self.pixels[line + left.min(self.width)..line + right.min(self.width)].fill(colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_what_they_count() {
        let bytes = picture(&[(4, 2), (0, 0), (1, 4)]).expect("a picture");
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut pixels).expect("a frame");
        assert_eq!((info.width, info.height), (68, 120));
        let count = |colour: [u8; 3]| pixels.chunks_exact(3).filter(|pixel| **pixel == colour).count();
        let whole = (HEIGHT - 2 * MARGIN) * (BAR - 1);
        assert_eq!((count(NEW), count(CLOSED)), (whole + whole / 4, whole / 2 + whole));
        assert!(picture(&[]).is_none());
    }
}
