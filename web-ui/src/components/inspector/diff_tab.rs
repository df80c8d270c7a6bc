//! State at A against state at B.

use leftfold_core::Position;
use leptos::prelude::*;

use super::copy::CopyButton;
use super::table::Rows;
use super::trouble::{Failed, Nothing, visit};
use super::whose::Whose;
use crate::components::controls::{Busy, Segmented, icon};
use crate::components::tree::Scroller;
use crate::model::diff_table::DiffRow;
use crate::model::format;
use crate::model::state_of::StateOf;
use crate::model::timeline::Command;
use crate::state::{App, Failure, state_title};

/// How the difference is written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Tree,
    Patch,
}

/// What the middle of the tab shows.
#[derive(Clone, PartialEq)]
enum Middle {
    Unset,
    Wait,
    Equal,
    Table,
    Patch,
    Failed(Failure),
}

/// The Diff tab.
#[component]
pub(super) fn DiffTab() -> impl IntoView {
    let app = App::get();
    let form = RwSignal::new(Form::Tree);
    let scroller = Scroller::new();
    let ends = Memo::new(move |_| app.timeline.with(|timeline| (timeline.cursor_a(), timeline.cursor_b())));
    let both = Memo::new(move |_| match ends.get() {
        (Some(a), Some(b)) => Some((a, b)),
        _ => None,
    });
    Effect::new(move |_| {
        if let Some((a, b)) = both.get() {
            app.state_views.want_diff(app, a, b);
        }
    });
    // The difference before stays, dimmed, until the next is worked out. Where the state follows the selected event it may be of
    // another stream; where one was chosen, only the difference of that one is shown.
    let shown = Memo::new(move |_| {
        both.get()?;
        let shown = app.state_views.diff.shown()?;
        (app.state_of.get() == StateOf::Selected || shown.key.of == app.whose_state()).then_some(shown)
    });
    let is_late = Memo::new(move |_| {
        let of = app.whose_state();
        shown.with(|shown| {
            shown.as_ref().is_some_and(|shown| shown.key.of != of || Some((shown.key.a, shown.key.b)) != both.get())
        })
    });
    let view = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.answer.as_ref().ok().cloned()));
    let middle = Memo::new(move |_| {
        if both.get().is_none() {
            return Middle::Unset;
        }
        shown.with(|shown| match shown.as_ref().map(|shown| &shown.answer) {
            None => Middle::Wait,
            Some(Err(failure)) => Middle::Failed(failure.clone()),
            Some(Ok(view)) if view.table.rows.is_empty() => Middle::Equal,
            Some(Ok(_)) if form.get() == Form::Patch => Middle::Patch,
            Some(Ok(_)) => Middle::Table,
        })
    });
    let count = Memo::new(move |_| view.with(|view| view.as_ref().map_or(0, |view| view.table.rows.len())));
    let row_at = move |number: usize| view.with(|view| view.as_ref()?.table.rows.get(number).cloned());
    let patch = move || view.with(|view| view.as_ref().map(|view| format!("[\n  {}\n]", view.patch.join(",\n  "))));
    let patch_now = move || if is_late.get() { None } else { patch() };
    let between = move || both.get().map(|(a, b)| distance(app, a, b)).unwrap_or_default();
    let tally = move || {
        view.with(|view| {
            view.as_ref().map(|view| {
                let tally = view.table.tally;
                format!("+{} ~{} −{}", tally.added, tally.changed, tally.removed)
            })
        })
    };
    let has_table = move || middle.with(|middle| *middle == Middle::Table);
    let caption = move || {
        shown.with(|shown| {
            let key = shown.as_ref().map(|shown| &shown.key)?;
            let (a, b) = (format::grouped(key.a.get()), format::grouped(key.b.get()));
            Some(format!("{} at A, event {a}, and at B, event {b}", state_title(&key.of)))
        })
    };
    let swap = move |_| {
        let (a, b) = ends.get_untracked();
        app.send(Command::SetA(b));
        app.send(Command::SetB(a));
    };
    let options = Signal::derive(|| vec![(Form::Tree, "Tree".to_owned()), (Form::Patch, "JSON Patch".to_owned())]);
    view! {
        <div class="lf-insp__bar">
            <Whose />
            <div class="lf-grow"></div>
            <Segmented label="Form of the difference" options=options value=form on_choose=move |next| form.set(next) />
            <button type="button" class="lf-btn lf-btn--icon lf-btn--ghost" aria-label="Swap A and B" title="Swap A and B" on:click=swap>
                {icon("swap")}
            </button>
        </div>
        <div class="lf-insp__note">
            <End letter="A" at=Signal::derive(move || ends.get().0) />
            <span aria-hidden="true">"→"</span>
            <End letter="B" at=Signal::derive(move || ends.get().1) />
            <span class="lf-grow lf-clip">{between}</span>
            <span>{tally}</span>
        </div>
        <div
            class="lf-insp__body lf-scroll"
            data-late=move || is_late.get().then_some("")
            // A table has nothing in it that takes the focus: then what scrolls takes it.
            tabindex=move || has_table().then_some("0")
            role=move || has_table().then_some("group")
            aria-label=move || has_table().then_some("Differences")
            node_ref=scroller.node
            on:scroll=move |_| scroller.scrolled()
        >
            {move || match middle.get() {
                Middle::Unset => view! { <Unset /> }.into_any(),
                Middle::Wait => view! { <Busy label="Comparing" /> }.into_any(),
                Middle::Failed(failure) => view! { <Failed failure=failure /> }.into_any(),
                Middle::Equal => view! { <Nothing title="No difference" text="The state is the same at A and at B. Move one of them, or choose another state." /> }.into_any(),
                Middle::Patch => view! {
                    <div class="lf-insp__acts lf-patch__acts"><CopyButton what="JSON Patch" label="Copy JSON Patch" text=patch_now /></div>
                    <pre class="lf-patch lf-mono" tabindex="0" role="region" aria-label="JSON Patch from A to B">{patch}</pre>
                }.into_any(),
                Middle::Table => view! {
                    <table class="lf-cmp" aria-rowcount=move || (count.get() + 1).to_string()>
                        <caption class="lf-vh">{caption}</caption>
                        <colgroup><col /><col style="width:24px" /><col style="width:22%" /><col style="width:22%" /></colgroup>
                        <thead><tr aria-rowindex="1">
                            <th scope="col">"Path"</th><th scope="col"><span class="lf-vh">"Change"</span></th>
                            <th scope="col" class="is-num">"At A"</th><th scope="col" class="is-num">"At B"</th>
                        </tr></thead>
                        <Rows scroller=scroller count=count columns=4 row_at=row_at draw=draw />
                    </table>
                }.into_any(),
            }}
        </div>
    }
}

fn draw(number: usize, row: DiffRow) -> AnyView {
    let index = (number + 2).to_string();
    match row {
        DiffRow::Group(name) => {
            let name = if name.is_empty() { "top level".to_owned() } else { name };
            view! { <tr class="lf-cmp__group" aria-rowindex=index><td colspan="4" class="lf-clip--start"><bdi>{name}</bdi></td></tr> }.into_any()
        }
        DiffRow::Line { path, kind, old, new } => view! {
            <tr data-diff=kind.word() aria-rowindex=index>
                <td class="lf-cmp__path" title=path.clone()><bdi>{path.clone()}</bdi></td>
                <td class="lf-cmp__mark"><span aria-hidden="true">{kind.mark()}</span><span class="lf-vh">{kind.word()}</span></td>
                <td class="lf-cmp__old is-num" title=old.clone()>{old.clone()}</td>
                <td class="lf-cmp__new is-num" title=new.clone()>{new.clone()}</td>
            </tr>
        }
        .into_any(),
    }
}

/// One end: where it is, to go there; or the way to set it.
#[component]
fn End(letter: &'static str, at: Signal<Option<Position>>) -> impl IntoView {
    let app = App::get();
    let class = if letter == "A" { "lf-badge lf-badge--a" } else { "lf-badge lf-badge--b" };
    let set = move |_| {
        let here = Some(app.cursor.get_untracked());
        app.send(if letter == "A" { Command::SetA(here) } else { Command::SetB(here) });
    };
    move || {
        match at.get() {
        Some(at) => view! {
            <button type="button" class=class data-end=letter title=format!("Go to {letter}") on:click=move |_| visit(app, at)>
                {format!("{letter}\u{2002}{}", format::position(at))}
            </button>
        }
        .into_any(),
        None => {
            let after = format!("[data-end={letter}]");
            view! {
                <button type="button" class="lf-btn lf-btn--sm" data-after=after data-end=letter on:click=set>
                    {format!("{letter} here")}
                </button>
            }
            .into_any()
        }
    }
    }
}

/// What to do while A or B is not set.
#[component]
fn Unset() -> impl IntoView {
    let app = App::get();
    let step = move |_| {
        let at = app.cursor.get_untracked();
        app.send(Command::SetA(Some(Position::new(at.get().saturating_sub(1).max(1)))));
        app.send(Command::SetB(Some(at)));
    };
    let start = move |_| {
        app.send(Command::SetA(Some(Position::new(1))));
        app.send(Command::SetB(Some(app.cursor.get_untracked())));
    };
    view! {
        <div class="lf-insp__empty">
            <p class="lf-insp__empty-title">"Two moments to compare"</p>
            <p>
                "Drag on the timeline from one moment to another, or go to one and press "<kbd class="lf-kbd">"A"</kbd>
                ", then to the other and press "<kbd class="lf-kbd">"Shift"</kbd>" "<kbd class="lf-kbd">"A"</kbd>"."
            </p>
            <div class="lf-insp__empty-acts" data-after="#t-diff">
                <button type="button" class="lf-btn lf-btn--sm" on:click=step>"Compare with the step before"</button>
                <button type="button" class="lf-btn lf-btn--sm" on:click=start>"Compare with the first event"</button>
            </div>
        </div>
    }
}

/// How many events and how much time lie between two positions.
fn distance(app: App, a: Position, b: Position) -> String {
    let events = format::counted(a.get().abs_diff(b.get()), "event");
    let micros = |at: Position| app.with_log(|log| log.running_time(at)).flatten().map(|time| time.as_micros());
    match (micros(a), micros(b)) {
        (Some(a), Some(b)) => format!("{events} · {}", format::span(a.abs_diff(b))),
        _ => events,
    }
}
