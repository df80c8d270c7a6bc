//! Courses with so many seats, and students who may take so many of them: two limits in one condition, held while many handles
//! subscribe at once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use leftfold_core::testing::{Fixture, SimHost};
use leftfold_core::{
    Boundary, BoundaryHandler, CommandContext, CommandError, Decider, DomainEvent, EventStore, OpenOptions, Query,
    QueryItem, ReadOptions, StreamName, Tag,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::contract::SlowFixture;

/// How many courses a student may take.
const MOST_COURSES: usize = 2;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum CourseEvent {
    CourseOffered { course: u8, seats: usize },
    StudentSubscribed { course: u8, student: u8 },
}

impl DomainEvent for CourseEvent {
    fn tags(&self) -> Vec<Tag> {
        match self {
            Self::CourseOffered { course, .. } => vec![tag("course", *course)],
            Self::StudentSubscribed { course, student } => vec![tag("course", *course), tag("student", *student)],
        }
    }
}

fn tag(what: &str, number: u8) -> Tag {
    Tag::new(&format!("{what}:{number}")).unwrap()
}

enum CourseCommand {
    Offer { course: u8, seats: usize },
    Subscribe { course: u8, student: u8 },
}

#[derive(Clone, Debug, PartialEq, Error)]
enum Refused {
    #[error("the course is offered already")]
    AlreadyOffered,
    #[error("there is no such course")]
    UnknownCourse,
    #[error("the student has subscribed already")]
    AlreadySubscribed,
    #[error("every seat is taken")]
    CourseFull,
    #[error("the student takes as many courses as a student may")]
    TooManyCourses,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Known {
    seats: BTreeMap<u8, usize>,
    subscriptions: Vec<(u8, u8)>,
}

struct Courses;

impl Decider for Courses {
    type State = Known;
    type Command = CourseCommand;
    type Event = CourseEvent;
    type Rejection = Refused;

    fn name(&self) -> &str {
        "courses"
    }

    fn initial_state(&self) -> Known {
        Known::default()
    }

    fn decide(&self, known: &Known, command: &CourseCommand) -> Result<Vec<CourseEvent>, Refused> {
        match *command {
            CourseCommand::Offer { course, .. } if known.seats.contains_key(&course) => Err(Refused::AlreadyOffered),
            CourseCommand::Offer { course, seats } => Ok(vec![CourseEvent::CourseOffered { course, seats }]),
            CourseCommand::Subscribe { course, student } => {
                let seats = *known.seats.get(&course).ok_or(Refused::UnknownCourse)?;
                let count =
                    |wanted: &dyn Fn(&(u8, u8)) -> bool| known.subscriptions.iter().filter(|s| wanted(s)).count();
                if known.subscriptions.contains(&(course, student)) {
                    return Err(Refused::AlreadySubscribed);
                }
                if count(&|(of, _)| *of == course) >= seats {
                    return Err(Refused::CourseFull);
                }
                if count(&|(_, by)| *by == student) >= MOST_COURSES {
                    return Err(Refused::TooManyCourses);
                }
                Ok(vec![CourseEvent::StudentSubscribed { course, student }])
            }
        }
    }

    fn evolve(&self, mut known: Known, event: CourseEvent) -> Known {
        match event {
            CourseEvent::CourseOffered { course, seats } => {
                known.seats.insert(course, seats);
            }
            CourseEvent::StudentSubscribed { course, student } => known.subscriptions.push((course, student)),
        }
        known
    }
}

impl Boundary for Courses {
    fn query(&self, command: &CourseCommand) -> Query {
        let tags = match *command {
            CourseCommand::Offer { course, .. } => vec![tag("course", course)],
            CourseCommand::Subscribe { course, student } => vec![tag("course", course), tag("student", student)],
        };
        Query { items: tags.into_iter().map(|tag| QueryItem { tags: vec![tag], ..QueryItem::default() }).collect() }
    }

    fn stream(&self, _: &CourseCommand, event: &CourseEvent) -> StreamName {
        let (CourseEvent::CourseOffered { course, .. } | CourseEvent::StudentSubscribed { course, .. }) = event;
        StreamName::new(&format!("course-{course}")).unwrap()
    }
}

type Answer = Result<(), Refused>;

/// Every handle asks for its subscriptions, one after the other, beside the others. What each was told, and the log.
async fn race(fixture: &SlowFixture, seats: &[usize], asked: &[Vec<(u8, u8)>]) -> (Vec<((u8, u8), Answer)>, Known) {
    let store = EventStore::open(fixture.open().await.unwrap(), OpenOptions::default()).await.unwrap();
    let handler = BoundaryHandler::new(&store, Courses);
    for (course, seats) in (0..).zip(seats) {
        let offer = CourseCommand::Offer { course, seats: *seats };
        handler.execute(&offer, CommandContext::default()).await.unwrap();
    }
    let handles = asked.iter().map(async |asked| {
        let store = EventStore::open(fixture.open().await.unwrap(), OpenOptions::default()).await.unwrap();
        let handler = BoundaryHandler::new(&store, Courses).with_retries(1_000);
        let mut answers = Vec::new();
        for &(course, student) in asked {
            let command = CourseCommand::Subscribe { course, student };
            let answer = match handler.execute(&command, CommandContext::default()).await {
                Ok(_) => Ok(()),
                Err(CommandError::Rejected(refused)) => Err(refused),
                Err(error) => panic!("{error}"),
            };
            answers.push(((course, student), answer));
        }
        answers
    });
    let answers = join_all(handles).await.into_iter().flatten().collect();
    let log = store.read_all(ReadOptions::default()).await.unwrap();
    let events = log.iter().map(|event| CourseEvent::from_recorded(event).unwrap());
    (answers, events.fold(Known::default(), |known, event| Courses.evolve(known, event)))
}

fn check(seats: &[usize], answers: &[((u8, u8), Answer)], known: &Known) {
    let taken = |wanted: &dyn Fn(&(u8, u8)) -> bool| known.subscriptions.iter().filter(|s| wanted(s)).count();
    let in_course = |course: u8| taken(&|(of, _)| *of == course);
    let of_student = |student: u8| taken(&|(_, by)| *by == student);
    for (course, seats) in (0..).zip(seats) {
        assert!(in_course(course) <= *seats, "course {course} has {} for {seats} seats", in_course(course));
    }
    for (_, student) in &known.subscriptions {
        assert!(of_student(*student) <= MOST_COURSES, "student {student} takes {}", of_student(*student));
    }
    let mut accepted: Vec<(u8, u8)> =
        answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(asked, _)| *asked).collect();
    let mut stored = known.subscriptions.clone();
    accepted.sort_unstable();
    stored.sort_unstable();
    assert_eq!(accepted, stored, "what was answered with yes is what is stored");
    // Seats and courses are only ever taken: whoever was refused for a limit finds it reached at the end.
    for ((course, student), answer) in answers {
        match answer {
            Ok(()) => {}
            Err(Refused::CourseFull) => assert_eq!(in_course(*course), seats[usize::from(*course)]),
            Err(Refused::TooManyCourses) => assert_eq!(of_student(*student), MOST_COURSES),
            Err(Refused::AlreadySubscribed) => assert!(known.subscriptions.contains(&(*course, *student))),
            Err(Refused::UnknownCourse) => assert!(usize::from(*course) >= seats.len()),
            Err(Refused::AlreadyOffered) => panic!("nothing was offered"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn both_limits_hold_whoever_is_first(
        order: u64,
        seats in prop::collection::vec(0..4_usize, 1..4),
        asked in prop::collection::vec(prop::collection::vec((0..4_u8, 0..4_u8), 0..6), 1..5),
    ) {
        let host = SimHost::new(order);
        let fixture = SlowFixture::new(&host, order);
        let (answers, known) = host.run(race(&fixture, &seats, &asked));
        check(&seats, &answers, &known);
    }
}

/// The last seat of one course and the last course of one student, wanted by all at once.
#[test]
fn the_last_seat_is_taken_once() {
    for order in 0..40 {
        let host = SimHost::new(order);
        let fixture = SlowFixture::new(&host, order);
        let asked: Vec<Vec<(u8, u8)>> = (0..4).map(|student| vec![(0, student)]).collect();
        let (answers, known) = host.run(race(&fixture, &[1], &asked));
        assert_eq!(known.subscriptions.len(), 1);
        assert_eq!(answers.iter().filter(|(_, answer)| *answer == Err(Refused::CourseFull)).count(), 3);

        let host = SimHost::new(order);
        let fixture = SlowFixture::new(&host, order);
        let asked: Vec<Vec<(u8, u8)>> = (0..4).map(|course| vec![(course, 7)]).collect();
        let (answers, known) = host.run(race(&fixture, &[9; 4], &asked));
        assert_eq!(known.subscriptions.len(), MOST_COURSES);
        assert_eq!(answers.iter().filter(|(_, answer)| *answer == Err(Refused::TooManyCourses)).count(), 2);
    }
}
