//! The system's packages, where they can be installed without asking anybody.

use std::{path::Path, process::Command, sync::OnceLock};

use crate::exec;

/// Installs Debian packages, when apt-get is there and this user may: as root, or by sudo without a password.
///
/// Returns whether apt-get said that they are installed. It may fail for many reasons that are none of ours; the caller looks
/// whether the program is there afterwards and says what is missing.
pub(crate) fn apt_install(packages: &[&str]) -> bool {
    let Some(prefix) = apt_prefix() else { return false };
    println!("Installing the Debian packages {}", packages.join(" "));
    static UPDATED: OnceLock<()> = OnceLock::new();
    UPDATED.get_or_init(|| {
        // Old lists may do as well: the installation shows.
        let _ = exec::run(apt_get(prefix).args(["update", "-qq"]));
    });
    exec::run(apt_get(prefix).args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages)).is_ok()
}

/// What stands before apt-get, or `None` where it cannot be used.
fn apt_prefix() -> Option<&'static [&'static str]> {
    which::which("apt-get").ok()?;
    if exec::stdout(Path::new("id"), &["-u"])?.trim() == "0" {
        return Some(&[]);
    }
    exec::stdout(Path::new("sudo"), &["-n", "true"])?;
    Some(&["sudo", "-n"])
}

fn apt_get(prefix: &[&str]) -> Command {
    let mut words = prefix.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = exec::command(words.next().unwrap_or("apt-get"));
    command.args(words);
    command
}
