//! The field that goes to an exact position or time.

use leptos::prelude::*;

use crate::model::timeline::Place;
use crate::state::App;

/// Goes to what is typed; what the log does not have is refused with the reason, and stays in the field.
#[component]
pub(super) fn GoTo(id: &'static str) -> impl IntoView {
    let app = App::get();
    let typed = RwSignal::new(None::<String>);
    let wrong = RwSignal::new(None::<String>);
    let shown = move || typed.get().unwrap_or_else(|| app.follows.details.get().to_string());
    // Who is in the field writes it: what stands there must not change under the hand while the cursor moves on.
    let is_edited = StoredValue::new(false);
    let forget = move || {
        typed.set(None);
        wrong.set(None);
        is_edited.set_value(false);
    };
    let go = move || {
        let Some(text) = typed.get_untracked().filter(|_| is_edited.get_value()) else { return };
        match find(app, &text) {
            Ok(()) => forget(),
            Err(reason) => wrong.set(Some(reason)),
        }
    };
    let enter = move |field: web_sys::HtmlInputElement| {
        if typed.with_untracked(Option::is_none) {
            let text = app.cursor.get_untracked().to_string();
            field.set_value(&text);
            typed.set(Some(text));
        }
        field.select();
    };
    let leave = move || {
        if !is_edited.get_value() {
            forget();
        }
    };
    let error_id = format!("{id}-error");
    let described = {
        let error_id = error_id.clone();
        move || wrong.with(Option::is_some).then(|| error_id.clone())
    };
    view! {
        <div class="lf-goto">
            <label
                class="lf-field lf-field--num"
                class:lf-field--invalid=move || wrong.with(Option::is_some)
                title="A position such as 1204, or a time such as 2026-03-14 09:41:07 or 09:41 (UTC)"
            >
                <span class="lf-vh">"Go to position or time"</span>
                <span class="lf-field__affix" aria-hidden="true">"#"</span>
                <input
                    class="lf-field__input"
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                    aria-describedby=described
                    prop:value=shown
                    on:focus:target=move |event| enter(event.target())
                    on:blur=move |_| leave()
                    on:input:target=move |event| {
                        wrong.set(None);
                        is_edited.set_value(true);
                        typed.set(Some(event.target().value()));
                    }
                    on:keydown=move |event| match event.key().as_str() {
                        "Enter" => go(),
                        "Escape" => forget(),
                        _ => {}
                    }
                    on:change=move |_| go()
                />
            </label>
            <p class="lf-goto__error" id=error_id role="alert">{move || wrong.get()}</p>
        </div>
    }
}

fn find(app: App, text: &str) -> Result<(), String> {
    let cursor = app.cursor.get_untracked();
    let time_of = |position| app.with_log(|log| log.running_time(position)).flatten().unwrap_or_default();
    let place = Place::parse(text, time_of(cursor)).map_err(|error| error.to_string())?;
    let until = |time| app.with_log(|log| log.position_at(time)).unwrap_or_default();
    let position = place.find(app.head.get_untracked(), until, time_of).map_err(|error| error.to_string())?;
    // It was looked up in the log, which only grows.
    app.go_to(position).map_err(|_| "The log has no such event.".to_owned())
}
