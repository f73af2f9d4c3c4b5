//! Mails in files: an mbox, a single mail, a folder of both, or a Maildir.

mod mbox;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use self::mbox::Mbox;

/// The largest mail that is taken from an archive. Mail servers take a tenth of it.
const LARGEST: usize = 256 << 20;

/// A mail of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchivedMail {
    /// Its bytes.
    pub raw: Vec<u8>,
    /// How many bytes of the archive it took.
    pub length: u64,
}

/// Why an archive can't be read, and what one would be.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file or folder can't be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// Where.
        path: String,
        /// Why.
        why: io::Error,
    },
    /// It does not begin as an mbox does.
    #[error(
        "{0} is not an mbox: its first line does not begin with \"From \". Wanted: an mbox, a single mail whose name ends \
         with .eml, a folder of .eml and .mbox files, or a Maildir"
    )]
    NotMbox(String),
    /// A folder without mails.
    #[error(
        "there are no mails in {0}: a Maildir has the folders cur and new, any other folder files that end with .eml or .mbox"
    )]
    NoMails(String),
    /// A mail beyond all measure.
    #[error("mail {number} of {path} is larger than 256 MiB; take it out")]
    TooLarge {
        /// Where.
        path: String,
        /// Which, from 1.
        number: usize,
    },
}

/// The mails of an archive, in its order: files by their names, mails as they stand in their files.
pub struct Archive {
    files: VecDeque<PathBuf>,
    open: Option<(String, Mbox<Box<dyn BufRead + Send>>)>,
    /// The bytes of all its files; `None` of a pipe.
    pub length: Option<u64>,
}

impl Archive {
    /// Opens a file or a folder; `-` is standard input, an mbox.
    ///
    /// # Errors
    /// If there is nothing of that kind.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        if path == Path::new("-") {
            let input = BufReader::new(io::stdin());
            let mbox = begin("standard input", Box::new(input))?;
            return Ok(Self { files: VecDeque::new(), open: Some(("standard input".to_owned(), mbox)), length: None });
        }
        let files = if path.is_dir() { files_in(path)? } else { VecDeque::from([path.to_owned()]) };
        let mut length = 0;
        for file in &files {
            length += file.metadata().map_err(|why| unreadable(file, why))?.len();
            // What is no archive is refused before anything of it is taken.
            if !is_one_mail(file) {
                begin(&file.display().to_string(), Box::new(open(file)?))?;
            }
        }
        Ok(Self { files, open: None, length: Some(length) })
    }

    fn next_mail(&mut self) -> Result<Option<ArchivedMail>, ArchiveError> {
        loop {
            if let Some((path, mbox)) = &mut self.open {
                match mbox.next_mail(LARGEST) {
                    Ok(Some(mail)) => return Ok(Some(mail)),
                    Ok(None) => self.open = None,
                    Err(why) if why.kind() == io::ErrorKind::FileTooLarge => {
                        return Err(ArchiveError::TooLarge { path: path.clone(), number: mbox.mails });
                    }
                    Err(why) => return Err(ArchiveError::Unreadable { path: path.clone(), why }),
                }
            }
            let Some(file) = self.files.pop_front() else { return Ok(None) };
            if is_one_mail(&file) {
                return one_mail(&file).map(Some);
            }
            let path = file.display().to_string();
            let mbox = begin(&path, Box::new(open(&file)?))?;
            self.open = Some((path, mbox));
        }
    }
}

impl Iterator for Archive {
    type Item = Result<ArchivedMail, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_mail().transpose()
    }
}

fn begin(path: &str, input: Box<dyn BufRead + Send>) -> Result<Mbox<Box<dyn BufRead + Send>>, ArchiveError> {
    match Mbox::begin(input) {
        Ok(Some(mbox)) => Ok(mbox),
        Ok(None) => Err(ArchiveError::NotMbox(path.to_owned())),
        Err(why) => Err(ArchiveError::Unreadable { path: path.to_owned(), why }),
    }
}

/// Files of a Maildir have no ending of their own, and each is one mail.
fn is_one_mail(file: &Path) -> bool {
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    has_ending(file, "eml") || ((folder == "cur" || folder == "new") && !has_ending(file, "mbox"))
}

fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn files_in(folder: &Path) -> Result<VecDeque<PathBuf>, ArchiveError> {
    let is_maildir = folder.join("cur").is_dir() && folder.join("new").is_dir();
    let mut files = Vec::new();
    if is_maildir {
        for part in ["cur", "new"] {
            files.extend(entries(&folder.join(part))?);
        }
        // Their names begin with the time of delivery.
        files.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    } else {
        files.extend(entries(folder)?.into_iter().filter(|file| has_ending(file, "eml") || has_ending(file, "mbox")));
        files.sort();
    }
    if files.is_empty() { Err(ArchiveError::NoMails(folder.display().to_string())) } else { Ok(files.into()) }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|why| unreadable(folder, why))? {
        let path = entry.map_err(|why| unreadable(folder, why))?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

fn open(file: &Path) -> Result<BufReader<File>, ArchiveError> {
    Ok(BufReader::new(File::open(file).map_err(|why| unreadable(file, why))?))
}

fn one_mail(file: &Path) -> Result<ArchivedMail, ArchiveError> {
    let mut raw = Vec::new();
    let most = LARGEST as u64 + 1;
    open(file)?.take(most).read_to_end(&mut raw).map_err(|why| unreadable(file, why))?;
    let length = raw.len() as u64;
    if length == most {
        return Err(ArchiveError::TooLarge { path: file.display().to_string(), number: 1 });
    }
    Ok(ArchivedMail { raw, length })
}

fn unreadable(path: &Path, why: io::Error) -> ArchiveError {
    ArchiveError::Unreadable { path: path.display().to_string(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raws(path: &Path) -> Vec<String> {
        let archive = Archive::open(path).expect("an archive");
        archive.map(|mail| String::from_utf8(mail.expect("a mail").raw).expect("text")).collect()
    }

    #[test]
    fn a_folder_is_read_by_the_names_of_its_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        write("2.EML", "Subject: c\n\nc\n");
        write(
            "1.mbox",
            "From a@b Mon Nov 23 09:00:00 2026\nSubject: a\n\na\n\nFrom a@b Mon Nov 23 09:00:00 2026\nSubject: b\n\nb\n\n",
        );
        write("notes.txt", "no mail");
        assert_eq!(raws(folder.path()), ["Subject: a\n\na\n", "Subject: b\n\nb\n", "Subject: c\n\nc\n"]);
    }

    #[test]
    fn a_maildir_is_read_in_the_order_of_delivery() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["cur", "new", "tmp"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        for (name, text) in [("cur/2.x:2,S", "b"), ("new/1.x", "a"), ("new/3.x", "c"), ("tmp/0.x", "unfinished")] {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        assert_eq!(raws(folder.path()), ["a", "b", "c"]);
    }

    #[test]
    fn what_is_no_archive_is_refused_with_the_right_form() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mails.txt");
        std::fs::write(&file, "Subject: x\n\nx\n").expect("a file");
        for (path, form) in [
            (file.as_path(), "its first line does not begin with \"From \""),
            (folder.path(), "files that end with .eml or .mbox"),
            (&folder.path().join("nothing"), "nothing"),
        ] {
            let told = Archive::open(path).err().expect("a refusal").to_string();
            assert!(told.contains(form), "{told}");
        }
    }
}
