//! Forgets residents who closed their login, when the years are over for which records of transactions are kept.

use app::House;

/// Wipes whose time is over; who had money or movements since is kept longer, counted from the last of them.
pub async fn run(house: &House) -> Result<usize, String> {
    let at = house.now();
    let said = |error: &dyn std::fmt::Display| error.to_string();
    let mut wiped = 0;
    let due = house
        .people
        .residents_to_wipe(at)
        .await
        .map_err(|error| said(&error))?;
    for (municipality, holder) in due {
        let (ledger, filter) = (&house.ledger, ledger::HistoryFilter::default());
        let wallet = ledger
            .wallet(municipality, holder, at)
            .await
            .map_err(|error| said(&error))?;
        let refundable_won = ledger
            .refundable(municipality, holder)
            .await
            .map_err(|error| said(&error))?;
        let last = ledger
            .history(municipality, holder, &filter, None, 1)
            .await
            .map_err(|error| said(&error))?;
        let last_at = last.lines.first().map_or(i64::MIN, |line| line.at);
        let has_money = wallet.total_won > 0 || refundable_won > 0;
        let until_at = if has_money {
            at + people::KEEP_MS
        } else {
            last_at.saturating_add(people::KEEP_MS)
        };
        if until_at > at {
            house.people.keep_resident(municipality, holder, until_at).await
        } else {
            wiped += 1;
            house
                .people
                .wipe_resident(municipality, holder, at)
                .await
                .map(|_| ())
        }
        .map_err(|error| said(&error))?;
    }
    Ok(wiped)
}
