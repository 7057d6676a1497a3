//! Keys of programs: shown once, kept as a hash, refused once revoked.

use people::{ApiKeyError, ApiKeyProblem, AuditFilter, KeyOwner, NewApiKey, Scope};

use crate::{HOME, MINUTE, NOW, OTHER, houses};

const SHOP: KeyOwner = KeyOwner::Merchant(77);

fn new(label: &str, scopes: &[Scope]) -> NewApiKey {
    NewApiKey {
        municipality: HOME,
        owner: SHOP,
        label: label.into(),
        scopes: scopes.to_vec(),
    }
}

#[tokio::test]
async fn a_key_opens_until_it_is_revoked_and_stands_nowhere() {
    for house in houses().await {
        let people = &house.people;
        let wanted = new(
            " 계산대 2 ",
            &[Scope::PaymentsWrite, Scope::PaymentsRead, Scope::PaymentsRead],
        );
        let (key, text) = people.make_api_key(&wanted, 5, "203.0.113.7", NOW).await.unwrap();
        assert_eq!((key.label.as_str(), key.scopes.len()), ("계산대 2", 2));
        assert_eq!(text.0.len(), 5 + 43, "256 bits in base 64");
        assert_eq!(format!("{text:?}"), "KeyText(…)");
        let kept = house
            .count("SELECT COUNT(*) FROM api_keys WHERE key_sha256 LIKE 'neul_%' OR LENGTH(key_sha256) <> 64")
            .await;
        assert_eq!(kept, 0);

        let found = people.api_key(&text.0, NOW).await.unwrap().unwrap();
        assert_eq!(
            (found.id, found.municipality, &found.owner),
            (key.id, HOME, &SHOP)
        );
        assert!(found.may(Scope::PaymentsWrite) && !found.may(Scope::TakingsRead));
        for wrong in ["", "neul_", &text.0[1..], &format!("{}x", text.0)] {
            assert_eq!(people.api_key(wrong, NOW).await.unwrap(), None, "{wrong}");
        }

        assert!(
            !people
                .revoke_api_key(OTHER, &SHOP, key.id, 5, "", NOW)
                .await
                .unwrap()
        );
        let other = KeyOwner::Merchant(78);
        assert!(
            !people
                .revoke_api_key(HOME, &other, key.id, 5, "", NOW)
                .await
                .unwrap()
        );
        assert!(people.api_key(&text.0, NOW).await.unwrap().is_some());
        assert!(
            people
                .revoke_api_key(HOME, &SHOP, key.id, 5, "", NOW)
                .await
                .unwrap()
        );
        assert_eq!(people.api_key(&text.0, NOW).await.unwrap(), None, "at once");
        assert!(
            !people
                .revoke_api_key(HOME, &SHOP, key.id, 5, "", NOW)
                .await
                .unwrap()
        );

        let filter = AuditFilter {
            record: Some(format!("api_key/{}", key.id)),
            ..AuditFilter::default()
        };
        let deeds = people.audit_log(HOME, &filter, None, 10).await.unwrap();
        let deeds: Vec<_> = deeds
            .iter()
            .map(|deed| (deed.action.as_str(), deed.actor_id))
            .collect();
        assert_eq!(deeds.len(), 2, "{deeds:?}");
        assert!(deeds.contains(&("api_key.make", 5)) && deeds.contains(&("api_key.revoke", 5)));
    }
}

#[tokio::test]
async fn another_process_refuses_a_revoked_key_within_two_seconds() {
    for house in houses().await {
        let (key, text) = house
            .people
            .make_api_key(&new("till", &[Scope::PaymentsRead]), 5, "", NOW)
            .await
            .unwrap();
        let other = house.again(crate::keys());
        assert!(other.api_key(&text.0, NOW).await.unwrap().is_some());
        house
            .people
            .revoke_api_key(HOME, &SHOP, key.id, 5, "", NOW)
            .await
            .unwrap();
        assert_eq!(other.api_key(&text.0, NOW + 2_000).await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_last_use_is_written_to_the_minute() {
    for house in houses().await {
        let people = &house.people;
        let (_, text) = people
            .make_api_key(&new("till", &[Scope::PaymentsRead]), 5, "", NOW)
            .await
            .unwrap();
        for (at, expected) in [
            (NOW, NOW),
            (NOW + MINUTE - 3_000, NOW),
            (NOW + MINUTE, NOW + MINUTE),
        ] {
            people.api_key(&text.0, at).await.unwrap();
            let mut used_at = None;
            // Nobody waits for it, so this does.
            for _ in 0..200 {
                used_at = people.api_keys(HOME, &SHOP).await.unwrap()[0].used_at;
                if used_at == Some(expected) {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            assert_eq!(used_at, Some(expected));
        }
    }
}

#[tokio::test]
async fn a_key_has_a_label_and_only_what_its_owner_may_have() {
    for house in houses().await {
        let people = &house.people;
        for (wanted, problem) in [
            (new(" ", &[Scope::PaymentsRead]), ApiKeyProblem::Label),
            (
                new(&"가".repeat(61), &[Scope::PaymentsRead]),
                ApiKeyProblem::Label,
            ),
            (new("a\nb", &[Scope::PaymentsRead]), ApiKeyProblem::Label),
            (new("till", &[]), ApiKeyProblem::Scopes),
            (
                new("till", &[Scope::PaymentsRead, Scope::CardWrite]),
                ApiKeyProblem::Scopes,
            ),
        ] {
            let refused = people.make_api_key(&wanted, 5, "", NOW).await.unwrap_err();
            assert_eq!(refused, ApiKeyError::Refused(problem));
        }
        let network = NewApiKey {
            municipality: 0,
            owner: KeyOwner::Network("비카드".into()),
            label: "authorisations".into(),
            scopes: vec![Scope::CardWrite],
        };
        let (_, text) = people.make_api_key(&network, 5, "", NOW).await.unwrap();
        assert_eq!(
            people.api_key(&text.0, NOW).await.unwrap().unwrap().owner,
            network.owner
        );
        for n in 0..50 {
            if n == 1 {
                let again = people
                    .make_api_key(&new("till 0", &[Scope::PaymentsRead]), 5, "", NOW)
                    .await;
                assert_eq!(
                    again.unwrap_err(),
                    ApiKeyError::Refused(ApiKeyProblem::LabelTaken)
                );
            }
            let made = people
                .make_api_key(&new(&format!("till {n}"), &[Scope::PaymentsRead]), 5, "", NOW)
                .await;
            assert!(made.is_ok(), "{n}: {made:?}");
        }
        let refused = people
            .make_api_key(&new("one more", &[Scope::PaymentsRead]), 5, "", NOW)
            .await;
        assert_eq!(refused.unwrap_err(), ApiKeyError::Refused(ApiKeyProblem::TooMany));
        assert_eq!(people.api_keys(HOME, &SHOP).await.unwrap().len(), 50);
        assert_eq!(people.api_keys(0, &network.owner).await.unwrap().len(), 1);
    }
}
