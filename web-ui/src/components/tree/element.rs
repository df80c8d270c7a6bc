//! What the element of a row shows. It is written by hand: a state that is another one with every step of the cursor must write
//! what differs and do nothing else.

use std::borrow::Cow;

use leptos::prelude::document;
use web_sys::{Element, Text};

use crate::components::dom::{make, set, set_or_remove};
use crate::model::changes::Tally;
use crate::model::tree::{RowChange, Shown, TreeRow};

/// More of a text than this is in no view; what is left out is not laid out either.
const MOST_CHARS: usize = 400;

/// The parts of a row, and what they show.
pub(super) struct RowElement {
    root: Element,
    shown: Option<TreeRow>,
    mark: Labelled,
    twist: Element,
    icon: Option<Element>,
    told: Option<Labelled>,
    key: Labelled,
    value: Element,
    form: Option<Form>,
    end: Option<Element>,
}

/// An element with a text in it.
struct Labelled {
    root: Element,
    text: Text,
}

/// How the value is shown.
enum Form {
    /// The value, and its class.
    Plain(Labelled, &'static str),
    /// What is said, the value before, and the value now.
    Changed([Labelled; 3]),
}

impl Labelled {
    fn new(class: &str, text: &str) -> Option<Self> {
        let (root, text) = (make("span", class)?, document().create_text_node(text));
        root.append_child(&text).ok()?;
        Some(Self { root, text })
    }

    fn write(&self, text: &str) {
        if self.text.data() != text {
            self.text.set_data(text);
        }
    }
}

impl RowElement {
    /// The parts of a row, in its element, with nothing in them yet.
    pub(super) fn new(root: Element) -> Option<Self> {
        let mark = Labelled::new("lf-tree__mark", "")?;
        set(&mark.root, "aria-hidden", "true");
        let (twist, key, value) =
            (make("span", "lf-tree__tw")?, Labelled::new("lf-tree__key", "")?, make("span", "lf-tree__val")?);
        append(&root, &[&mark.root, &twist, &key.root, &value])?;
        Some(Self { root, shown: None, mark, twist, icon: None, told: None, key, value, form: None, end: None })
    }

    /// Writes what differs from what is shown.
    pub(super) fn show(&mut self, next: TreeRow) {
        let before = self.shown.take();
        let is_first = before.is_none();
        if before.as_ref().is_none_or(|before| before.place != next.place) {
            set(&self.root, "aria-posinset", &next.place.0.to_string());
            set(&self.root, "aria-setsize", &next.place.1.to_string());
        }
        if before.as_ref().is_none_or(|before| before.depth() != next.depth()) {
            set(&self.root, "aria-level", &(next.depth() + 1).to_string());
            set(&self.root, "style", &format!("--d:{}", next.depth()));
        }
        let is_open = open_of(&next.shown);
        if is_first || before.as_ref().map(|before| open_of(&before.shown)) != Some(is_open) {
            set_or_remove(&self.root, "aria-expanded", is_open.map(|open| if open { "true" } else { "false" }));
            self.write_icon(is_open);
        }
        if before.as_ref().is_none_or(|before| before.change != next.change) {
            let (kind, mark) = marks(&next.change);
            set_or_remove(&self.root, "data-diff", kind);
            self.mark.write(mark);
            self.write_told(&next.change);
            self.write_end(&next.change);
        }
        self.key.write(&cut(&next.key));
        let is_same = |before: &TreeRow| before.shown == next.shown && before.change == next.change;
        if !before.as_ref().is_some_and(is_same) {
            self.write_value(&next);
        }
        self.shown = Some(next);
    }

    fn write_icon(&mut self, is_open: Option<bool>) {
        let Some(is_open) = is_open else {
            self.icon.take().inspect(Element::remove);
            return;
        };
        if self.icon.is_none() {
            self.icon = make("span", "").inspect(|icon| {
                set(icon, "aria-hidden", "true");
                let _ = self.twist.append_child(icon);
            });
        }
        if let Some(icon) = &self.icon {
            icon.set_class_name(&format!(
                "lf-icon lf-icon--chevron-{} lf-icon--12",
                if is_open { "down" } else { "right" }
            ));
        }
    }

    fn write_told(&mut self, change: &RowChange) {
        let told = match change {
            RowChange::Added => "added ",
            RowChange::Removed => "removed ",
            _ => "",
        };
        if told.is_empty() {
            self.told.take().inspect(|told| told.root.remove());
            return;
        }
        if self.told.is_none() {
            self.told = Labelled::new("lf-vh", "").inspect(|told| {
                let _ = self.root.insert_before(&told.root, Some(&self.key.root));
            });
        }
        if let Some(element) = &self.told {
            element.write(told);
        }
    }

    fn write_end(&mut self, change: &RowChange) {
        self.end.take().inspect(Element::remove);
        let end = match change {
            RowChange::Within { tally } => Labelled::new("", &within(*tally)),
            RowChange::Changed { by: Some(by), .. } => Labelled::new("lf-delta__by", by),
            _ => None,
        };
        let Some(end) = end else { return };
        self.end = make("span", "lf-tree__end").inspect(|outer| {
            let _ = outer.append_child(&end.root).and_then(|_| self.root.append_child(outer));
        });
    }

    fn write_value(&mut self, row: &TreeRow) {
        let (now, class) = (&*cut(text_of(&row.shown)), class_of(&row.shown));
        match (&row.change, &self.form) {
            (RowChange::Changed { from, .. }, Some(Form::Changed([told, old, new]))) => {
                let from = &*cut(from);
                told.write(&change_in_words(from, now));
                old.write(from);
                new.write(now);
            }
            (RowChange::Changed { from, .. }, _) => self.form = self.changed(&cut(from), now),
            (_, Some(Form::Plain(plain, before))) if *before == class => plain.write(now),
            _ => {
                self.value.set_text_content(None);
                self.form = Labelled::new(class, now).map(|plain| {
                    let _ = self.value.append_child(&plain.root);
                    Form::Plain(plain, class)
                });
            }
        }
    }

    fn changed(&self, from: &str, to: &str) -> Option<Form> {
        self.value.set_text_content(None);
        let told = Labelled::new("lf-vh", &change_in_words(from, to))?;
        let old = Labelled::new("lf-delta__old lf-clip", from)?;
        let arrow = Labelled::new("lf-delta__arrow", "→")?;
        let new = Labelled::new("lf-delta__new lf-clip", to)?;
        let delta = make("span", "lf-delta")?;
        set(&delta, "aria-hidden", "true");
        append(&delta, &[&old.root, &arrow.root, &new.root])?;
        append(&self.value, &[&told.root, &delta])?;
        Some(Form::Changed([told, old, new]))
    }
}

fn append(parent: &Element, children: &[&Element]) -> Option<()> {
    children.iter().try_for_each(|child| parent.append_child(child).map(drop)).ok()
}

/// Whether a container is open; `None` for what is none.
pub(super) fn open_of(shown: &Shown) -> Option<bool> {
    match shown {
        Shown::Container { is_open, .. } => Some(*is_open),
        _ => None,
    }
}

/// The kind of a change and its sign.
fn marks(change: &RowChange) -> (Option<&'static str>, &'static str) {
    match change {
        RowChange::None => (None, ""),
        RowChange::Added => (Some("added"), "+"),
        RowChange::Changed { .. } => (Some("changed"), "~"),
        RowChange::Removed => (Some("removed"), "−"),
        RowChange::Within { .. } => (Some("within"), "•"),
    }
}

fn class_of(shown: &Shown) -> &'static str {
    match shown {
        Shown::String(_) => "lf-tree__str",
        Shown::Number(_) => "lf-tree__num",
        Shown::Literal(_) => "lf-tree__lit",
        Shown::Container { .. } => "lf-tree__meta",
    }
}

/// As much of a text as is drawn.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn change_in_words(from: &str, to: &str) -> String {
    format!("changed from {from} to {to}")
}

/// `3 changed`, `1 added`.
fn within(tally: Tally) -> String {
    let parts = [(tally.added, "added"), (tally.changed, "changed"), (tally.removed, "removed")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    parts.collect::<Vec<_>>().join(", ")
}

fn text_of(shown: &Shown) -> &str {
    match shown {
        Shown::String(text) | Shown::Number(text) | Shown::Literal(text) => text,
        Shown::Container { label, .. } => label,
    }
}
