//! What a commit of several decisions rests on holds when it is made, whether it has events or none.

use std::cell::Cell;

use leftfold_core::{Condition, EventType, InvalidCommit, Position, Query, QueryItem};

use super::*;

type Outcome<T> = Result<T, CommandError<NotEnough>>;

const NOTHING: Move = Move { by: 0, command: 7 };
const ONE: Move = Move { by: 1, command: 7 };

async fn deposit(accounts: &Repository<Account>, number: u32) {
    accounts.execute(&stream(number), &Move { by: 5, command: 1 }, CommandContext::default()).await.unwrap();
}

/// Two handles that do not hear of each other.
async fn apart(world: &World) -> [Repository<Account>; 2] {
    let faults = Faults::new();
    faults.lose_nudges(true);
    [world.accounts(&faults).await, world.accounts(&faults).await]
}

fn any_movement(after: u64) -> Condition {
    let item = QueryItem { types: vec![EventType::new("MoneyMoved").unwrap()], ..QueryItem::default() };
    Condition { query: Query { items: vec![item] }, after: Position::new(after) }
}

#[test]
fn the_callers_check_of_a_stream_holds_beside_a_decision_on_it() {
    let world = World::new(1);
    world.host.run(async {
        let [here, _] = apart(&world).await;
        deposit(&here, 1).await;
        for (expected, is_fine) in [(5, false), (1, true)] {
            let decide = async |work: &mut Decisions| -> Outcome<()> {
                work.check(stream(1), ExpectedVersion::exact(expected));
                work.decide(&here, &stream(1), &ONE).await?;
                Ok(())
            };
            let outcome = here.store().decide_together(CommandContext::default(), decide).await;
            assert_eq!(outcome.map_err(|error| error.code()).err(), (!is_fine).then_some("wrong-expected-version"));
        }
        assert_eq!(here.load(&stream(1)).await.unwrap().version.get(), 2);
    });
}

/// The first decision found nothing to do. It must be made again once the stream is another one.
#[test]
fn an_earlier_decision_on_a_stream_holds_beside_a_later_one() {
    let world = World::new(2);
    world.host.run(async {
        let [here, there] = apart(&world).await;
        for second in [ONE, NOTHING] {
            let attempts = Cell::new(0);
            let before = here.load(&stream(1)).await.unwrap().state.amount;
            let decide = async |work: &mut Decisions| -> Outcome<i64> {
                attempts.set(attempts.get() + 1);
                let seen = here.load(&stream(1)).await?.state.amount;
                work.decide(&here, &stream(1), &NOTHING).await?;
                if attempts.get() == 1 {
                    deposit(&there, 1).await;
                }
                work.decide(&here, &stream(1), &second).await?;
                Ok(seen)
            };
            let (seen, _) = here.store().decide_together(CommandContext::default(), decide).await.unwrap();
            assert_eq!((seen, attempts.get()), (before + 5, 2));
        }
    });
}

#[test]
fn checks_and_conditions_hold_without_events() {
    let world = World::new(3);
    world.host.run(async {
        let [here, there] = apart(&world).await;
        deposit(&there, 1).await;
        type Rest = (Option<u64>, Option<u64>);
        let judge = async |(version, after): Rest| {
            let attempts = Cell::new(0);
            let decide = async |work: &mut Decisions| -> Outcome<u32> {
                attempts.set(attempts.get() + 1);
                if let Some(version) = version {
                    work.check(stream(1), ExpectedVersion::exact(version));
                }
                if let Some(after) = after {
                    work.require(any_movement(after));
                }
                Ok(attempts.get())
            };
            let outcome = here.store().decide_together(CommandContext::default(), decide).await;
            (outcome, attempts.get())
        };
        // What the other handle has stored counts, although nobody has told.
        let (stream, actual) = (stream(1), StreamVersion::new(1));
        let expected = ExpectedVersion::exact(0);
        let conflict = AppendError::WrongExpectedVersion { stream: stream.clone(), expected, actual };
        assert_eq!(judge((Some(0), None)).await, (Err(conflict.into()), 4));
        let failed = AppendError::ConditionFailed { condition: 0, position: Position::new(1) };
        assert_eq!(judge((None, Some(0))).await, (Err(failed.clone().into()), 4));
        assert_eq!(judge((Some(1), Some(0))).await, (Err(failed.into()), 4));
        for fine in [(Some(1), None), (None, Some(1)), (Some(1), Some(9)), (None, None)] {
            assert_eq!(judge(fine).await, (Ok((1, None)), 1));
        }
        let decide = async |work: &mut Decisions| -> Outcome<()> {
            work.require(Condition {
                query: Query { items: vec![QueryItem::default(); 100_000] },
                after: Position::ZERO,
            });
            Ok(())
        };
        let error = here.store().decide_together(CommandContext::default(), decide).await.unwrap_err();
        assert!(
            matches!(error, CommandError::Append(AppendError::InvalidCommit(InvalidCommit::Query { .. }))),
            "{error}"
        );
    });
}
