//! Decisions over a query: dynamic consistency boundaries.

use std::rc::Rc;

use super::context::CommandContext;
use super::error::{CommandError, LoadError};
use super::load::Folder;
use super::repository::{is_repeat, repeated, stored_events};
use crate::domain::{
    Commit, CommitResult, Condition, Decider, ExpectedVersion, InvalidCommit, Query, StreamName, StreamWrite,
    UnknownTypes,
};
use crate::engine::{AppendError, EventStore, Pace, ReadOptions};

/// How often a command is decided anew after a conflict.
const RETRIES: u32 = 3;

/// A decider whose decisions rest on a query rather than on one stream.
///
/// Two rules about different things hold in one decision: a course has so many seats, and a student may take so many
/// courses. No stream has both, a query does.
///
/// ```
/// # futures_executor::block_on(async {
/// # use std::collections::BTreeMap;
/// use leftfold_core::{
///     Boundary, BoundaryHandler, CommandContext, Decider, DomainEvent, Query, QueryItem, StreamName, Tag,
/// };
/// # use leftfold_core::{EventStore, MemoryDatabase, OpenOptions};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// enum CourseEvent {
///     CourseOffered { course: String, seats: usize },
///     StudentSubscribed { course: String, student: String },
/// }
/// impl DomainEvent for CourseEvent {
///     fn tags(&self) -> Vec<Tag> {
///         let tags = match self {
///             Self::CourseOffered { course, .. } => vec![format!("course:{course}")],
///             Self::StudentSubscribed { course, student } => {
///                 vec![format!("course:{course}"), format!("student:{student}")]
///             }
///         };
///         tags.iter().flat_map(|tag| Tag::new(tag)).collect()
///     }
/// }
///
/// enum CourseCommand {
///     Offer { course: String, seats: usize },
///     Subscribe { course: String, student: String },
/// }
///
/// #[derive(Debug, PartialEq, thiserror::Error)]
/// enum Refused {
///     #[error("the course is offered already")]
///     AlreadyOffered,
///     #[error("there is no such course")]
///     UnknownCourse,
///     #[error("the student has subscribed already")]
///     AlreadySubscribed,
///     #[error("every seat is taken")]
///     CourseFull,
///     #[error("a student may take two courses")]
///     TooManyCourses,
/// }
///
/// /// The seats of courses, and who has subscribed to which: as far as the query tells.
/// #[derive(Clone, Default, Serialize, Deserialize)]
/// struct Known {
///     seats: BTreeMap<String, usize>,
///     subscriptions: Vec<(String, String)>,
/// }
///
/// struct Courses;
/// impl Decider for Courses {
/// #   type State = Known;
/// #   type Command = CourseCommand;
/// #   type Event = CourseEvent;
/// #   type Rejection = Refused;
/// #   fn name(&self) -> &str { "courses" }
/// #   fn initial_state(&self) -> Known { Known::default() }
///     fn decide(&self, known: &Known, command: &CourseCommand) -> Result<Vec<CourseEvent>, Refused> {
///         match command {
///             CourseCommand::Offer { course, .. } if known.seats.contains_key(course) => Err(Refused::AlreadyOffered),
///             CourseCommand::Offer { course, seats } => {
///                 Ok(vec![CourseEvent::CourseOffered { course: course.clone(), seats: *seats }])
///             }
///             CourseCommand::Subscribe { course, student } => {
///                 let seats = *known.seats.get(course).ok_or(Refused::UnknownCourse)?;
///                 let of_course = known.subscriptions.iter().filter(|(other, _)| other == course);
///                 let of_student = known.subscriptions.iter().filter(|(_, other)| other == student);
///                 if of_course.clone().any(|(_, other)| other == student) {
///                     return Err(Refused::AlreadySubscribed);
///                 }
///                 if of_course.count() >= seats {
///                     return Err(Refused::CourseFull);
///                 }
///                 if of_student.count() >= 2 {
///                     return Err(Refused::TooManyCourses);
///                 }
///                 let (course, student) = (course.clone(), student.clone());
///                 Ok(vec![CourseEvent::StudentSubscribed { course, student }])
///             }
///         }
///     }
/// #   fn evolve(&self, mut known: Known, event: CourseEvent) -> Known {
/// #       match event {
/// #           CourseEvent::CourseOffered { course, seats } => { known.seats.insert(course, seats); }
/// #           CourseEvent::StudentSubscribed { course, student } => known.subscriptions.push((course, student)),
/// #       }
/// #       known
/// #   }
/// }
///
/// impl Boundary for Courses {
///     fn query(&self, command: &CourseCommand) -> Query {
///         let tags = match command {
///             CourseCommand::Offer { course, .. } => vec![format!("course:{course}")],
///             CourseCommand::Subscribe { course, student } => {
///                 vec![format!("course:{course}"), format!("student:{student}")]
///             }
///         };
///         // Whatever is about the course, or about the student.
///         Query { items: tags.iter().flat_map(|tag| QueryItem::of_tags([tag.as_str()])).collect() }
///     }
///
///     fn stream(&self, _: &CourseCommand, event: &CourseEvent) -> StreamName {
///         let (CourseEvent::CourseOffered { course, .. } | CourseEvent::StudentSubscribed { course, .. }) = event;
///         StreamName::new(&format!("course-{course}")).expect("a name")
///     }
/// }
///
/// # let store = EventStore::open(MemoryDatabase::new().open(), OpenOptions::default()).await?;
/// let courses = BoundaryHandler::new(&store, Courses);
/// let offer = CourseCommand::Offer { course: "c1".to_owned(), seats: 1 };
/// courses.execute(&offer, CommandContext::default()).await?;
/// let subscribe = |student: &str| CourseCommand::Subscribe { course: "c1".to_owned(), student: student.to_owned() };
/// courses.execute(&subscribe("s1"), CommandContext::default()).await?;
/// let refused = courses.execute(&subscribe("s2"), CommandContext::default()).await.unwrap_err();
/// assert_eq!(refused.to_string(), "every seat is taken");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub trait Boundary: Decider {
    /// The events that the decision on a command rests on. They are folded in the order of the log.
    fn query(&self, command: &Self::Command) -> Query;

    /// The stream that an event is stored in.
    fn stream(&self, command: &Self::Command, event: &Self::Event) -> StreamName;
}

/// Executes the commands of a [`Boundary`]: fold what matches the query, decide, append on condition that nothing that
/// matches has come meanwhile.
#[derive(Debug)]
pub struct BoundaryHandler<B> {
    store: EventStore,
    boundary: Rc<B>,
    retries: u32,
    unknown: UnknownTypes,
}

/// What came of a command over a boundary.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounded<E> {
    /// The events that it stored, or had stored before; none when there was nothing to do.
    pub events: Vec<E>,
    /// Where they stand; `None` when there are none. `duplicate` says that the command was executed before.
    pub commit: Option<CommitResult>,
}

impl<B: Boundary + 'static> BoundaryHandler<B> {
    /// A handler.
    #[must_use]
    pub fn new(store: &EventStore, boundary: B) -> Self {
        let (store, boundary) = (store.clone(), Rc::new(boundary));
        Self { store, boundary, retries: RETRIES, unknown: UnknownTypes::Fail }
    }

    /// The same, deciding anew up to `retries` times after a conflict. Default 3.
    #[must_use]
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// The same, with another answer to event types that the decider does not know. Default: fail.
    #[must_use]
    pub fn with_unknown_types(mut self, unknown: UnknownTypes) -> Self {
        self.unknown = unknown;
        self
    }

    /// Decides on a command and appends what was decided. An expected version in the context is ignored: the condition
    /// takes its place.
    ///
    /// Takes time in proportion to the events that match the query.
    ///
    /// # Errors
    /// [`CommandError`]; nothing was stored then.
    pub async fn execute(
        &self,
        command: &B::Command,
        context: CommandContext,
    ) -> Result<Bounded<B::Event>, CommandError<B::Rejection>> {
        let mut left = self.retries;
        loop {
            match self.attempt(command, &context).await {
                Err(error) if left > 0 && error.is_conflict() => left -= 1,
                outcome => return outcome,
            }
        }
    }

    fn folder(&self) -> Folder<'_, B> {
        Folder { decider: &self.boundary, upcasters: self.store.upcasters(), unknown: self.unknown }
    }

    async fn attempt(
        &self,
        command: &B::Command,
        context: &CommandContext,
    ) -> Result<Bounded<B::Event>, CommandError<B::Rejection>> {
        let head = self.store.refresh().await?;
        if let Some(done) = self.done_before(context).await? {
            return Ok(done);
        }
        let query = self.boundary.query(command);
        query.check().map_err(|source| AppendError::from(InvalidCommit::Query { source }))?;
        let state = self.fold(&query, head).await?;
        let events = self.boundary.decide(&state, command).map_err(CommandError::Rejected)?;
        if events.is_empty() {
            return Ok(Bounded { events, commit: None });
        }
        let new = context.dress(self.boundary.name(), 0, &events)?;
        self.folder().fold_new(state, &new, head.next())?;
        let mut commit = Commit { conditions: vec![Condition { query, after: head }], ..Commit::default() };
        for (event, new) in events.iter().zip(new) {
            let stream = self.boundary.stream(command, event);
            match commit.writes.iter_mut().find(|write| write.stream == stream) {
                Some(write) => write.events.push(new),
                None => {
                    let write = StreamWrite { stream, expected: ExpectedVersion::Any, events: vec![new] };
                    commit.writes.push(write);
                }
            }
        }
        let outcome = self.store.commit_as(commit, context.durability).await;
        if is_repeat(&outcome) {
            self.store.refresh().await?;
            if let Some(done) = self.done_before(context).await? {
                return Ok(done);
            }
        }
        Ok(Bounded { events, commit: Some(outcome?) })
    }

    /// What a command with this id has stored before, if it has.
    async fn done_before(&self, context: &CommandContext) -> Result<Option<Bounded<B::Event>>, LoadError> {
        let positions = stored_events(&self.store, context, self.boundary.name());
        let stored = self.store.events_at(&positions).await?;
        let Some(result) = repeated(&stored) else { return Ok(None) };
        Ok(Some(Bounded { events: self.folder().decode_all(stored)?, commit: Some(result) }))
    }

    async fn fold(&self, query: &Query, head: crate::domain::Position) -> Result<B::State, LoadError> {
        let options = ReadOptions { to: Some(head), query: Some(query.clone()), ..ReadOptions::default() };
        let mut pages = self.store.read_known(options);
        let folder = self.folder();
        let mut state = self.boundary.initial_state();
        let mut pace = Pace::new(&self.store);
        while let Some(page) = pages.next_page().await? {
            for (number, event) in page.into_iter().enumerate() {
                state = folder.fold(state, event)?;
                if number % 64 == 63 {
                    pace.step().await;
                }
            }
        }
        Ok(state)
    }
}
