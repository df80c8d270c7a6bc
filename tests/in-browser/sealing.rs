//! Sealing waits its turn: a handle that finds another one sealing seals what is left when that one is done.

use js_sys::{Function, JsString, Promise};
use leftfold_core::{EventStore, ExpectedVersion, NewEvent, OpenOptions, StreamName, indexed_db};
use leftfold_tests::fresh_name;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

/// Runs a script with one argument, and waits for what its promise gives.
async fn script(body: &str, argument: &str) -> JsValue {
    let function = Function::new_with_args("argument", body);
    let promise = function.call1(&JsValue::NULL, &JsString::from(argument)).unwrap();
    JsFuture::from(promise.unchecked_into::<Promise>()).await.unwrap()
}

/// Holds the lock of those who seal, as another tab does; calling what is given lets go of it.
async fn another_seals(store: &str) -> Function {
    let body = "return new Promise(held => {
        navigator.locks.request(argument, () => new Promise(release => held(release)));
    });";
    script(body, &format!("leftfold:{store}:seal")).await.unchecked_into()
}

/// Waits until there is a request for the lock of those who seal, or none; those that are granted count where `state` is
/// "held", those that wait where it is "pending".
async fn until_asked(store: &str, state: &str, is_asked: bool) {
    let body = "return (async () => {
        const [name, state, wanted] = JSON.parse(argument);
        for (;;) {
            const requests = await navigator.locks.query();
            if (requests[state].some(lock => lock.name === name) === wanted) return;
            await new Promise(resolve => setTimeout(resolve, 10));
        }
    })();";
    script(body, &format!("[\"leftfold:{store}:seal\", \"{state}\", {is_asked}]")).await;
}

async fn open(name: &str) -> EventStore {
    let options = OpenOptions::default().segment_bytes(600).cache_bytes(0);
    EventStore::open(indexed_db::open(name).await.unwrap(), options).await.unwrap()
}

async fn append_many(store: &EventStore) {
    for number in 0..50 {
        let event = NewEvent::json("OrderPlaced", &number).unwrap();
        store.append(StreamName::new("order-1").unwrap(), ExpectedVersion::Any, vec![event]).await.unwrap();
    }
}

async fn segments(store: &EventStore) -> u64 {
    store.stats().await.unwrap().segments
}

#[wasm_bindgen_test]
async fn what_is_due_is_sealed_once_another_has_sealed() {
    let name = fresh_name();
    let store = open(&name).await;
    let release = another_seals(&name).await;
    append_many(&store).await;
    until_asked(&name, "pending", true).await;
    let before = segments(&store).await;
    release.call0(&JsValue::NULL).unwrap();
    // Nothing is appended any more, and nobody opens the store: the handle comes back to it by itself.
    for _ in 0..1_000 {
        if segments(&store).await >= before + 3 {
            break;
        }
        script("return new Promise(resolve => setTimeout(resolve, 10));", "").await;
    }
    assert!(segments(&store).await >= before + 3, "nothing was sealed");
    assert_eq!(store.verify().await.unwrap().problems, []);
    store.close().await;
    indexed_db::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_handle_that_is_closed_gives_its_turn_up() {
    let name = fresh_name();
    let store = open(&name).await;
    let release = another_seals(&name).await;
    append_many(&store).await;
    until_asked(&name, "pending", true).await;
    assert_eq!(segments(&store).await, 0);
    store.close().await;
    release.call0(&JsValue::NULL).unwrap();
    // Whoever comes next is let in.
    until_asked(&name, "pending", false).await;
    until_asked(&name, "held", false).await;
    let next = another_seals(&name).await;
    next.call0(&JsValue::NULL).unwrap();
    indexed_db::delete(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_handle_that_is_dropped_does_not_wait_on_for_its_turn() {
    let name = fresh_name();
    let store = open(&name).await;
    let release = another_seals(&name).await;
    append_many(&store).await;
    until_asked(&name, "pending", true).await;
    drop(store);
    // While the other one still seals, the handle is closed: it holds no lock that says what it has seen.
    let body = "return (async () => {
        const isOfHandle = ({ name }) => name.startsWith(argument) && !name.endsWith(':seal');
        while ((await navigator.locks.query()).held.some(isOfHandle)) await new Promise(resolve => setTimeout(resolve, 10));
    })();";
    script(body, &format!("leftfold:{name}:")).await;
    release.call0(&JsValue::NULL).unwrap();
    indexed_db::delete(&name).await.unwrap();
}
