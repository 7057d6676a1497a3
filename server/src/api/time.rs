//! Times as the API writes them.

/// RFC 3339 in Korean time, to the millisecond: `2026-11-25T11:13:05.123+09:00`.
pub fn korean_time(at_ms: i64) -> String {
    app::words::korean(at_ms)
        .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
        .to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_time_is_written_with_its_offset() {
        assert_eq!(
            super::korean_time(1_772_420_400_007),
            "2026-03-02T12:00:00.007+09:00"
        );
    }
}
