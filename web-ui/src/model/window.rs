//! Which rows of a long list are drawn, and where.
//!
//! Browsers stop laying out elements somewhere above ten million pixels, so a list of a million rows does not fit one. Past
//! [`MAX_SCROLL_HEIGHT`] the scroll height stays at that and the scroll offset is scaled: the whole list is still reached
//! by the scroll bar, while the drawn rows keep their height.

/// The tallest element that every browser lays out exactly, in CSS pixels.
pub const MAX_SCROLL_HEIGHT: f64 = 8_000_000.0;
/// How many rows are drawn above and below the visible ones: a browser scrolls before the page knows of it.
pub const OVERSCAN_ROWS: u64 = 6;
/// The same where offsets are scaled: there the page itself turns the wheel, and only a finger is ahead of it.
const OVERSCAN_SCALED: u64 = 2;

/// A list of rows of one height, seen through a viewport.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowList {
    /// How many rows there are.
    pub rows: u64,
    /// The height of one row in CSS pixels.
    pub row_height: f64,
    /// The height of the viewport in CSS pixels.
    pub viewport_height: f64,
}

/// The rows to draw: `first..end`, the first of them `offset` pixels below the top of the scrolled element.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VisibleRows {
    /// The index of the first row drawn.
    pub first: u64,
    /// The index after the last row drawn.
    pub end: u64,
    /// Where the first drawn row stands, in CSS pixels of the scrolled element.
    pub offset: f64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "row numbers stay far below 2^52, and every float is clamped to them first"
)]
impl RowList {
    fn true_height(&self) -> f64 {
        self.rows as f64 * self.row_height
    }

    /// The height of the scrolled element.
    #[must_use]
    pub fn scroll_height(&self) -> f64 {
        self.true_height().min(MAX_SCROLL_HEIGHT)
    }

    /// Whether scroll offsets are scaled.
    #[must_use]
    pub fn is_scaled(&self) -> bool {
        self.true_height() > MAX_SCROLL_HEIGHT
    }

    /// List pixels for each scrolled pixel; 1 unless the list is scaled.
    #[must_use]
    pub fn scale(&self) -> f64 {
        let scrolled = self.scroll_height() - self.viewport_height;
        if self.is_scaled() && scrolled > 0.0 { (self.true_height() - self.viewport_height) / scrolled } else { 1.0 }
    }

    /// The rows to draw at a scroll offset.
    #[must_use]
    pub fn visible(&self, scroll_top: f64) -> VisibleRows {
        if self.rows == 0 || self.row_height <= 0.0 {
            return VisibleRows::default();
        }
        let scroll_top = scroll_top.clamp(0.0, (self.scroll_height() - self.viewport_height).max(0.0));
        let top = scroll_top * self.scale();
        let first_seen = (top / self.row_height).floor() as u64;
        let overscan = if self.is_scaled() { OVERSCAN_SCALED } else { OVERSCAN_ROWS };
        let first = first_seen.saturating_sub(overscan).min(self.rows - 1);
        let seen = (self.viewport_height / self.row_height).ceil() as u64 + 1;
        let end = (first_seen + seen + overscan).min(self.rows);
        VisibleRows { first, end, offset: scroll_top - (top - first as f64 * self.row_height) }
    }

    /// The rows to draw of a list that is one part of what is scrolled: `top` is the offset of the viewport from the top of
    /// the list, negative where the list begins further down.
    #[must_use]
    pub fn visible_part(&self, top: f64) -> VisibleRows {
        if self.row_height <= 0.0 {
            return VisibleRows::default();
        }
        let row_at = |pixels: f64| (pixels / self.row_height).max(0.0);
        let first = (row_at(top).floor() as u64).saturating_sub(OVERSCAN_ROWS).min(self.rows);
        let seen = row_at(top + self.viewport_height).ceil() as u64;
        let end = (seen + OVERSCAN_ROWS).min(self.rows).max(first);
        VisibleRows { first, end, offset: first as f64 * self.row_height }
    }

    /// The scroll offset at which a row stands at a share of the viewport's height (0 the top, 1 the bottom).
    #[must_use]
    pub fn scroll_to(&self, row: u64, share: f64) -> f64 {
        let wanted = row as f64 * self.row_height - share * (self.viewport_height - self.row_height).max(0.0);
        let wanted = (wanted / self.row_height.max(1.0)).round() * self.row_height;
        let top = wanted.clamp(0.0, (self.true_height() - self.viewport_height).max(0.0));
        top / self.scale()
    }

    /// Whether a row lies wholly inside the viewport at a scroll offset.
    #[must_use]
    pub fn shows(&self, row: u64, scroll_top: f64) -> bool {
        let top = row as f64 * self.row_height - scroll_top * self.scale();
        top >= 0.0 && top + self.row_height <= self.viewport_height
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: u64, scroll_top: f64) -> VisibleRows {
        let list = RowList { rows, row_height: 28.0, viewport_height: 560.0 };
        let visible = list.visible(scroll_top);
        assert!(visible.end <= rows && visible.first <= visible.end);
        if rows > 0 {
            let clamped = scroll_top.clamp(0.0, (list.scroll_height() - 560.0).max(0.0));
            #[expect(clippy::cast_precision_loss, reason = "small test numbers")]
            let (above, below) =
                (visible.offset, visible.offset + (visible.end - visible.first) as f64 * list.row_height);
            assert!(above <= clamped + 1e-6, "rows cover the top of the viewport");
            assert!(below >= (clamped + 560.0).min(list.scroll_height()) - 1e-6, "rows cover its bottom");
        }
        visible
    }

    #[test]
    fn an_empty_list_draws_nothing() {
        assert_eq!(check(0, 0.0), VisibleRows::default());
    }

    #[test]
    fn a_short_list_draws_every_row() {
        assert_eq!(check(5, 0.0), VisibleRows { first: 0, end: 5, offset: 0.0 });
    }

    #[test]
    fn the_viewport_is_covered_everywhere() {
        for rows in [1, 19, 20, 21, 1_000, 12_408, 285_714, 285_715, 1_000_000, 20_000_000] {
            for step in 0..=50 {
                check(rows, MAX_SCROLL_HEIGHT / 50.0 * f64::from(step));
                check(rows, 27.5 * f64::from(step));
            }
        }
    }

    #[test]
    fn a_scaled_list_reaches_its_last_row() {
        let list = RowList { rows: 1_000_000, row_height: 28.0, viewport_height: 560.0 };
        assert!(list.is_scaled());
        assert_eq!(list.scroll_height(), MAX_SCROLL_HEIGHT);
        assert_eq!(list.visible(list.scroll_height()).end, 1_000_000);
        assert_eq!(list.visible(0.0).first, 0);
    }

    #[test]
    fn a_part_draws_what_the_viewport_shows_of_it_and_little_more() {
        let list = RowList { rows: 100, row_height: 26.0, viewport_height: 520.0 };
        for step in -200..=400_i32 {
            let top = f64::from(step) * 13.0;
            let part = list.visible_part(top);
            for row in 0..100_u64 {
                #[expect(clippy::cast_precision_loss, reason = "small test numbers")]
                let (above, below) = (row as f64 * 26.0, (row + 1) as f64 * 26.0);
                let is_seen = below > top && above < top + 520.0;
                assert!(!is_seen || (part.first..part.end).contains(&row), "row {row} at {top}");
            }
            assert!(part.end - part.first <= 20 + 1 + 2 * OVERSCAN_ROWS);
        }
        assert_eq!(RowList::default().visible_part(0.0), VisibleRows::default());
    }

    #[test]
    fn scrolling_to_a_row_shows_it() {
        for rows in [30, 12_408, 1_000_000] {
            let list = RowList { rows, row_height: 28.0, viewport_height: 560.0 };
            for row in [0, rows / 3, rows / 2, rows - 1] {
                assert!(list.shows(row, list.scroll_to(row, 0.6)), "row {row} of {rows}");
            }
        }
    }
}
