//! The Projections page: read models at the cursor.

use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn Projections() -> impl IntoView {
    view! {
        <main class="lf-main" id="main">
            <h1 class="lf-vh">"Projections"</h1>
        </main>
    }
}
