//! `neul api-key add`

use people::{KeyOwner, NewApiKey, Scope};

use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
};

/// Makes a key for a merchant's tills and prints it, and nothing else, on standard output.
pub async fn add(
    settings: &Settings,
    municipality: i64,
    merchant: &str,
    label: String,
    scopes: &str,
) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let Some(merchant) = rooms.ledger.merchant_by_code(municipality, merchant).await? else {
        return say(format!("no merchant of {municipality} has the code {merchant:?}"));
    };
    let Some(scopes) = scopes
        .split(',')
        .map(|name| Scope::from_name(name.trim()))
        .collect::<Option<Vec<Scope>>>()
    else {
        let known: Vec<_> = Scope::OF_MERCHANTS.iter().map(|scope| scope.name()).collect();
        return say(format!(
            "{scopes:?} are no scopes; known are {}",
            known.join(", ")
        ));
    };
    let new = NewApiKey {
        municipality,
        owner: KeyOwner::Merchant(merchant.id),
        label,
        scopes,
    };
    let at = jiff::Timestamp::now().as_millisecond();
    match rooms.people.make_api_key(&new, "command line", "", at).await {
        Ok((_, text)) => println!("{}", text.0),
        Err(error) => return say(error.to_string()),
    }
    Ok(())
}
