//! Waiting for one of two events of a request or a transaction.
//!
//! Making a callback that JavaScript can call costs more than the call. A pair is lent for one wait and then lent again.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::{IdbRequest, IdbTransaction};

/// Pairs kept for later; more are in use at once only when many reads are.
const KEPT: usize = 16;

thread_local! {
    static IDLE: RefCell<Vec<Ear>> = const { RefCell::new(Vec::new()) };
}

#[derive(Default)]
struct Heard {
    is_success: Cell<Option<bool>>,
    waker: Cell<Option<Waker>>,
}

impl Heard {
    fn hear(&self, is_success: bool) {
        self.is_success.set(Some(is_success));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// A pair of callbacks and what they heard.
struct Ear {
    heard: Rc<Heard>,
    on_success: Closure<dyn Fn()>,
    on_failure: Closure<dyn Fn()>,
}

impl Ear {
    fn lend() -> Self {
        IDLE.with_borrow_mut(Vec::pop).unwrap_or_else(|| {
            let heard = Rc::new(Heard::default());
            let (success, failure) = (Rc::clone(&heard), Rc::clone(&heard));
            Self {
                heard,
                on_success: Closure::new(move || success.hear(true)),
                on_failure: Closure::new(move || failure.hear(false)),
            }
        })
    }
}

/// What can succeed or fail, once.
pub(super) trait Source {
    fn listen(&self, on_success: Option<&Function>, on_failure: Option<&Function>);
}

impl Source for IdbRequest {
    fn listen(&self, on_success: Option<&Function>, on_failure: Option<&Function>) {
        self.set_onsuccess(on_success);
        self.set_onerror(on_failure);
    }
}

impl Source for IdbTransaction {
    fn listen(&self, on_success: Option<&Function>, on_failure: Option<&Function>) {
        self.set_oncomplete(on_success);
        self.set_onabort(on_failure);
    }
}

/// A wait that may be given up.
struct Wait<'a, S: Source> {
    source: &'a S,
    ear: Option<Ear>,
}

impl<S: Source> Drop for Wait<'_, S> {
    fn drop(&mut self) {
        let Some(ear) = self.ear.take() else { return };
        if ear.heard.is_success.take().is_none() {
            // The event may still come. Nobody must hear it with a pair that is lent again.
            self.source.listen(None, None);
        }
        ear.heard.waker.take();
        IDLE.with_borrow_mut(|idle| {
            if idle.len() < KEPT {
                idle.push(ear);
            }
        });
    }
}

/// Ends with the source's event: whether it is the one of success.
pub(super) async fn is_success<S: Source>(source: &S) -> bool {
    let ear = Ear::lend();
    source.listen(Some(ear.on_success.as_ref().unchecked_ref()), Some(ear.on_failure.as_ref().unchecked_ref()));
    let heard = Rc::clone(&ear.heard);
    let _wait = Wait { source, ear: Some(ear) };
    poll_fn(|context| match heard.is_success.get() {
        Some(is_success) => Poll::Ready(is_success),
        None => {
            heard.waker.set(Some(context.waker().clone()));
            Poll::Pending
        }
    })
    .await
}
