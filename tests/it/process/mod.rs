//! The compiled program against the real servers.
