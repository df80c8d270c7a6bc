//! The bar at the top: store, live or pinned, import, theme, help.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::controls::{icon, sized_icon};
use super::import::choose_file;
use super::stores::StoreSwitcher;
use crate::model::format;
use crate::model::place::PageView;
use crate::state::browser::is_mac;
use crate::state::{App, Overlay, Phase, address};

/// The bar at the top of the page.
#[component]
pub(crate) fn AppBar() -> impl IntoView {
    let app = App::get();
    let has_events = Memo::new(move |_| matches!(app.phase.get(), Phase::Open { .. }) && app.head.get().get() > 0);
    let is_open = Memo::new(move |_| matches!(app.phase.get(), Phase::Open { .. }));
    let theme_label = move || format!("Theme: {}. Switch theme", app.theme.get().name());
    view! {
        <header class="lf-appbar">
            <span class="lf-appbar__brand">
                <svg class="lf-logo" viewBox="0 0 22 22" aria-hidden="true">
                    <path class="lf-logo__stem" d="M4 2h5.500v12.500L4 20z" />
                    <path class="lf-logo__foot" d="M4 20l5.500-5.500H19V20z" />
                    <path class="lf-logo__fold" d="M9.500 14.500 4 20h5.500z" />
                </svg>
                <span class="lf-appbar__word">"Leftfold"</span>
            </span>
            <StoreSwitcher />
            <Show when=move || is_open.get()><Navigation /></Show>
            <div class="lf-grow"></div>
            <Simulation />
            <Export />
            <Show when=move || has_events.get()><Moment /></Show>
            <div class="lf-appbar__acts">
                <button
                    type="button"
                    class="lf-btn lf-btn--ghost"
                    title="Import events"
                    on:click=move |_| choose_file(app)
                >
                    {icon("import")}<span class="lf-btn__label">"Import"</span>
                </button>
                <button
                    type="button"
                    class="lf-btn lf-btn--ghost lf-hide-sm"
                    title="Export events"
                    disabled=move || !has_events.get()
                    on:click=move |_| app.overlay.set(Some(Overlay::Export))
                >
                    {icon("export")}<span class="lf-btn__label">"Export"</span>
                </button>
                <button
                    type="button"
                    class="lf-cmdk"
                    aria-keyshortcuts=if is_mac() { "Meta+K" } else { "Control+K" }
                    on:click=move |_| app.overlay.set(Some(Overlay::Palette))
                >
                    <span class="lf-vh">"Command palette: "</span>
                    {icon("search")}<span class="lf-cmdk__hint">"Search or run"</span><kbd class="lf-kbd">{if is_mac() { "⌘ K" } else { "Ctrl K" }}</kbd>
                </button>
                <button
                    type="button"
                    class="lf-btn lf-btn--ghost lf-btn--icon"
                    aria-label=theme_label
                    title=theme_label
                    on:click=move |_| app.switch_theme()
                >
                    {sized_icon("theme", 16)}
                </button>
                <button
                    type="button"
                    class="lf-btn lf-btn--ghost lf-btn--icon lf-hide-sm"
                    aria-label="Help and keyboard shortcuts"
                    title="Help  ?"
                    aria-keyshortcuts="?"
                    on:click=move |_| app.overlay.set(Some(Overlay::Help))
                >
                    {sized_icon("help", 16)}
                </button>
            </div>
        </header>
    }
}

/// The pages of the open store.
#[component]
fn Navigation() -> impl IntoView {
    let app = App::get();
    // Addresses cost more than they are looked at: they are made anew for who comes to them, not for every step of the cursor.
    let seen = RwSignal::new(0_u64);
    let look = move || seen.update(|times| *times += 1);
    let item = move |page: PageView| {
        let go = move |event: MouseEvent| {
            // With a modifier the browser opens the address elsewhere.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                app.page.set(page);
            }
        };
        let is_current = move || (app.page.get() == page).then_some("page");
        if app.root.is_page() {
            view! {
                <a class="lf-nav__item" href=move || { seen.track(); address::of_page(app, page) } aria-current=is_current on:click=go>{page.title()}</a>
            }
            .into_any()
        } else {
            // The address is that of somebody else's page.
            view! {
                <button type="button" class="lf-nav__item" aria-current=is_current on:click=move |_| app.page.set(page)>{page.title()}</button>
            }
            .into_any()
        }
    };
    // Commands need the code that decides on them, and that is there for the sample alone.
    let pages = PageView::ALL.into_iter().filter(|page| app.root.is_page() || *page != PageView::Commands);
    view! {
        <nav
            class="lf-nav"
            aria-label="Views"
            on:pointerover=move |_| look()
            on:pointerdown=move |_| look()
            on:focusin=move |_| look()
            on:keydown=move |_| look()
        >
            {pages.map(item).collect_view()}
        </nav>
    }
}

/// Live, or pinned with what came since.
#[component]
fn Moment() -> impl IntoView {
    use crate::model::timeline::{Command, Timeline};

    let app = App::get();
    let since = Memo::new(move |_| app.timeline.with(Timeline::events_since_pinned));
    let room = move || format!("--ch:{}", format::position(app.head.get()).len());
    let pinned = move || {
        view! {
            <span class="lf-moment__text">
                {icon("pin")}
                <span>
                    <span class="lf-moment__word">"Pinned at "</span>
                    <span class="lf-moment__at" style=room>
                        <span class="lf-apart">{move || format::position(app.follows.details.get())}</span>
                    </span>
                    {move || Some(since.get()).filter(|since| *since > 0).map(|since| view! {
                        <span class="lf-moment__sep">" · "</span>
                        <span class="lf-moment__since">{format!("+{}", format::grouped(since))}</span>
                    })}
                    <span class="lf-moment__word">{move || if since.get() > 0 { " since" } else { "" }}</span>
                </span>
            </span>
            <button
                type="button"
                class="lf-moment__go"
                aria-label=move || match since.get() {
                    0 => "Go live".to_owned(),
                    since => format!("Go live, {} since pinned", format::counted(since, "event")),
                }
                on:click=move |_| app.send(Command::GoLive)
            >
                {sized_icon("to-end", 12)}<span class="lf-moment__word">"Live"</span>
            </button>
        }
    };
    let live = || {
        view! { <span class="lf-moment__text"><span class="lf-moment__dot" aria-hidden="true"></span>"Live"</span> }
    };
    let class = move || if app.is_live.get() { "lf-moment lf-moment--live" } else { "lf-moment lf-moment--pinned" };
    view! {
        <div class=class role="group" aria-label="Moment" data-after="#playhead">
            {move || if app.is_live.get() { live().into_any() } else { pinned().into_any() }}
            <Announcer />
        </div>
    }
}

/// Says to those who listen whether the page is live or pinned, at most once a second.
#[component]
fn Announcer() -> impl IntoView {
    use std::time::Duration;

    let app = App::get();
    let text = RwSignal::new(String::new());
    let is_waiting = StoredValue::new(false);
    let now = move || {
        let is_live = app.is_live.get_untracked();
        if is_live { "Live".to_owned() } else { format!("Pinned at {}", format::position(app.cursor.get_untracked())) }
    };
    Effect::new(move |_| {
        app.is_live.track();
        app.cursor.track();
        if !is_waiting.with_value(|waiting| *waiting) {
            is_waiting.set_value(true);
            set_timeout(
                move || {
                    let _ = is_waiting.try_set_value(false);
                    // A page that follows says so once, not at each event.
                    let _ = text.try_set(now());
                },
                Duration::from_secs(1),
            );
        }
    });
    let said = Memo::new(move |_| text.get());
    view! { <span class="lf-vh" role="status">{move || said.get()}</span> }
}

/// The simulator while it runs.
#[component]
fn Simulation() -> impl IntoView {
    let app = App::get();
    let rate = Memo::new(move |_| app.simulator.with(|status| status.map(|status| status.rate)));
    let text = move || rate.get().map(|rate| format!("Simulator {}/s", format::short(rate)));
    view! { <Running name="Simulator" symbol="pulse" text=text after=".lf-store" stop="Stop simulator" on_stop=move || app.stop_simulator() /> }
}

/// The export while it runs.
#[component]
fn Export() -> impl IntoView {
    let app = App::get();
    let percent = Memo::new(move |_| app.exporting.get().map(|status| status.done * 100 / status.of.max(1)));
    let text = move || percent.get().map(|percent| format!("Exporting {percent} %"));
    view! { <Running name="Export" symbol="export" text=text after=".lf-appbar [title^=Export]" stop="Cancel export" on_stop=move || app.cancel_export() /> }
}

/// Something that runs, for as long as there is a text about it, and the button that stops it.
#[component]
fn Running<T, F>(
    name: &'static str,
    symbol: &'static str,
    text: T,
    /// Where the focus goes when it has ended.
    after: &'static str,
    stop: &'static str,
    on_stop: F,
) -> impl IntoView
where
    T: Fn() -> Option<String> + Copy + Send + Sync + 'static,
    F: Fn() + Copy + Send + Sync + 'static,
{
    let is_running = Memo::new(move |_| text().is_some());
    view! {
        <Show when=move || is_running.get()>
            <div class="lf-sim" role="group" aria-label=name data-after=after>
                {icon(symbol)}
                <span class="lf-sim__text">{text}</span>
                <button type="button" class="lf-sim__stop" aria-label=stop title=stop on:click=move |_| on_stop()>
                    {sized_icon("stop", 12)}
                </button>
            </div>
        </Show>
    }
}
