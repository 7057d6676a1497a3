//! How often something may be tried: leaky buckets in the database (GCRA), so that several programs share
//! them and a restart forgives nothing.
//!
//! One row per bucket, one statement per try, atomic on both engines. `full_at` is when the bucket would be
//! empty again; a try adds `period / count` to it and is refused where that would pass `now + period`. A bucket
//! further ahead than two periods was filled by a clock that has been set back since: it starts anew.

use crate::{Fault, People};

/// One bucket: a keyed name, and how much may pass in what time.
pub(crate) struct Limit {
    name: String,
    count: i64,
    period_ms: i64,
}

/// A try that was refused; in milliseconds, when it would pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub retry_after_ms: i64,
}

impl People {
    /// A bucket. `what` names the rule; `whom` (an address, a phone, a login id) is kept as a keyed hash only.
    pub(crate) fn limit(&self, what: &str, whom: &str, count: i64, period_ms: i64) -> Limit {
        let name = self
            .inner
            .sealer
            .index_key("limit v1", &format!("{what}\u{1f}{whom}"));
        Limit {
            name,
            count: count.max(1),
            period_ms,
        }
    }

    /// Counts one try in the bucket.
    pub(crate) async fn try_pass(&self, limit: &Limit, at: i64) -> Result<Result<(), Refused>, Fault> {
        let step = limit.period_ms / limit.count;
        let passed: Option<(i64,)> = sqlx::query_as(
            "INSERT INTO limits (name, full_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE \
             SET full_at = CASE WHEN limits.full_at > $3 AND limits.full_at <= $6 THEN limits.full_at + $4 ELSE $2 END \
             WHERE limits.full_at <= $5 OR limits.full_at > $6 RETURNING full_at",
        )
        .bind(&limit.name)
        .bind(at + step)
        .bind(at)
        .bind(step)
        .bind(at + limit.period_ms - step)
        .bind(at + 2 * limit.period_ms)
        .fetch_optional(&self.store().write)
        .await?;
        if passed.is_some() {
            return Ok(Ok(()));
        }
        let row: Option<(i64,)> = sqlx::query_as("SELECT full_at FROM limits WHERE name = $1")
            .bind(&limit.name)
            .fetch_optional(&self.store().write)
            .await?;
        let full_at = row.map_or(at, |(full_at,)| full_at);
        Ok(Err(Refused {
            retry_after_ms: (full_at + step - limit.period_ms - at).max(1),
        }))
    }

    /// Takes one try back: it succeeded, and only failures count.
    pub(crate) async fn give_back(&self, limit: &Limit) -> Result<(), Fault> {
        sqlx::query("UPDATE limits SET full_at = full_at - $2 WHERE name = $1")
            .bind(&limit.name)
            .bind(limit.period_ms / limit.count)
            .execute(&self.store().write)
            .await?;
        Ok(())
    }
}

/// The part of an address that stands for one subscriber: all of IPv4, the first 64 bits of IPv6.
pub(crate) fn subscriber(ip: &str) -> String {
    match ip.trim().parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(v4)) => v4.to_string(),
        Ok(std::net::IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => format!("{:x?}", &v6.segments()[..4]),
        },
        Err(_) => "unknown".to_owned(),
    }
}

/// An address as devices show it: `203.0.113.*`, `2001:db8:1:*`.
pub(crate) fn masked_ip(ip: &str) -> String {
    match ip.trim().parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.*")
        }
        Ok(std::net::IpAddr::V6(v6)) => {
            if let Some(v4) = v6.to_ipv4_mapped() {
                return masked_ip(&v4.to_string());
            }
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:*")
        }
        Err(_) => String::new(),
    }
}
