//! What the canvases share: the colours of the theme, the size of an element, and a pen in CSS pixels.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::model::axis::Scale;
use crate::model::histogram::{Bar, COLOURS, Histogram};
use crate::state::{App, Root};

/// The colours that canvases use, resolved for the theme.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Palette {
    pub(crate) types: Vec<String>,
    pub(crate) sunken: String,
    pub(crate) line: String,
    pub(crate) line_2: String,
    pub(crate) text_3: String,
    pub(crate) text: String,
    pub(crate) surface: String,
    pub(crate) danger_fill: String,
    pub(crate) live: String,
    pub(crate) moment_edge: String,
    pub(crate) accent: String,
    pub(crate) chg: String,
    pub(crate) add: String,
    pub(crate) danger: String,
    pub(crate) font: String,
}

/// The palette; changes with the theme. All canvases share it.
pub(crate) fn use_palette() -> Memo<Palette> {
    use_context::<SharedPalette>().map_or_else(palette, |shared| shared.0)
}

/// Lets the components below share one palette.
pub(crate) fn provide_palette() {
    provide_context(SharedPalette(palette()));
}

#[derive(Clone, Copy)]
struct SharedPalette(Memo<Palette>);

fn palette() -> Memo<Palette> {
    let app = App::get();
    let system = RwSignal::new(0_u32);
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        let changed = Closure::<dyn Fn()>::new(move || {
            let _ = system.try_update(|count| *count += 1);
        });
        let _ = query.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
        let closure = StoredValue::new_local(Some((query, changed)));
        on_cleanup(move || {
            if let Some((query, changed)) = closure.try_update_value(Option::take).flatten() {
                let _ = query.remove_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
            }
        });
    }
    Memo::new(move |_| {
        app.theme.track();
        system.track();
        read_palette(app.root).unwrap_or_default()
    })
}

/// `light-dark()` is settled only where a colour is used: hidden elements use one each, so that the browser settles all of them
/// in one go.
fn read_palette(root: Root) -> Option<Palette> {
    let frame = root.frame()?;
    let make = || document().create_element("i").ok()?.dyn_into::<web_sys::HtmlElement>().ok();
    let probe = make()?;
    probe.set_hidden(true);
    // What is painted keeps its colours where those of the page are the reader's own: they tell the types apart.
    probe.style().set_property("forced-color-adjust", "none").ok()?;
    let colour_of = |name: &str| {
        let user = make()?;
        user.style().set_property("color", &format!("var(--lf-{name})")).ok()?;
        probe.append_child(&user).ok()?;
        window().get_computed_style(&user).ok()?
    };
    let colours = |names: &[&str]| names.iter().map(|name| colour_of(name)).collect::<Vec<_>>();
    let types: Vec<_> = (1..=COLOURS).map(|i| colour_of(&format!("cat-{i}"))).collect();
    let others = colours(&OTHERS);
    frame.append_child(&probe).ok()?;
    // The styles are live: they are read once all elements stand in the page.
    let read = |style: Option<web_sys::CssStyleDeclaration>| {
        style.and_then(|style| style.get_property_value("color").ok()).unwrap_or_default()
    };
    let mut others = others.into_iter().map(read);
    let mut next = || others.next().unwrap_or_default();
    let font = window().get_computed_style(&probe).ok()??.get_property_value("--lf-font-mono").unwrap_or_default();
    let palette = Palette {
        types: types.into_iter().map(read).collect(),
        sunken: next(),
        line: next(),
        line_2: next(),
        text_3: next(),
        text: next(),
        surface: next(),
        danger_fill: next(),
        live: next(),
        moment_edge: next(),
        accent: next(),
        chg: next(),
        add: next(),
        danger: next(),
        font: format!("12px {font}"),
    };
    probe.remove();
    Some(palette)
}

/// The colours of the palette that are none of a type, in its order.
const OTHERS: [&str; 13] = [
    "sunken",
    "line",
    "line-2",
    "text-3",
    "text",
    "surface",
    "danger-fill",
    "live",
    "moment-edge",
    "accent",
    "chg",
    "add",
    "danger",
];

/// The width and height of an element in CSS pixels; follows changes.
pub(crate) fn use_size<E>(node: NodeRef<E>) -> RwSignal<(f64, f64)>
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + AsRef<web_sys::Element> + 'static,
{
    let size = RwSignal::new((0.0, 0.0));
    let kept = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn Fn()>)>);
    // An observer that still had an element would call what is no more.
    let stop = move || {
        if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    };
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        let observed: web_sys::Element = AsRef::<web_sys::Element>::as_ref(&element).clone();
        let measured = observed.clone();
        let measure = move || {
            let next = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            if size.try_get_untracked().is_some_and(|now| now != next) {
                size.set(next);
            }
        };
        // The observer measures for the first time when the browser has laid out the page; to ask before would make it do so now.
        let changed = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&observed);
            stop();
            kept.set_value(Some((observer, changed)));
        }
    });
    on_cleanup(stop);
    size
}

/// A drawing context in CSS pixels, on a cleared canvas of the right resolution. What was set of it before may still be set.
pub(crate) fn fit(canvas: &HtmlCanvasElement, (width, height): (f64, f64)) -> Option<CanvasRenderingContext2d> {
    let ratio = window().device_pixel_ratio();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the pixels of a canvas")]
    let pixels = |length: f64| (length * ratio).round().max(0.0) as u32;
    let (across, down) = (pixels(width), pixels(height));
    let pen = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    if (canvas.width(), canvas.height()) == (across, down) {
        pen.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
        pen.clear_rect(0.0, 0.0, width, height);
    } else {
        // Setting the size clears the canvas and its state.
        canvas.set_width(across);
        canvas.set_height(down);
        pen.scale(ratio, ratio).ok()?;
    }
    Some(pen)
}

/// Where bars are drawn.
pub(crate) struct BarArea {
    pub(crate) scale: Scale,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl BarArea {
    /// The left edge and the width of every bar with its height, in whole pixels across.
    fn rects<'a>(&'a self, histogram: &'a Histogram) -> impl Iterator<Item = (&'a Bar, f64, f64, f64)> {
        let x_of =
            |i: f64| (self.left + self.scale.share_of(histogram.first + i * histogram.step) * self.width).round();
        histogram.bars.iter().enumerate().filter(|(_, bar)| bar.rate > 0.0).map(move |(i, bar)| {
            #[expect(clippy::cast_precision_loss, reason = "some hundred bars")]
            let i = i as f64;
            let (left, right) = (x_of(i), x_of(i + 1.0));
            let gap = if right - left >= 3.0 { 1.0 } else { 0.0 };
            (bar, left, (right - left - gap).max(1.0), (bar.rate / histogram.top * self.height).min(self.height))
        })
    }
}

/// Draws stacked bars: height is rate, parts are types.
pub(crate) fn draw_stacked(pen: &CanvasRenderingContext2d, histogram: &Histogram, area: &BarArea, palette: &Palette) {
    let bottom = area.top + area.height;
    // A colour is set once for all bars: setting it costs more than a rectangle.
    let mut tops: Vec<f64> = vec![bottom; histogram.bars.len()];
    for (colour, style) in palette.types.iter().enumerate().take(COLOURS) {
        pen.set_fill_style_str(style);
        for ((bar, left, width, height), top) in area.rects(histogram).zip(&mut tops) {
            let events = bar.counts[colour];
            if events > 0 {
                let part = f64::from(events) / f64::from(bar.count()) * height.max(1.5);
                pen.fill_rect(left, *top - part, width, part + 0.5);
                *top -= part;
            }
        }
    }
}

/// Draws bars in one colour.
pub(crate) fn draw_plain(pen: &CanvasRenderingContext2d, histogram: &Histogram, area: &BarArea) {
    for (_, left, width, height) in area.rects(histogram) {
        let height = height.max(2.0);
        pen.fill_rect(left, area.top + area.height - height, width, height);
    }
}
