//! What the house promises of itself.
