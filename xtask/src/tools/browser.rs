//! Chromium and its driver.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, bail};

use super::system;
use crate::project;

/// A browser to test in.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    pub(crate) chrome: PathBuf,
    pub(crate) driver: PathBuf,
}

/// What every Chromium that a test starts is given, a flag a line; the end-to-end tests read the same file.
///
/// It runs in containers, as root and without a graphics card, and asks nothing of the network.
const FLAGS: &str = include_str!("../../../tests/chromium-flags.txt");

const CHROME_NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const DRIVER_NAMES: [&str; 2] = ["chromedriver", "chromium.chromedriver"];

/// Finds Chromium and its driver, or installs them.
pub(crate) fn ensure() -> anyhow::Result<Browser> {
    if let Some(browser) = find()? {
        return Ok(browser);
    }
    system::apt_install(&["chromium", "chromium-driver"]);
    match find()? {
        Some(browser) => Ok(browser),
        None => bail!(
            "the browser tests need Chromium (or Chrome) and a ChromeDriver of the same version: install both, \
             or name them in the environment variables CHROME and CHROMEDRIVER"
        ),
    }
}

fn find() -> anyhow::Result<Option<Browser>> {
    let chrome = named("CHROME", &CHROME_NAMES)?;
    let driver = named("CHROMEDRIVER", &DRIVER_NAMES)?;
    Ok(chrome.zip(driver).map(|(chrome, driver)| Browser { chrome, driver }))
}

/// The program in the environment variable, or else the first of the usual names on PATH.
fn named(variable: &str, names: &[&str]) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = env::var_os(variable).filter(|path| !path.is_empty()) {
        let Ok(path) = which::which(&path) else {
            bail!("the environment variable {variable} names {path:?}, which is not a program");
        };
        return Ok(Some(path));
    }
    Ok(names.iter().find_map(|name| which::which(name).ok()))
}

impl Browser {
    /// Writes the file that tells chromedriver which browser to start, and how.
    pub(crate) fn write_webdriver_capabilities(&self) -> anyhow::Result<PathBuf> {
        let file = project::scratch().join("webdriver.json");
        let arguments: Vec<_> = ["--headless"].into_iter().chain(FLAGS.lines()).map(quoted).collect();
        let chrome = quoted(&self.chrome.to_string_lossy());
        let text = format!("{{\"goog:chromeOptions\":{{\"binary\":{chrome},\"args\":[{}]}}}}\n", arguments.join(","));
        fs::create_dir_all(project::scratch())?;
        fs::write(&file, text).with_context(|| format!("could not write {}", file.display()))?;
        Ok(file)
    }
}

/// The text as a JSON string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
