//! Starts the page.

fn main() {
    #[cfg(target_arch = "wasm32")]
    leftfold_web_ui::start();
}
