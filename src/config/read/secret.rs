//! Files with secrets in them, and who else can read those.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file that a secret was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretFile {
    /// The key that names it, such as `smtp.password_file`.
    pub key: String,
    /// The file.
    pub path: PathBuf,
    /// Who can read it.
    pub readers: Readers,
}

/// Who can read a file besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Nobody.
    Owner,
    /// The members of its group.
    Group,
    /// Every user of the machine.
    World,
}

const GROUP_READS: u32 = 0o040;
const WORLD_READS: u32 = 0o004;
const WORLD_ENTERS: u32 = 0o001;
const GROUP_ENTERS: u32 = 0o010;

impl Readers {
    /// Who can read a file, by its mode and by those of the directories above it: behind a door that is shut a file may be
    /// as open as it likes. Access lists are not looked at; what they grant shows in the group's bits. A file that is not
    /// there is read by nobody.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        let mode = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.permissions().mode());
        // The file itself may be a link into another directory, as Kubernetes does it.
        let Ok(file) = file.canonicalize() else { return Self::Owner };
        let is_reachable = |bits: u32| file.ancestors().skip(1).all(|directory| mode(directory) & bits != 0);
        let own = mode(&file);
        if own & WORLD_READS != 0 && is_reachable(WORLD_ENTERS) {
            Self::World
        } else if own & GROUP_READS != 0 && is_reachable(WORLD_ENTERS | GROUP_ENTERS) {
            Self::Group
        } else {
            Self::Owner
        }
    }
}
