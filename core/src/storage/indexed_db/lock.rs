//! Web Locks, where the browser has them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::storage::Lead;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    pub(super) type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &Function) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}

/// The locks of this page's or worker's origin; none in places that are not secure.
pub(super) fn locks() -> Option<LockManager> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}

/// A lock that is held until this is dropped, or stolen.
pub(super) struct Held {
    release: Function,
    is_over: Rc<Cell<bool>>,
}

impl Lead for Held {
    fn is_lost(&self) -> bool {
        self.is_over.get()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // A promise's resolving function does not throw.
        let _ = self.release.call0(&JsValue::NULL);
    }
}

/// How to ask for a lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Together with other shared holders; waits for an exclusive one.
    Shared,
    /// Alone; waits for whoever holds it. Dropping the future gives the place in the queue up.
    Exclusive,
    /// Alone, and only if nobody holds it now.
    ExclusiveIfFree,
    /// Alone, taken from whoever holds it.
    ExclusiveByForce,
}

impl LockManager {
    /// Takes a lock; `None` when it is not free or the browser refuses.
    pub(super) async fn take(&self, name: &str, mode: Mode) -> Option<Held> {
        let options = Object::new();
        match mode {
            Mode::Shared => Reflect::set(&options, &"mode".into(), &"shared".into()).ok()?,
            Mode::Exclusive => true,
            Mode::ExclusiveIfFree => Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?,
            Mode::ExclusiveByForce => Reflect::set(&options, &"steal".into(), &true.into()).ok()?,
        };
        let mut release = None;
        let hold = Promise::new(&mut |resolve, _| release = Some(resolve));
        let release = release?;
        let (sender, answer) = oneshot::channel();
        let sender = Rc::new(RefCell::new(Some(sender)));
        let unanswered = Rc::clone(&sender);
        let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
            let is_granted = !lock.is_null();
            if let Some(sender) = sender.borrow_mut().take() {
                let _ = sender.send(is_granted);
            }
            if is_granted { hold.into() } else { JsValue::UNDEFINED }
        });
        let request = self.request(name, &options, granted.unchecked_ref()).ok()?;
        // The promise of the request ends when the lock is released, or fails when it is stolen or refused.
        let is_over = Rc::new(Cell::new(false));
        let over = Rc::clone(&is_over);
        spawn_local(async move {
            let _ = JsFuture::from(request).await;
            over.set(true);
            // Whoever waits is told when the browser has refused: it does not call back then.
            unanswered.borrow_mut().take();
        });
        let held = Held { release, is_over };
        answer.await.ok()?.then_some(held)
    }

    /// The names of all locks held in this origin.
    pub(super) async fn held(&self) -> Option<Vec<String>> {
        let snapshot = JsFuture::from(self.query().ok()?).await.ok()?;
        let held = Reflect::get(&snapshot, &"held".into()).ok()?;
        let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
        Some(Array::from(&held).iter().filter_map(name).collect())
    }
}

/// Locks where there are any, shared by the parts of a handle.
pub(super) type SharedLocks = Option<Rc<LockManager>>;
