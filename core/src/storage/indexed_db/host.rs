//! Clock, random source and scheduler of the browser: a page or a worker.

use std::fmt;
use std::time::Duration;

use futures_util::future::{FutureExt, LocalBoxFuture};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::domain::Timestamp;
use crate::storage::Host;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]);
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

/// A task of its own in the event loop, without the delay that nested timers have.
async fn next_task() -> Result<(), JsValue> {
    let channel = web_sys::MessageChannel::new()?;
    let (near, far) = (channel.port1(), channel.port2());
    let arrival = js_sys::Promise::new(&mut |resolve, _| near.set_onmessage(Some(&resolve)));
    far.post_message(&JsValue::NULL)?;
    JsFuture::from(arrival).await?;
    near.close();
    Ok(())
}

impl Host for BrowserHost {
    fn now(&self) -> Timestamp {
        Timestamp::trusted((js_sys::Date::now() * 1_000.0) as i64)
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
        next_task().map(|_| ()).boxed_local()
    }
}
