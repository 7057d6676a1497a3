//! Payment codes as secrets.

use people::{Keys, TooManyTries};

use crate::{HOME, HOUR, MINUTE, NOW, OTHER, houses, key};

#[tokio::test]
async fn a_code_is_twelve_digits_that_only_the_keys_know() {
    for house in houses().await {
        let people = &house.people;
        let name = people.code_name(HOME, 4711);
        let digits = people.code_digits(HOME, 4711, &name).unwrap();
        assert_eq!(
            (digits.len(), digits.bytes().all(|c| c.is_ascii_digit())),
            (12, true)
        );
        assert_eq!(people.code_names(HOME, &digits), vec![name.clone()]);
        assert_ne!(people.code_names(OTHER, &digits), vec![name.clone()]);
        assert_eq!(people.code_digits(HOME, 4712, &name), None);
        assert_eq!(people.code_digits(OTHER, 4711, &name), None);
        assert_ne!(people.code_name(HOME, 4712), name);

        // While keys rotate, a code of the old key is shown and found by who makes new ones with the new key.
        let two = format!("{},{}", key('c'), key('a'));
        let rotated = house.again(Keys::parse(&two, &key('b')).unwrap());
        assert_eq!(rotated.code_digits(HOME, 4711, &name).as_ref(), Some(&digits));
        assert!(rotated.code_names(HOME, &digits).contains(&name));
        assert_ne!(rotated.code_name(HOME, 4711), name);
        let gone = house.again(Keys::parse(&key('d'), &key('b')).unwrap());
        assert_eq!(gone.code_digits(HOME, 4711, &name), None);
    }
}

#[tokio::test]
async fn a_merchant_has_twenty_wrong_codes_in_ten_minutes() {
    for house in houses().await {
        let people = &house.people;
        for n in 0..21 {
            let tried = people.try_code(HOME, 5, NOW);
            tried
                .unwrap_or_else(|error| panic!("{n}: {error:?}"))
                .wrong(NOW)
                .await
                .unwrap();
        }
        let TooManyTries { retry_after_ms } = people.try_code(HOME, 5, NOW).unwrap_err();
        assert!((1..=MINUTE).contains(&retry_after_ms), "{retry_after_ms}");
        // Right codes are not counted; another merchant has its own; one more passes later.
        assert!(people.try_code(HOME, 6, NOW).is_ok());
        assert!(people.try_code(HOME, 5, NOW + retry_after_ms).is_ok());
        // Another process hears of it with the first wrong one.
        let other = house.again(crate::keys());
        other.try_code(HOME, 5, NOW).unwrap().wrong(NOW).await.unwrap();
        assert!(other.try_code(HOME, 5, NOW).is_err());
        for _ in 0..20 {
            let at = NOW + HOUR;
            people.try_code(HOME, 5, at).unwrap().wrong(at).await.unwrap();
        }
    }
}

#[tokio::test]
async fn guesses_cannot_be_sent_ahead_of_their_refusals() {
    for house in houses().await {
        let people = &house.people;
        let in_hand: Vec<_> = (0..64).map(|_| people.try_code(HOME, 5, NOW).unwrap()).collect();
        assert!(people.try_code(HOME, 5, NOW).is_err());
        assert!(people.try_code(HOME, 6, NOW).is_ok());
        drop(in_hand);
        assert!(people.try_code(HOME, 5, NOW).is_ok());
    }
}
