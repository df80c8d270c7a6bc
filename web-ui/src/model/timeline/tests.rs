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
    let tick = Command::Tick { elapsed_ms: 1000.0 / STEPS_PER_SECOND * 1.5 };
    let play = |ticks: usize| check(100, &[&start[..], &vec![tick; ticks]].concat());
    assert_eq!(play(1).cursor(), position(2));
    assert_eq!(play(2).cursor(), position(4));
    let ended = play(100);
    assert_eq!((ended.cursor(), ended.playing()), (position(100), None));
}

#[test]
fn playing_again_doubles_the_speed_and_a_drag_pauses() {
    let faster =
        check(100, &[Command::ToStart, Command::Play(Direction::Forwards), Command::Play(Direction::Forwards)]);
    assert_eq!(faster.speed(), 2.0);
    let dragged = check(100, &[Command::TogglePlay, Command::SetPositionClamped(position(30))]);
    assert_eq!(dragged.playing(), None);
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
