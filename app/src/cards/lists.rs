//! The stand-in lists as they were last signed, in memory: they are for the moment in which no database answers.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use ledger::{Ledger, LedgerError, ListKey, SignedList, StandIn, key_of_text};

/// A network's newest list, as it is handed out and as it is read.
type Newest = (SignedList, Arc<StandIn>);

/// Every network's newest list, and the key that signs them.
#[derive(Clone, Debug)]
pub struct CardLists {
    key: ListKey,
    newest: Arc<RwLock<HashMap<String, Newest>>>,
}

impl CardLists {
    /// None yet.
    pub fn new(key: ListKey) -> Self {
        Self {
            key,
            newest: Arc::default(),
        }
    }

    /// What networks verify with.
    pub fn public_key(&self) -> String {
        self.key.public_hex()
    }

    /// A network's newest list.
    pub fn newest(&self, network: &str) -> Option<Newest> {
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        newest.get(network).cloned()
    }

    /// Signs anew what has changed of one network, and keeps it.
    pub async fn refresh(&self, ledger: &Ledger, network: &str, at: i64) -> Result<SignedList, LedgerError> {
        let signed = ledger.publish_list(network, &self.key, at).await?;
        let known = self
            .newest(network)
            .is_some_and(|(known, _)| known.signature == signed.signature);
        let keys = key_of_text(&self.key.public_hex()).map(|key| vec![key]);
        if let (false, Ok(list)) = (known, signed.open(&keys.unwrap_or_default(), network, 0, at)) {
            let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
            newest.insert(network.to_owned(), (signed.clone(), Arc::new(list)));
        }
        Ok(signed)
    }

    /// The same of every network that has cards here.
    pub async fn refresh_all(&self, ledger: &Ledger, at: i64) -> Result<(), LedgerError> {
        for network in ledger.card_networks().await? {
            self.refresh(ledger, &network, at).await?;
        }
        Ok(())
    }
}
