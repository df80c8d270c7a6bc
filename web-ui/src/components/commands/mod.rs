//! The Commands page: what the sample's domain can be told to do.

use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Commands() -> impl IntoView {
    view! {
        <main class="lf-main" id="main">
            <h1 class="lf-vh">"Commands"</h1>
        </main>
    }
}
