use super::*;

/// A log in which the events at odd positions are one stream and every tenth event passes the filter.
struct Log {
    head: u64,
}

impl Steps for Log {
    fn neighbour(&self, from: Position, unit: StepUnit, direction: Direction) -> Option<Position> {
        let stride = match unit {
            StepUnit::Event => 1,
            StepUnit::Stream => 2,
            StepUnit::Match => 10,
        };
        let next = match direction {
            Direction::Forwards => from.get() + stride,
            Direction::Backwards => from.get().checked_sub(stride)?,
        };
        (1..=self.head).contains(&next).then(|| Position::new(next))
    }

    /// A second between two events, and a night after every hundredth.
    fn micros_of(&self, position: Position) -> Option<i64> {
        let position = i64::try_from(position.get()).ok()?;
        Some((position + position / 100 * 36_000) * 1_000_000)
    }
}

fn position(at: u64) -> Position {
    Position::new(at)
}

fn check(head: u64, commands: &[Command]) -> Timeline {
    let mut timeline = Timeline::new(position(head));
    let mut log = Log { head };
    for command in commands {
        if let Command::HeadGrew(head) = command {
            log.head = log.head.max(head.get());
        }
        let _ = timeline.apply(*command, &log);
        let (from, to) = timeline.window();
        assert!(timeline.cursor() <= timeline.head(), "{command:?}");
        assert!(from <= to && to <= timeline.head(), "{command:?}");
        assert!(!timeline.is_live() || timeline.cursor() == timeline.head(), "{command:?}");
    }
    timeline
}

#[test]
fn a_new_timeline_is_live() {
    let timeline = check(100, &[]);
    assert!(timeline.is_live());
    assert_eq!((timeline.cursor(), timeline.window()), (position(100), (position(1), position(100))));
}

#[test]
fn an_exact_position_is_refused_when_the_log_has_none() {
    let mut timeline = check(100, &[Command::SetPosition(position(40))]);
    let before = timeline.clone();
    let error = timeline.apply(Command::SetPosition(position(101)), &Log { head: 100 });
    assert_eq!(error, Err(NoSuchPosition { asked: position(101), head: position(100) }));
    assert_eq!(timeline, before);
    assert!(timeline.apply(Command::SetPosition(position(0)), &Log { head: 100 }).is_err());
}

#[test]
fn a_drag_is_clamped() {
    assert_eq!(check(100, &[Command::SetPositionClamped(position(0))]).cursor(), position(1));
    assert_eq!(check(100, &[Command::SetPositionClamped(position(900))]).cursor(), position(100));
}

#[test]
fn moving_away_pins_and_news_only_count_up() {
    let timeline = check(
        100,
        &[Command::Step(Direction::Backwards), Command::HeadGrew(position(137)), Command::HeadGrew(position(120))],
    );
    assert_eq!((timeline.cursor(), timeline.head()), (position(99), position(137)));
    assert_eq!(timeline.events_since_pinned(), 37);
    assert_eq!(timeline.window(), (position(1), position(100)), "the picture stays still");
}

#[test]
fn stepping_behind_the_pinned_picture_widens_it() {
    let timeline = check(
        100,
        &[Command::Step(Direction::Backwards), Command::HeadGrew(position(137)), Command::SetPosition(position(120))],
    );
    assert_eq!((timeline.window(), timeline.events_since_pinned()), ((position(1), position(137)), 37));
}

#[test]
fn a_live_cursor_follows_and_going_live_catches_up() {
    assert_eq!(check(100, &[Command::HeadGrew(position(110))]).cursor(), position(110));
    let timeline = check(100, &[Command::ToStart, Command::HeadGrew(position(110)), Command::GoLive]);
    assert_eq!((timeline.cursor(), timeline.events_since_pinned()), (position(110), 0));
    assert_eq!(timeline.window(), (position(1), position(110)));
}

#[test]
fn a_log_that_was_empty_goes_live_with_its_first_events() {
    let timeline = check(0, &[Command::ToStart, Command::Pin, Command::HeadGrew(position(3))]);
    assert_eq!((timeline.cursor(), timeline.is_live()), (position(3), true));
}

#[test]
fn steps_follow_the_unit_and_stop_at_the_ends() {
    let at = |commands: &[Command]| check(100, commands).cursor();
    let start = Command::SetPosition(position(50));
    assert_eq!(at(&[start, Command::Step(Direction::Forwards)]), position(51));
    assert_eq!(at(&[start, Command::SetUnit(StepUnit::Match), Command::Step(Direction::Backwards)]), position(40));
    assert_eq!(at(&[start, Command::StepBy(StepUnit::Stream, Direction::Forwards)]), position(52));
    assert_eq!(at(&[Command::ToStart, Command::Step(Direction::Backwards)]), position(1));
}

#[test]
fn playback_takes_whole_steps_and_keeps_the_rest() {
    let start = [Command::ToStart, Command::Play(Direction::Forwards)];
    let tick = Command::Tick { elapsed_ms: 1000.0 / 8.0 * 1.5 };
    let play = |ticks: usize| check(100, &[&start[..], &vec![tick; ticks]].concat());
    assert_eq!(play(1).cursor(), position(2));
    assert_eq!(play(2).cursor(), position(4));
    let ended = play(100);
    assert_eq!((ended.cursor(), ended.playing()), (position(100), None));
}

#[test]
fn playback_in_real_time_takes_the_time_that_passed() {
    let start = [Command::SetPace(Pace::RealTime(2.0)), Command::ToStart, Command::Play(Direction::Forwards)];
    let play = |from: u64, ms: &[f64]| {
        let ticks = ms.iter().map(|ms| Command::Tick { elapsed_ms: *ms });
        let start = start.into_iter().chain([Command::SetPosition(position(from)), Command::Play(Direction::Forwards)]);
        check(1_000, &start.chain(ticks).collect::<Vec<_>>()).cursor().get()
    };
    assert_eq!(play(10, &[499.0]), 10);
    assert_eq!(play(10, &[499.0, 1.0]), 11, "two seconds of the log in one");
    assert_eq!(play(10, &[250.0; 20]), 20);
    assert_eq!(play(99, &[999.0]), 99);
    assert_eq!(play(99, &[999.0, 1.0, 500.0]), 101, "a night takes a second");
}

#[test]
fn playback_goes_round_between_the_cursors() {
    let range = [Command::SetRange { a: position(30), b: position(20) }, Command::SetLooping(true)];
    let play = |direction: Direction, seconds: f64| {
        let commands = [
            Command::SetPosition(position(50)),
            Command::Play(direction),
            Command::Tick { elapsed_ms: seconds * 1_000.0 },
        ];
        let timeline = check(100, &[&range[..], &commands[..]].concat());
        assert!(timeline.playing().is_some());
        timeline.cursor().get()
    };
    assert_eq!(play(Direction::Forwards, 0.0), 20, "from outside it begins at the start of the loop");
    assert_eq!(play(Direction::Forwards, 1.25), 30);
    assert_eq!(play(Direction::Forwards, 1.5), 21);
    assert_eq!(play(Direction::Backwards, 1.5), 29);
    let matches = [Command::SetUnit(StepUnit::Match), Command::SetRange { a: position(15), b: position(42) }];
    let commands =
        [Command::SetPosition(position(40)), Command::Play(Direction::Forwards), Command::Tick { elapsed_ms: 125.0 }];
    let timeline = check(100, &[&range[..], &matches[..], &commands[..]].concat());
    assert!((15..=42).contains(&timeline.cursor().get()));
    let cleared = check(100, &[&range[..], &[Command::ClearRange]].concat());
    assert_eq!((cleared.range(), cleared.cursor_a(), cleared.cursor_b()), (None, None, None));
}

#[test]
fn playing_again_is_faster_and_a_drag_pauses() {
    let faster =
        check(100, &[Command::ToStart, Command::Play(Direction::Forwards), Command::Play(Direction::Forwards)]);
    assert_eq!(faster.pace(), Pace::default().faster());
    let dragged = check(100, &[Command::TogglePlay, Command::SetPositionClamped(position(30))]);
    assert_eq!(dragged.playing(), None);
}

#[test]
fn panning_keeps_the_width_and_stops_at_the_ends() {
    let window = Command::SetWindow { from: position(40), to: position(59) };
    let at = |by: i64| check(100, &[window, Command::PanBy(by)]).window();
    assert_eq!(at(7), (position(47), position(66)));
    assert_eq!(at(-500), (position(1), position(20)));
    assert_eq!(at(500), (position(81), position(100)));
    assert_eq!(check(100, &[Command::PanBy(7)]).window(), (position(1), position(100)));
}

#[test]
fn playing_from_the_head_starts_over() {
    assert_eq!(check(100, &[Command::TogglePlay]).cursor(), position(1));
}

#[test]
fn the_window_is_clamped_and_scrolls_with_the_cursor() {
    let window = Command::SetWindow { from: position(40), to: position(59) };
    let at = |commands: &[Command]| check(100, &[&[window], commands].concat()).window();
    assert_eq!(at(&[]), (position(40), position(59)));
    assert_eq!(at(&[Command::SetPosition(position(70))]), (position(51), position(70)));
    assert_eq!(at(&[Command::SetPosition(position(5))]), (position(5), position(24)));
    assert_eq!(at(&[Command::SetWindow { from: position(99), to: position(500) }]), (position(91), position(100)));
    assert_eq!(at(&[Command::Fit]), (position(1), position(100)));
}

#[test]
fn zooming_keeps_the_cursor_where_it_is() {
    let timeline = check(1000, &[Command::SetPosition(position(500)), Command::Zoom { factor: 0.5 }]);
    let (from, to) = timeline.window();
    assert_eq!(to.get() - from.get() + 1, 500);
    assert!((from.get()..=to.get()).contains(&500));
    let out = check(1000, &[Command::Zoom { factor: 0.1 }, Command::Zoom { factor: 100.0 }]);
    assert_eq!(out.window(), (position(1), position(1000)));
}

#[test]
fn an_empty_log_takes_every_command() {
    use Command::{Fit, GoLive, Play, SetPositionClamped, SetWindow, Step, Tick, ToStart, Zoom};
    let commands = [
        SetPositionClamped(position(4)),
        Step(Direction::Forwards),
        Play(Direction::Forwards),
        Tick { elapsed_ms: 1e6 },
        SetWindow { from: position(1), to: position(9) },
        Zoom { factor: 0.5 },
        Fit,
        ToStart,
        GoLive,
    ];
    assert_eq!(check(0, &commands).cursor(), Position::ZERO);
}

/// What the timeline says of its place, told as plainly as possible: a list of commands is gone through once, and the
/// answer is what the last of them left.
#[derive(Debug, PartialEq)]
struct Plain {
    head: u64,
    cursor: u64,
    pinned_at: Option<u64>,
    a: Option<u64>,
    b: Option<u64>,
}

impl Plain {
    fn go(&mut self, to: u64) {
        if to != self.cursor {
            self.pinned_at.get_or_insert(self.head);
        }
        self.cursor = to;
    }

    fn apply(&mut self, command: Command) {
        let inside = |at: Position, head: u64| at.get().clamp(head.min(1), head);
        match command {
            Command::SetPosition(at) if at.get() >= 1 && at.get() <= self.head => self.go(at.get()),
            Command::SetPositionClamped(at) => self.go(inside(at, self.head)),
            Command::StepBy(unit, direction) => {
                let next = Log { head: self.head }.neighbour(Position::new(self.cursor), unit, direction);
                if let Some(next) = next {
                    self.go(next.get());
                }
            }
            Command::ToStart => self.go(self.head.min(1)),
            Command::GoLive => (self.cursor, self.pinned_at) = (self.head, None),
            Command::Pin => {
                self.pinned_at.get_or_insert(self.head);
            }
            Command::HeadGrew(head) if head.get() > self.head => {
                let follows = self.pinned_at.is_none() || self.head == 0;
                self.head = head.get();
                if follows {
                    (self.cursor, self.pinned_at) = (self.head, None);
                }
            }
            Command::SetA(at) => self.a = at.filter(|_| self.head > 0).map(|at| inside(at, self.head)),
            Command::SetB(at) => self.b = at.filter(|_| self.head > 0).map(|at| inside(at, self.head)),
            Command::SetRange { a, b } if self.head > 0 => {
                (self.a, self.b) = (Some(inside(a, self.head)), Some(inside(b, self.head)));
            }
            Command::ClearRange => (self.a, self.b) = (None, None),
            _ => {}
        }
    }
}

mod against_a_plain_model {
    use proptest::prelude::*;

    use super::*;

    fn at() -> impl Strategy<Value = Position> {
        (0_u64..260).prop_map(Position::new)
    }

    fn direction() -> impl Strategy<Value = Direction> {
        prop_oneof![Just(Direction::Forwards), Just(Direction::Backwards)]
    }

    fn unit() -> impl Strategy<Value = StepUnit> {
        prop_oneof![Just(StepUnit::Event), Just(StepUnit::Stream), Just(StepUnit::Match)]
    }

    fn command() -> impl Strategy<Value = Command> {
        prop_oneof![
            at().prop_map(Command::SetPosition),
            at().prop_map(Command::SetPositionClamped),
            (unit(), direction()).prop_map(|(unit, direction)| Command::StepBy(unit, direction)),
            Just(Command::ToStart),
            Just(Command::GoLive),
            Just(Command::Pin),
            at().prop_map(Command::HeadGrew),
            prop::option::of(at()).prop_map(Command::SetA),
            prop::option::of(at()).prop_map(Command::SetB),
            (at(), at()).prop_map(|(a, b)| Command::SetRange { a, b }),
            Just(Command::ClearRange),
            (at(), at()).prop_map(|(from, to)| Command::SetWindow { from, to }),
            (0.1_f64..8.0).prop_map(|factor| Command::Zoom { factor }),
            (-300_i64..300).prop_map(Command::PanBy),
            Just(Command::Fit),
            Just(Command::SetLooping(true)),
        ]
    }

    proptest! {
        #[test]
        fn any_commands_leave_it_where_a_plain_telling_has_it(head in 0_u64..200, commands in prop::collection::vec(command(), 0..40)) {
            let timeline = check(head, &commands);
            let mut plain = Plain { head, cursor: head, pinned_at: None, a: None, b: None };
            commands.iter().for_each(|command| plain.apply(*command));
            let seen = Plain {
                head: timeline.head().get(),
                cursor: timeline.cursor().get(),
                pinned_at: (!timeline.is_live()).then(|| timeline.head().get() - timeline.events_since_pinned()),
                a: timeline.cursor_a().map(Position::get),
                b: timeline.cursor_b().map(Position::get),
            };
            prop_assert_eq!(seen, plain);
        }

        #[test]
        fn looped_playback_never_leaves_the_range(
            range in (1_u64..200, 1_u64..200), unit in unit(), forwards in direction(),
            pace in prop_oneof![Just(Pace::default()), Just(Pace::RealTime(64.0))],
            ticks in prop::collection::vec(0.0_f64..3_000.0, 1..20),
        ) {
            let (a, b) = (position(range.0), position(range.1));
            let mut commands = vec![Command::SetPace(pace), Command::SetRange { a, b }, Command::SetLooping(true), Command::SetUnit(unit), Command::Play(forwards)];
            commands.extend(ticks.into_iter().map(|elapsed_ms| Command::Tick { elapsed_ms }));
            let cursor = check(200, &commands).cursor();
            prop_assert!((a.min(b)..=a.max(b)).contains(&cursor), "{cursor:?}");
        }
    }
}
