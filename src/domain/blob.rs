//! Bytes that are kept once, and what they are known by.

use std::fmt;
use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of some bytes: the same bytes are kept once, whoever brings them and however often.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes. Costs a second for some hundred megabytes, so it is made where no row is locked.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A digest as the record has it; `None` if it is not 32 bytes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its 32 bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Bytes in memory that several may hold at once: one answer's file, for all of its letters.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Blob(Arc<Vec<u8>>);

/// A [`Blob`] that is there as long as somebody else holds it.
#[derive(Clone, Debug, Default)]
pub struct WeakBlob(Weak<Vec<u8>>);

impl Blob {
    /// To find it again while it is held.
    #[must_use]
    pub fn downgrade(&self) -> WeakBlob {
        WeakBlob(Arc::downgrade(&self.0))
    }

    /// The bytes by themselves: without a copy if nobody else holds them.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        Arc::unwrap_or_clone(self.0)
    }
}

impl WeakBlob {
    /// The bytes, if somebody still holds them.
    #[must_use]
    pub fn upgrade(&self) -> Option<Blob> {
        self.0.upgrade().map(Blob)
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_standard_and_reads_back() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(Digest::read(digest.bytes()), Some(digest));
        assert_eq!(Digest::read(&[0; 31]), None);
    }

    #[test]
    fn a_blob_is_one_for_all_who_hold_it_and_gone_with_the_last() {
        let blob = Blob::from(vec![1, 2, 3]);
        let weak = blob.downgrade();
        let other = weak.upgrade().expect("held");
        assert!(std::ptr::eq(blob.as_ref(), other.as_ref()));
        let at = blob.as_ref().as_ptr();
        drop(other);
        let bytes = blob.into_bytes();
        assert!(std::ptr::eq(bytes.as_ptr(), at), "no copy for who is alone");
        assert!(weak.upgrade().is_none());
    }
}
