//! `neul api-key add`

use people::{KeyOwner, NewApiKey, Scope};

use crate::{
    cli::Settings,
    config::{Rooms, StartError, say},
};

/// Whose key.
pub enum Of {
    /// Of the merchant with this code in a municipality.
    Merchant(i64, String),
    /// Of a card network.
    Network(String),
}

/// Makes a key for a merchant's tills or a card network and prints it, and nothing else, on standard output.
pub async fn add(
    settings: &Settings,
    of: Of,
    label: String,
    scopes: Option<String>,
) -> Result<(), StartError> {
    let rooms = Rooms::open(settings).await?;
    rooms.migrate().await?;
    let (municipality, owner, all) = match of {
        Of::Network(name) => (0, KeyOwner::Network(name), &Scope::OF_NETWORKS[..]),
        Of::Merchant(municipality, code) => {
            let Some(merchant) = rooms.ledger.merchant_by_code(municipality, &code).await? else {
                return say(format!("no merchant of {municipality} has the code {code:?}"));
            };
            (
                municipality,
                KeyOwner::Merchant(merchant.id),
                &Scope::OF_MERCHANTS[..],
            )
        }
    };
    let scopes = match scopes {
        None => all.to_vec(),
        Some(text) => {
            let named = text.split(',').map(|name| Scope::from_name(name.trim()));
            let Some(scopes) = named.collect::<Option<Vec<Scope>>>() else {
                let known: Vec<_> = all.iter().map(|scope| scope.name()).collect();
                return say(format!("{text:?} are no scopes; known are {}", known.join(", ")));
            };
            scopes
        }
    };
    let new = NewApiKey {
        municipality,
        owner,
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
