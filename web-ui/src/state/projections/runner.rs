//! A running projection, whatever the type of its state.

use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::rc::Rc;

use leftfold_core::{
    EventStore, Position, Projection, ProjectionError, ProjectionOptions, ProjectionProgress, ProjectionStatus,
    RunningProjection, Timeline, TimelineOptions,
};

use crate::lens::Lens;
use crate::sample::projections::{
    CustomerValue, FulfilmentTime, OrdersByStatus, Revenue, Skipping, UnitsByProduct, WarehouseBoard,
};

/// What the kept states of a history may take.
const HISTORY_BYTES: usize = 32 * 1024 * 1024;

/// The answer of a runner, when it comes.
pub(super) type RunnerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProjectionError>> + 'a>>;

/// A projection that is kept up with the log.
pub(super) trait Runner {
    fn status(&self) -> RunnerFuture<'_, ProjectionStatus>;
    fn caught_up(&self, position: Position) -> RunnerFuture<'_, ()>;
    fn retry(&self) -> RunnerFuture<'_, ()>;
    fn skip<'a>(&'a self, position: Position, reason: &'a str) -> RunnerFuture<'a, ()>;
    fn rebuild<'a>(
        &'a self,
        progress: &'a mut dyn FnMut(ProjectionProgress) -> ControlFlow<()>,
    ) -> RunnerFuture<'a, ()>;
    fn watch<'a>(&'a self, told: &'a mut dyn FnMut()) -> Pin<Box<dyn Future<Output = ()> + 'a>>;
    fn stop(&self);
    /// Its states at every position, as if these events had not been.
    fn history_without(&self, store: &EventStore, skipped: &[Position]) -> Rc<dyn Lens>;
}

impl<P: Projection + Clone + 'static> Runner for RunningProjection<P> {
    fn status(&self) -> RunnerFuture<'_, ProjectionStatus> {
        Box::pin(self.status())
    }

    fn caught_up(&self, position: Position) -> RunnerFuture<'_, ()> {
        Box::pin(self.caught_up(Some(position)))
    }

    fn retry(&self) -> RunnerFuture<'_, ()> {
        Box::pin(self.retry())
    }

    fn skip<'a>(&'a self, position: Position, reason: &'a str) -> RunnerFuture<'a, ()> {
        Box::pin(self.skip(position, reason))
    }

    fn rebuild<'a>(
        &'a self,
        progress: &'a mut dyn FnMut(ProjectionProgress) -> ControlFlow<()>,
    ) -> RunnerFuture<'a, ()> {
        Box::pin(self.rebuild(progress))
    }

    fn watch<'a>(&'a self, told: &'a mut dyn FnMut()) -> Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(self.watch(move |_| told()))
    }

    fn stop(&self) {
        self.stop();
    }

    fn history_without(&self, store: &EventStore, skipped: &[Position]) -> Rc<dyn Lens> {
        let projection = Skipping::new(self.projection().clone(), skipped.iter().copied());
        let options = TimelineOptions::default().memory_bytes(HISTORY_BYTES);
        Rc::new(Timeline::new(store.clone(), projection, options))
    }
}

/// Runs the sample's projection of this name; `None` when there is none.
pub(super) async fn start(store: &EventStore, name: &str) -> Result<Option<Rc<dyn Runner>>, ProjectionError> {
    async fn run<P: Projection + Clone + 'static>(
        store: &EventStore,
        projection: P,
    ) -> Result<Option<Rc<dyn Runner>>, ProjectionError> {
        Ok(Some(Rc::new(store.project(projection, ProjectionOptions::default()).await?)))
    }
    match name {
        "warehouse-board" => run(store, WarehouseBoard).await,
        "orders-by-status" => run(store, OrdersByStatus).await,
        "revenue" => run(store, Revenue).await,
        "units-by-product" => run(store, UnitsByProduct).await,
        "customer-value" => run(store, CustomerValue).await,
        "fulfilment-time" => run(store, FulfilmentTime).await,
        _ => Ok(None),
    }
}
