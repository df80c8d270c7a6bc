//! What the canvases share: the colours of the theme, the size of an element, and a pen in CSS pixels.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::model::axis::Scale;
use crate::model::histogram::{Bar, COLOURS, Histogram};
use crate::state::App;

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
    pub(crate) font: String,
}

/// The palette; changes with the theme.
pub(crate) fn use_palette() -> Memo<Palette> {
    let app = App::get();
    let system = RwSignal::new(0_u32);
    if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
        let changed = Closure::<dyn Fn()>::new(move || {
            let _ = system.try_update(|count| *count += 1);
        });
        // The page listens for as long as it lives: there are three canvases, made once a visit.
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
        read_palette().unwrap_or_default()
    })
}

/// `light-dark()` is settled only where a colour is used, so one hidden element uses them in turn.
fn read_palette() -> Option<Palette> {
    let body = document().body()?;
    let probe = document().create_element("i").ok()?.dyn_into::<web_sys::HtmlElement>().ok()?;
    probe.set_hidden(true);
    body.append_child(&probe).ok()?;
    let style = window().get_computed_style(&probe).ok()??;
    let token = |name: &str| {
        let _ = probe.style().set_property("color", &format!("var(--lf-{name})"));
        style.get_property_value("color").unwrap_or_default()
    };
    let palette = Palette {
        types: (1..=COLOURS).map(|i| token(&format!("cat-{i}"))).collect(),
        sunken: token("sunken"),
        line: token("line"),
        line_2: token("line-2"),
        text_3: token("text-3"),
        text: token("text"),
        surface: token("surface"),
        danger_fill: token("danger-fill"),
        live: token("live"),
        moment_edge: token("moment-edge"),
        font: format!("12px {}", style.get_property_value("--lf-font-mono").unwrap_or_default()),
    };
    probe.remove();
    Some(palette)
}

/// The width and height of an element in CSS pixels; follows changes.
pub(crate) fn use_size<E>(node: NodeRef<E>) -> RwSignal<(f64, f64)>
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + AsRef<web_sys::Element> + 'static,
{
    let size = RwSignal::new((0.0, 0.0));
    let kept = StoredValue::new_local(None);
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
        measure();
        let changed = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&observed);
            kept.set_value(Some((observer, changed)));
        }
    });
    on_cleanup(move || {
        if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
    size
}

/// A drawing context in CSS pixels, on a cleared canvas of the right resolution.
pub(crate) fn fit(canvas: &HtmlCanvasElement, (width, height): (f64, f64)) -> Option<CanvasRenderingContext2d> {
    let ratio = window().device_pixel_ratio();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the pixels of a canvas")]
    let pixels = |length: f64| (length * ratio).round().max(0.0) as u32;
    // Setting the size clears the canvas and its state, and costs a new buffer only when it changes.
    canvas.set_width(pixels(width));
    canvas.set_height(pixels(height));
    let pen = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    pen.scale(ratio, ratio).ok()?;
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
