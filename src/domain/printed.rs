//! A letter's bytes, frozen, with its files kept apart.

use std::borrow::Cow;

use super::transfer::base64_lines;

/// A mail as it is sent at every attempt: its text, and where its files are put into it, as base64. A file is whatever says
/// what its bytes are: a digest in the record, the bytes themselves on their way out. So an answer's files are kept once,
/// however many letters bear them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed<F> {
    text: Vec<u8>,
    files: Vec<(usize, F)>,
}

/// What follows what in a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a, F> {
    /// Bytes of its text.
    Text(&'a [u8]),
    /// A file, to be encoded.
    File(&'a F),
}

impl<F> Printed<F> {
    /// A mail's bytes without its files, and the files with the places in the former where they are put in, in their order.
    /// `None` if there is no such place.
    #[must_use]
    pub fn new(text: Vec<u8>, files: Vec<(usize, F)>) -> Option<Self> {
        let is_sound = files.is_sorted_by(|one, next| one.0 < next.0) && files.iter().all(|(at, _)| *at <= text.len());
        is_sound.then_some(Self { text, files })
    }

    /// A mail without files.
    #[must_use]
    pub fn plain(text: Vec<u8>) -> Self {
        Self { text, files: Vec::new() }
    }

    /// Its bytes without its files.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Its files, with the places in its text where they are put in.
    #[must_use]
    pub fn files(&self) -> &[(usize, F)] {
        &self.files
    }

    /// What follows what: a text, and behind every file another one, which may be empty.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_, F>> {
        let ends = self.files.iter().map(|(at, _)| *at).chain([self.text.len()]);
        let begins = [0].into_iter().chain(self.files.iter().map(|(at, _)| *at));
        let texts = begins.zip(ends).map(|(begin, end)| &self.text[begin..end]);
        let files = self.files.iter().map(|(_, file)| Some(file)).chain([None]);
        texts.zip(files).flat_map(|(text, file)| [Some(Part::Text(text)), file.map(Part::File)]).flatten()
    }
}

impl<F: AsRef<[u8]>> Printed<F> {
    /// Its bytes, piece by piece.
    pub fn pieces(&self) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.parts().flat_map(|part| match part {
            Part::Text(text) => Box::new(std::iter::once(Cow::Borrowed(text))) as Box<dyn Iterator<Item = _> + '_>,
            Part::File(file) => Box::new(base64_lines(file.as_ref()).map(Cow::Owned)),
        })
    }

    /// Its bytes as a whole.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.pieces().collect::<Vec<_>>().concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_where_they_are_put_in() {
        let text = b"Head\r\n\r\n\r\n--b\r\n\r\n\r\n--b--\r\n".to_vec();
        let mail = Printed::new(text, vec![(8, b"Man".to_vec()), (17, b"Ma".to_vec())]).expect("sound");
        assert_eq!(mail.bytes(), b"Head\r\n\r\nTWFu\r\n--b\r\n\r\nTWE=\r\n--b--\r\n");
        let kinds: Vec<bool> = mail.parts().map(|part| matches!(part, Part::File(_))).collect();
        assert_eq!(kinds, [false, true, false, true, false]);
    }

    #[test]
    fn a_mail_without_files_is_its_text() {
        let mail: Printed<Vec<u8>> = Printed::plain(b"Head\r\n\r\nText\r\n".to_vec());
        assert_eq!((mail.bytes().as_slice(), mail.parts().count()), (mail.text(), 1));
        assert!(Printed::<Vec<u8>>::default().bytes().is_empty());
    }

    #[test]
    fn a_file_can_begin_and_end_a_mail() {
        let mail = Printed::new(b"ab".to_vec(), vec![(0, b"".to_vec()), (2, b"Man".to_vec())]).expect("sound");
        assert_eq!(mail.bytes(), b"abTWFu");
    }

    #[test]
    fn there_is_no_file_beyond_the_text_or_out_of_order() {
        for places in [vec![4], vec![2, 1], vec![1, 1]] {
            let files = places.iter().map(|&at| (at, Vec::new())).collect::<Vec<(usize, Vec<u8>)>>();
            assert_eq!(Printed::new(b"abc".to_vec(), files), None, "{places:?}");
        }
    }
}
