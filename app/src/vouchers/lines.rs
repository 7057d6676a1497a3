//! Lines of people as they are typed or pasted from a sheet, and the small roster that is made of them.

/// Each line that says something, with its number from 1: name, birth date, phone, amount. Tabs (a pasted
/// sheet), semicolons or commas part them; of commas, those behind the third part the amount's thousands.
pub(super) fn split(text: &str) -> Vec<(usize, [String; 4])> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            let delimiter = ['\t', ';', ',']
                .into_iter()
                .find(|one| line.contains(*one))
                .unwrap_or(',');
            let mut parts = line.splitn(4, delimiter).map(|part| part.trim().to_owned());
            let cells = std::array::from_fn(|_| parts.next().unwrap_or_default());
            (index + 1, cells)
        })
        .collect()
}

/// The text without those lines that hold what looks like a resident registration number, which is never
/// shown again.
pub(super) fn without_resident_numbers(text: &str) -> String {
    let holds = |line: &&str| people::looks_like_registration_number(line);
    if !text.lines().any(|line| holds(&line)) {
        return text.to_owned();
    }
    text.lines()
        .filter(|line| !holds(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The lines as a roster that the check of rosters reads.
pub(super) fn as_roster(cells: &[[String; 4]]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    writer.write_record(["성명", "생년월일", "휴대전화", "지급액"])?;
    for line in cells {
        writer.write_record(line)?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_resident_number_is_not_shown_again() {
        let text = "김하나,1990-01-02,010-1234-5678,100,000\n이두리,900102-2234567,010-2222-3333,5000";
        assert_eq!(
            without_resident_numbers(text),
            "김하나,1990-01-02,010-1234-5678,100,000"
        );
        assert_eq!(
            without_resident_numbers("가,1990-01-02,010-1234-5678,1\n"),
            "가,1990-01-02,010-1234-5678,1\n"
        );
    }

    #[test]
    fn lines_are_split_as_sheets_and_people_write_them() {
        let text = "김하나\t1990-01-02\t010-1234-5678\t100,000\n\n이두리, 1985.3.4, 010-2222-3333, 50,000원\n박세찬;19700506;01033334444;30000\n이름만";
        let lines = split(text);
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[0],
            (
                1,
                ["김하나", "1990-01-02", "010-1234-5678", "100,000"].map(str::to_owned)
            )
        );
        assert_eq!(
            lines[1],
            (
                3,
                ["이두리", "1985.3.4", "010-2222-3333", "50,000원"].map(str::to_owned)
            )
        );
        assert_eq!(lines[2].1[3], "30000");
        assert_eq!(lines[3].1, ["이름만", "", "", ""].map(str::to_owned));
    }
}
