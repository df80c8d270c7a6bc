//! Courses with seats, and students who may take so many of them: two limits in one condition, held by many at once.

use std::collections::BTreeMap;

use leftfold_core::testing::SimHost;
use leftfold_core::{
    Boundary, BoundaryHandler, CommandContext, CommandError, Decider, DomainEvent, EventStore, MemoryDatabase, NewEvent,
    OpenOptions, Query, QueryItem, ReadOptions, StreamName, Tag,
};
