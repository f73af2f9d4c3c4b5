//! Sizes, as people read them.

/// Bytes in the largest unit that leaves something before the point: `3 B`, `12 KiB`, `1.2 MiB`, `25 MiB`. Rounded down, since it
/// may be a limit.
#[must_use]
pub fn shown(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => match (bytes % 0x10_0000) * 10 / 0x10_0000 {
            0 => format!("{} MiB", bytes >> 20),
            tenth => format!("{}.{tenth} MiB", bytes >> 20),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_in_units_that_people_use() {
        for (bytes, wanted) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            ((1 << 20) - 1, "1023 KiB"),
            (1 << 20, "1 MiB"),
            (1_300_000, "1.2 MiB"),
            (25 << 20, "25 MiB"),
        ] {
            assert_eq!(shown(bytes), wanted, "{bytes}");
        }
    }
}
