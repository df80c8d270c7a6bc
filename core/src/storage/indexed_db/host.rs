//! Clock, random source and scheduler of the browser: a page or a worker.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::future::{FutureExt, LocalBoxFuture};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::domain::Timestamp;
use crate::storage::Host;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]);
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// The host of pages and workers.
#[derive(Default)]
pub struct BrowserHost;

impl fmt::Debug for BrowserHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserHost")
    }
}

/// Ends after `duration`.
pub(super) async fn sleep(duration: Duration) {
    gloo_timers::future::sleep(duration).await;
}

thread_local! {
    static TURNS: Option<Turns> = Turns::new().ok();
}

/// Tasks of their own in the event loop, without the delay that nested timers have.
struct Turns {
    far: web_sys::MessagePort,
    waiting: Rc<RefCell<VecDeque<oneshot::Sender<()>>>>,
    /// Held, since both end when they are dropped.
    _near: web_sys::MessagePort,
    _on_message: Closure<dyn FnMut()>,
}

impl Turns {
    fn new() -> Result<Self, JsValue> {
        let channel = web_sys::MessageChannel::new()?;
        let waiting = Rc::new(RefCell::new(VecDeque::<oneshot::Sender<()>>::new()));
        let queue = Rc::clone(&waiting);
        let on_message = Closure::<dyn FnMut()>::new(move || {
            let next = queue.borrow_mut().pop_front();
            // Whoever waited for it may have gone away.
            next.map(|turn| turn.send(()));
        });
        let near = channel.port1();
        near.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self { far: channel.port2(), waiting, _near: near, _on_message: on_message })
    }

    fn next(&self) -> Option<oneshot::Receiver<()>> {
        let (sender, turn) = oneshot::channel();
        self.far.post_message(&JsValue::NULL).ok()?;
        self.waiting.borrow_mut().push_back(sender);
        Some(turn)
    }
}

async fn next_task() {
    if let Some(turn) = TURNS.with(|turns| turns.as_ref().and_then(Turns::next)) {
        let _ = turn.await;
    }
}

impl Host for BrowserHost {
    fn now(&self) -> Timestamp {
        Timestamp::trusted((js_sys::Date::now() * 1_000.0) as i64)
    }

    fn micros(&self) -> f64 {
        // Browsers round it: to 5 microseconds in isolated pages, to 100 or more in others.
        performance_now() * 1_000.0
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        // The browser gives at most 65,536 bytes a call.
        bytes.chunks_mut(65_536).for_each(get_random_values);
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        spawn_local(task);
    }

    fn sleep(&self, duration: Duration) -> LocalBoxFuture<'static, ()> {
        sleep(duration).boxed_local()
    }

    fn breathe(&self) -> LocalBoxFuture<'static, ()> {
        // Where there are no channels, the caller goes on without a pause.
        next_task().boxed_local()
    }
}
