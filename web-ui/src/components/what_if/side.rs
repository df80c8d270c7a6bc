//! The state of main and that of the branch, side by side.

use leftfold_core::Position;
use leptos::prelude::*;

use crate::components::controls::{Busy, Segmented, icon};
use crate::components::inspector::{Failed, Nothing, Rows, Whose};
use crate::components::tree::Scroller;
use crate::model::format;
use crate::model::side_by_side::SideRow;
use crate::state::{App, Failure, state_title};

/// What the middle shows.
#[derive(Clone, PartialEq)]
enum Middle {
    Wait,
    Failed(Failure),
    Equal,
    Table,
}

/// The side panel.
#[component]
pub(super) fn Side() -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    // A state may have hundreds of values, and what a branch makes other is what it was made for.
    let changes_only = RwSignal::new(true);
    let scroller = Scroller::new();
    let shown = Memo::new(move |_| desk.sides.shown());
    let at = Memo::new(move |_| if desk.at_end.get() { app.head.get() } else { app.follows.details.get() });
    let name = Memo::new(move |_| {
        desk.branch.with(|branch| branch.as_ref().map_or_else(String::new, |branch| branch.name().to_owned()))
    });
    let comparison = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.answer.as_ref().ok().cloned()));
    let has_changes =
        Memo::new(move |_| comparison.with(|it| it.as_ref().is_some_and(|it| it.sides.tally.total() > 0)));
    let middle = Memo::new(move |_| {
        shown.with(|shown| match shown.as_ref().map(|shown| &shown.answer) {
            None => Middle::Wait,
            Some(Err(failure)) => Middle::Failed(failure.clone()),
            Some(Ok(_)) if changes_only.get() && !has_changes.get() => Middle::Equal,
            Some(Ok(_)) => Middle::Table,
        })
    });
    // An answer to another question is shown until that to this one is there, and said to be late.
    let key = Memo::new(move |_| desk.side_key(app));
    let is_late = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().is_some_and(|shown| key.get().as_ref() != Some(&shown.key)))
    });
    let count = Memo::new(move |_| {
        comparison.with(|it| {
            it.as_ref().map_or(0, |it| if changes_only.get() { it.sides.changed.len() } else { it.sides.all.len() })
        })
    });
    let row_at = move |number: usize| {
        comparison.with(|it| {
            let sides = &it.as_ref()?.sides;
            if changes_only.get() { sides.changed.get(number).cloned() } else { sides.all.get(number).cloned() }
        })
    };
    let of_main = move || {
        comparison.with(|it| {
            let it = it.as_ref()?;
            Some(match &it.main_failure {
                Some(failure) => match failure.at {
                    Some(at) => format!("fails at {}: {}", format::position(at), failure.trouble.message),
                    None => format!("fails: {}", failure.trouble.message),
                },
                None => format!("{} since the fork", format::counted(it.of_main, "event")),
            })
        })
    };
    let main_fails = Memo::new(move |_| comparison.with(|it| it.as_ref().is_some_and(|it| it.main_failure.is_some())));
    let of_branch = move || {
        comparison.with(|it| {
            let it = it.as_ref()?;
            let mut parts = vec![format::counted(it.of_branch, "event")];
            for (count, word) in [(it.refused, "rejected"), (it.unreached, "not reached"), (it.skipped, "skipped")] {
                if count > 0 {
                    parts.push(format!("{} {word}", format::grouped(count)));
                }
            }
            Some(parts.join(" · "))
        })
    };
    let caption = move || {
        shown.with(|shown| {
            let key = &shown.as_ref()?.key;
            let at = format::grouped(key.at.get());
            Some(format!("{} at event {at}, on main and on {}", state_title(&key.of), name.get()))
        })
    };
    let where_options = Signal::derive(move || {
        vec![(false, format!("At {}", format::position(app.follows.details.get()))), (true, "At the end".to_owned())]
    });
    let is_cut = move || {
        comparison.with(|it| {
            it.as_ref().is_some_and(|it| if changes_only.get() { it.sides.changed_is_cut } else { it.sides.is_cut })
        })
    };
    let tally = move || {
        comparison.with(|it| {
            let tally = it.as_ref()?.sides.tally;
            let text = match tally.total() {
                0 => "no difference".to_owned(),
                total => format::counted(total as u64, "difference"),
            };
            Some(text)
        })
    };
    view! {
        <section class="lf-pane lf-whatif__state" aria-labelledby="whatif-state">
            <div class="lf-pane__head lf-whatif__head">
                <h2 class="lf-pane__title" id="whatif-state">{move || format!("State at {}", format::position(at.get()))}</h2>
                <div class="lf-grow"></div>
                <Segmented label="Compared" options=where_options value=desk.at_end on_choose=move |at_end| desk.at_end.set(at_end) />
            </div>
            <div class="lf-insp__bar">
                <Whose />
                <div class="lf-grow"></div>
                <label class="lf-switch">
                    <input type="checkbox" role="switch" prop:checked=changes_only on:change:target=move |event| changes_only.set(event.target().checked()) />
                    "Changes only"
                </label>
            </div>
            <div class="lf-sides">
                <div class="lf-side">
                    <div class="lf-side__name"><i class="lf-lane-key lf-lane-key--main"></i>"main"</div>
                    <div class="lf-side__sub" class:lf-side__sub--failed=move || main_fails.get()>{of_main}</div>
                </div>
                <div class="lf-side">
                    <div class="lf-side__name"><i class="lf-lane-key lf-lane-key--branch"></i><span class="lf-clip">{move || name.get()}</span></div>
                    <div class="lf-side__sub">{of_branch}</div>
                </div>
            </div>
            <First />
            <div class="lf-insp__body lf-scroll" node_ref=scroller.node on:scroll=move |_| scroller.scrolled()
                data-late=move || is_late.get().then_some("")
                tabindex=move || (middle.get() == Middle::Table).then_some("0")
                role=move || (middle.get() == Middle::Table).then_some("group")
                aria-label=move || (middle.get() == Middle::Table).then_some("Both states")>
                {move || match middle.get() {
                    Middle::Wait => view! { <Busy label="Folding both states" /> }.into_any(),
                    Middle::Failed(failure) => view! { <Failed failure=failure /> }.into_any(),
                    Middle::Equal => view! { <Nothing title="No difference here" text="Go further on, choose another state, or show all values." /> }.into_any(),
                    Middle::Table => view! {
                        <table class="lf-cmp" aria-rowcount=move || (count.get() + 1).to_string()>
                            <caption class="lf-vh">{caption}</caption>
                            <colgroup><col /><col style="width:26%" /><col style="width:24px" /><col style="width:26%" /></colgroup>
                            <thead><tr aria-rowindex="1">
                                <th scope="col">"Path"</th><th scope="col" class="is-num">"main"</th>
                                <th scope="col"><span class="lf-vh">"Change"</span></th><th scope="col" class="is-num lf-clip">{move || name.get()}</th>
                            </tr></thead>
                            <Rows scroller=scroller count=count columns=4 row_at=row_at draw=draw />
                        </table>
                    }.into_any(),
                }}
            </div>
            <p class="lf-whatif__tally" role="status">{tally}{move || is_cut().then_some(" · more values than are shown")}</p>
        </section>
    }
}

/// The first event behind which the states part.
#[component]
fn First() -> impl IntoView {
    let app = App::get();
    let desk = app.what_if;
    let key = Memo::new(move |_| desk.first_key(app));
    let first = Memo::new(move |_| {
        // While the log grows, what was found before is still so, or found later.
        let shown = desk
            .first
            .shown()
            .filter(|shown| key.with(|key| key.as_ref().is_some_and(|key| shown.key.is_worth(key))))?;
        Some(shown.answer.map(|first| (state_title(&shown.key.of), *first)))
    });
    let said = move || match first.get() {
        None => view! { <span class="lf-muted">"Looking for the first difference"</span> }.into_any(),
        Some(Err(failure)) => {
            view! { <span>{format!("No first difference: {}", failure.trouble.message)}</span> }.into_any()
        }
        Some(Ok((of, None))) => view! { <span>{format!("{of} never differs")}</span> }.into_any(),
        Some(Ok((_, Some(at)))) => {
            let kind = app.row(at).map(|row| row.event_type.to_string()).unwrap_or_default();
            let place = if at == Position::ZERO { "the beginning".to_owned() } else { format::position(at) };
            view! {
                <span>"First difference at "<strong>{place}" "{kind}</strong></span>
                <div class="lf-grow"></div>
                <button type="button" class="lf-btn lf-btn--sm lf-btn--ghost" on:click=move |_| {
                    desk.at_end.set(false);
                    app.jump_to(at);
                }>"Go to"</button>
            }
            .into_any()
        }
    };
    view! { <div class="lf-insp__note lf-whatif__first">{icon("branch")}{said}</div> }
}

fn draw(number: usize, row: SideRow) -> AnyView {
    let index = (number + 2).to_string();
    match row {
        SideRow::Group(name) => {
            let name = if name.is_empty() { "top level".to_owned() } else { name };
            view! { <tr class="lf-cmp__group" aria-rowindex=index><td colspan="4" class="lf-clip--start"><bdi>{name}</bdi></td></tr> }.into_any()
        }
        SideRow::Line { path, kind, left, right } => view! {
            <tr data-diff=kind.map(|kind| kind.word()) aria-rowindex=index>
                <td class="lf-cmp__path" title=path.clone()><bdi>{path.clone()}</bdi></td>
                <td class="lf-cmp__old is-num" title=left.clone()>{left.clone()}</td>
                <td class="lf-cmp__mark">{kind.map(|kind| view! { <span aria-hidden="true">{kind.mark()}</span><span class="lf-vh">{kind.word()}</span> })}</td>
                <td class="lf-cmp__new is-num" title=right.clone()>{right.clone()}</td>
            </tr>
        }
        .into_any(),
    }
}
