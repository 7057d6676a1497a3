//! Random lives of a card, with kills, lost answers, late commits and races, beside a model of a few lines.
//!
//! `PROPTEST_CASES` sets how many (120), `NEUL_SEED` repeats a run whose seed a failure printed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use ledger::{Advice, CardAsk as Ask, Category, Clock, Decision, HoldState, Ledger, LedgerError, NewCard};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestCaseError, TestRunner},
};

use crate::world::{DAY, NOON, SUWON, World};

const NET: &str = "hanul";
const START_WON: i64 = 50_000;

#[derive(Clone, Debug)]
enum Step {
    /// Asks and hears the answer.
    Ask(i64),
    /// Asks again what was asked before.
    Again(usize),
    /// Asks, and the house is killed at this point.
    Killed(i64, u8),
    /// Asks, and from this look at the clock on it is too late.
    Late(i64, i64),
    Capture(usize, Option<i64>),
    Reverse(usize),
    /// The network says what it did without us.
    Advise(usize, bool),
    /// The same of a question that never arrived.
    AdviseNew(i64, bool),
    Job,
    Choose(i64),
    /// Question, advice and job at once, each a little later than the other.
    Race(i64, [u8; 3]),
    /// Capture, reversal and advice of one approval at once.
    RaceEnd(i64, [u8; 3]),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let won = || 1_i64..12_000;
    let delays = || prop::array::uniform3(0_u8..12);
    let step = prop_oneof![
        4 => won().prop_map(Step::Ask),
        1 => (0_usize..30).prop_map(Step::Again),
        3 => (won(), 1_u8..3).prop_map(|(won, point)| Step::Killed(won, point)),
        2 => (won(), 1_i64..9).prop_map(|(won, look)| Step::Late(won, look)),
        3 => (0_usize..30, prop::option::of(won())).prop_map(|(n, won)| Step::Capture(n, won)),
        2 => (0_usize..30).prop_map(Step::Reverse),
        3 => (0_usize..30, any::<bool>()).prop_map(|(n, charged)| Step::Advise(n, charged)),
        1 => (won(), any::<bool>()).prop_map(|(won, charged)| Step::AdviseNew(won, charged)),
        1 => Just(Step::Job),
        1 => (0_i64..12_000).prop_map(Step::Choose),
        1 => (won(), delays()).prop_map(|(won, delays)| Step::Race(won, delays)),
        1 => (won(), delays()).prop_map(|(won, delays)| Step::RaceEnd(won, delays)),
    ];
    prop::collection::vec(step, 1..24)
}

/// Where the model sees one authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Set aside; whether that is on record as answered, and whether the network heard it.
    Held {
        recorded: bool,
        heard: bool,
    },
    /// Paid, so much of it not given back.
    Paid(i64),
    Back,
    No,
}

#[derive(Clone, Debug)]
struct One {
    id: String,
    won: i64,
    state: State,
    charged: bool,
}

struct Life<'a> {
    ledger: &'a Ledger,
    holder: i64,
    card: i64,
    token: String,
    known: Vec<One>,
    limit_won: i64,
}

fn fail(error: LedgerError) -> TestCaseError {
    TestCaseError::fail(format!("{error:?}"))
}

fn clock(looks: i64) -> Clock {
    let left = AtomicI64::new(looks);
    Arc::new(move || {
        if left.fetch_sub(1, Ordering::Relaxed) > 0 {
            NOON
        } else {
            NOON + 60_000
        }
    })
}

fn on_time() -> Clock {
    Arc::new(|| NOON)
}

impl Life<'_> {
    fn ask(&self, id: &str, amount_won: i64) -> Ask {
        Ask {
            network: NET.into(),
            id: id.into(),
            token: self.token.clone(),
            merchant: "A1".into(),
            mcc: "5814".into(),
            amount_won,
            asked_at: NOON,
            due_at: NOON + 5_000,
        }
    }

    fn advice(&self, id: &str, amount_won: i64, charged: bool) -> Advice {
        Advice {
            ask: self.ask(id, amount_won),
            decision: if charged {
                Decision::Fallback
            } else {
                Decision::Decline
            },
            list_version: None,
            decided_at: NOON + 500,
        }
    }

    fn new_id(&self) -> String {
        format!("{}-{}", self.holder, self.known.len())
    }

    /// What the wallet must have.
    fn free_won(&self) -> i64 {
        let gone = self.known.iter().map(|one| match one.state {
            State::Held { .. } => one.won,
            State::Paid(won) => won,
            State::Back | State::No => 0,
        });
        START_WON - gone.sum::<i64>()
    }

    fn push(&mut self, id: String, won: i64, state: State) -> &mut One {
        self.known.push(One {
            id,
            won,
            state,
            charged: false,
        });
        self.known.last_mut().expect("just pushed")
    }

    async fn step(&mut self, step: &Step) -> Result<&'static str, TestCaseError> {
        match *step {
            Step::Ask(won) => {
                let (id, fits) = (self.new_id(), won <= self.free_won());
                let verdict = self
                    .ledger
                    .authorise(&self.ask(&id, won), None, on_time())
                    .await
                    .map_err(fail)?;
                let expected = if fits {
                    Decision::Approve
                } else {
                    Decision::Decline
                };
                prop_assert_eq!(verdict.decision, expected);
                let held = State::Held {
                    recorded: true,
                    heard: true,
                };
                self.push(id, won, if fits { held } else { State::No });
                Ok("ask")
            }
            Step::Again(n) => {
                let Some(at) = n.checked_rem(self.known.len()) else {
                    return Ok("");
                };
                let one = self.known[at].clone();
                let verdict = self
                    .ledger
                    .authorise(&self.ask(&one.id, one.won), None, on_time())
                    .await
                    .map_err(fail)?;
                let approved = verdict.decision == Decision::Approve;
                if one.state == State::Back && approved {
                    // It was too late before anything was written: asked again it is a new question.
                    self.known[at].state = State::Held {
                        recorded: true,
                        heard: true,
                    };
                } else {
                    let expected = matches!(one.state, State::Held { recorded: true, .. } | State::Paid(_));
                    prop_assert_eq!(approved, expected, "{:?}", one);
                    if let State::Held {
                        recorded: true,
                        heard,
                    } = &mut self.known[at].state
                    {
                        *heard = true;
                    }
                }
                Ok("again")
            }
            Step::Killed(won, point) => {
                let (id, fits) = (self.new_id(), won <= self.free_won());
                let set_aside = self
                    .ledger
                    .authorise_until_killed(&self.ask(&id, won), point, on_time())
                    .await
                    .map_err(fail)?;
                prop_assert_eq!(set_aside.is_some(), fits);
                let held = State::Held {
                    recorded: point >= 2,
                    heard: false,
                };
                self.push(id, won, if fits { held } else { State::No });
                Ok("killed")
            }
            Step::Late(won, looks) => {
                let (id, fits) = (self.new_id(), won <= self.free_won());
                let verdict = self
                    .ledger
                    .authorise(&self.ask(&id, won), None, clock(looks))
                    .await
                    .map_err(fail)?;
                let approved = verdict.decision == Decision::Approve;
                prop_assert!(fits || !approved);
                let held = State::Held {
                    recorded: true,
                    heard: true,
                };
                // Whether it was ever set aside, nobody asks: it is not now.
                self.push(id, won, if approved { held } else { State::Back });
                Ok("late")
            }
            Step::Capture(n, part_won) => {
                let Some(at) = n.checked_rem(self.known.len()) else {
                    return Ok("");
                };
                let one = self.known[at].clone();
                let answer = self.ledger.capture_card(NET, &one.id, part_won, NOON).await;
                match one.state {
                    State::Held { .. } if part_won.unwrap_or(one.won) <= one.won => {
                        let paid = answer.map_err(fail)?;
                        prop_assert_eq!(paid.amount_won, part_won.unwrap_or(one.won));
                        self.known[at].state = State::Paid(paid.amount_won);
                        Ok("capture")
                    }
                    // The same capture again is the same receipt.
                    State::Paid(_) => {
                        if let Ok(again) = answer {
                            prop_assert!(again.replayed);
                        }
                        Ok("captured before")
                    }
                    _ => {
                        prop_assert!(
                            matches!(answer, Err(LedgerError::Refused(_))),
                            "{:?} {:?}",
                            one,
                            answer
                        );
                        Ok("not captured")
                    }
                }
            }
            Step::Reverse(n) => {
                let Some(at) = n.checked_rem(self.known.len()) else {
                    return Ok("");
                };
                let one = self.known[at].clone();
                let answer = self.ledger.reverse_card(NET, &one.id, "r", None, NOON).await;
                match one.state {
                    State::Held { .. } | State::Paid(1..) => {
                        answer.map_err(fail)?;
                        self.known[at].state = if matches!(one.state, State::Paid(_)) {
                            State::Paid(0)
                        } else {
                            State::Back
                        };
                        Ok("reverse")
                    }
                    _ => {
                        if let Ok(again) = answer {
                            prop_assert!(again.replayed);
                        }
                        Ok("nothing to reverse")
                    }
                }
            }
            Step::Advise(n, charged) => {
                let Some(at) = n.checked_rem(self.known.len()) else {
                    return Ok("");
                };
                let one = self.known[at].clone();
                let advised = self
                    .ledger
                    .advise(&self.advice(&one.id, one.won, charged), NOON + DAY)
                    .await
                    .map_err(fail)?;
                prop_assert_eq!(advised.reversed, matches!(one.state, State::Held { .. }));
                if matches!(one.state, State::Held { .. }) {
                    self.known[at].state = State::Back;
                }
                if charged && !one.charged {
                    prop_assert_eq!(advised.by_choice, Some(one.won <= self.limit_won));
                    self.known[at].charged = true;
                }
                Ok("advise")
            }
            Step::AdviseNew(won, charged) => {
                let id = self.new_id();
                let advised = self
                    .ledger
                    .advise(&self.advice(&id, won, charged), NOON + DAY)
                    .await
                    .map_err(fail)?;
                prop_assert!(!advised.reversed);
                self.push(id, won, State::No).charged = charged;
                Ok("advise new")
            }
            Step::Job => {
                self.ledger.reverse_unanswered(NOON + DAY).await.map_err(fail)?;
                for one in &mut self.known {
                    if matches!(one.state, State::Held { recorded: false, .. }) {
                        one.state = State::Back;
                    }
                }
                Ok("job")
            }
            Step::Choose(limit_won) => {
                // Long before, so that the grace of the list says nothing here.
                let chosen = [(Category::Cafe, limit_won)];
                let changed = self
                    .ledger
                    .choose_fallback(SUWON, self.holder, self.card, &chosen, "anna", NOON - DAY)
                    .await
                    .map_err(fail)?;
                prop_assert_eq!(changed, i64::from(limit_won != self.limit_won));
                self.limit_won = limit_won;
                Ok("choose")
            }
            Step::Race(won, delays) => self.race(won, delays).await,
            Step::RaceEnd(won, delays) => self.race_end(won, delays).await,
        }
    }

    /// Whoever comes first, nothing stays set aside for what the network has declined.
    async fn race(&mut self, won: i64, delays: [u8; 3]) -> Result<&'static str, TestCaseError> {
        let id = self.new_id();
        let wait = |n: usize| tokio::time::sleep(Duration::from_millis(u64::from(delays[n])));
        let (question, advice) = (self.ask(&id, won), self.advice(&id, won, false));
        let ledger = self.ledger;
        let (asked, advised, job) = tokio::join!(
            async {
                wait(0).await;
                ledger.authorise(&question, None, on_time()).await
            },
            async {
                wait(1).await;
                ledger.advise(&advice, NOON).await
            },
            async {
                wait(2).await;
                ledger.reverse_unanswered(NOON + 1).await
            }
        );
        asked.map_err(fail)?;
        advised.map_err(fail)?;
        job.map_err(fail)?;
        self.push(id, won, State::Back);
        Ok("race")
    }

    /// Captured or given back, never both; and where it was captured and charged too, somebody is told.
    async fn race_end(&mut self, won: i64, delays: [u8; 3]) -> Result<&'static str, TestCaseError> {
        let id = self.new_id();
        if won > self.free_won() {
            return Ok("");
        }
        self.ledger
            .authorise(&self.ask(&id, won), None, on_time())
            .await
            .map_err(fail)?;
        let wait = |n: usize| tokio::time::sleep(Duration::from_millis(u64::from(delays[n])));
        let advice = self.advice(&id, won, true);
        let ledger = self.ledger;
        let (captured, advised) = tokio::join!(
            async {
                wait(0).await;
                ledger.capture_card(NET, &id, None, NOON).await
            },
            async {
                wait(1).await;
                ledger.advise(&advice, NOON).await
            }
        );
        let advised = advised.map_err(fail)?;
        prop_assert_eq!(captured.is_ok(), !advised.reversed);
        let rows = ledger
            .card_authorisations(SUWON, self.holder, 200)
            .await
            .map_err(fail)?;
        let row = rows.iter().find(|row| row.network_id == id).expect("written");
        let expected = if captured.is_ok() {
            HoldState::Captured
        } else {
            HoldState::Released
        };
        prop_assert_eq!(row.hold, Some(expected));
        prop_assert!(
            captured.is_err() || row.case.is_some(),
            "charged here and elsewhere, and nobody is told"
        );
        let state = if captured.is_ok() {
            State::Paid(won)
        } else {
            State::Back
        };
        self.push(id, won, state).charged = true;
        Ok("race to the end")
    }

    /// The network tells all that it did not hear, and the job runs: only what it was told is set aside then.
    async fn settle(&mut self) -> Result<(), TestCaseError> {
        self.ledger.reverse_unanswered(NOON + DAY).await.map_err(fail)?;
        for one in &mut self.known {
            if let State::Held { heard: false, .. } = one.state {
                one.state = State::Back;
            }
        }
        for one in self.known.clone() {
            if one.state == State::Back && !one.charged {
                self.ledger
                    .advise(&self.advice(&one.id, one.won, false), NOON + DAY)
                    .await
                    .map_err(fail)?;
            }
        }
        let rows = self
            .ledger
            .card_authorisations(SUWON, self.holder, 200)
            .await
            .map_err(fail)?;
        for row in rows {
            let one = self
                .known
                .iter()
                .find(|one| one.id == row.network_id)
                .expect("known");
            prop_assert_eq!(row.fallback.is_some(), one.charged, "{:?}", one);
            let set_aside = row.hold == Some(HoldState::Open);
            prop_assert_eq!(
                set_aside,
                matches!(one.state, State::Held { .. }),
                "{:?} {:?}",
                one,
                row
            );
            prop_assert!(!(set_aside && row.fallback.is_some()));
        }
        Ok(())
    }
}

async fn live(
    world: &World,
    programme: i64,
    holder: i64,
    steps: &[Step],
) -> Result<Vec<&'static str>, TestCaseError> {
    world
        .grant(&format!("g{holder}"), programme, holder, START_WON)
        .await;
    let token = format!("tok_holder_{holder:06}");
    let new = NewCard {
        municipality: SUWON,
        holder,
        network: NET.into(),
        token: token.clone(),
    };
    let card = world
        .ledger
        .register_card(new, NOON - DAY)
        .await
        .map_err(fail)?
        .id;
    let mut life = Life {
        ledger: &world.ledger,
        holder,
        card,
        token,
        known: Vec::new(),
        limit_won: 0,
    };
    let mut met = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        met.push(life.step(step).await?);
        let total = world
            .ledger
            .wallet(SUWON, holder, NOON)
            .await
            .map_err(fail)?
            .total_won;
        prop_assert_eq!(total, life.free_won(), "after step {}: {:?}", number, step);
    }
    life.settle().await?;
    let total = world
        .ledger
        .wallet(SUWON, holder, NOON)
        .await
        .map_err(fail)?
        .total_won;
    prop_assert_eq!(total, life.free_won());
    let found = world.ledger.verify().await.map_err(fail)?;
    prop_assert_eq!(found.difference, None);
    Ok(met)
}

#[test]
fn random_lives_of_a_card_agree_with_the_model() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let cases = number("PROPTEST_CASES").unwrap_or(120) as u32;
    let seed = number("NEUL_SEED").unwrap_or_else(|| {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos() as u64)
    });
    println!("NEUL_SEED={seed}");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let worlds = runtime.block_on(World::both());
    let programmes = [&worlds[0], &worlds[1]].map(|world| {
        runtime.block_on(async {
            world.merchant("A1", Category::Cafe, 0).await;
            world.given("수당", 1_000_000_000).await.id
        })
    });
    let holder = std::cell::Cell::new(0);
    let met = std::cell::RefCell::new(BTreeMap::new());
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let answer = TestRunner::new(config).run(&steps(), |steps| {
        holder.set(holder.get() + 1);
        for (world, programme) in worlds.iter().zip(programmes) {
            for what in runtime.block_on(live(world, programme, holder.get(), &steps))? {
                *met.borrow_mut().entry(what).or_insert(0) += 1;
            }
        }
        Ok(())
    });
    if let Err(error) = answer {
        panic!("NEUL_SEED={seed}\n{error}");
    }
    println!("{cases} cases: {:?}", met.borrow());
    if cases >= 100 {
        for what in [
            "capture",
            "reverse",
            "advise",
            "killed",
            "late",
            "race",
            "race to the end",
            "job",
        ] {
            assert!(met.borrow().contains_key(what), "no {what} in {cases} lives");
        }
    }
}
