//! trunk, wasm-bindgen and wasm-split: compiled from crates.io in the one version that fits.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};

use crate::{exec, project};

const TRUNK_VERSION: &str = "0.21.14";
const WASM_SPLIT_VERSION: &str = "0.2.4";

/// A program that `cargo install` makes.
#[derive(Debug)]
struct Tool {
    /// The crate's name on crates.io.
    package: &'static str,
    /// The programs that are needed of it; all that are looked for in several places tell the version with `--version`.
    programs: &'static [&'static str],
    /// What has to be asked for to get them.
    features: &'static str,
    version: String,
    /// How far to optimize it, as rustc's `opt-level`. These tools wait for the compiler most of their time: what a higher
    /// level would save in their runs, its minutes of compiling would not give back.
    optimization: &'static str,
}

/// Where the tools for the page are.
#[derive(Debug)]
pub(crate) struct PageTools {
    pub(crate) trunk: PathBuf,
    /// The folder of `wasm-bindgen` and `wasm-bindgen-test-runner`.
    wasm_bindgen: PathBuf,
    /// What a person must know to use plain `trunk`, if anything.
    pub(crate) hint: Option<String>,
}

impl PageTools {
    /// A trunk command that finds the right wasm-bindgen.
    pub(crate) fn trunk(&self) -> anyhow::Result<Command> {
        let mut command = exec::command(&self.trunk);
        // A cargo command is given to trunk through PATH, too: this program may have been started by its full path.
        let cargo = Path::new(&project::cargo()).parent().map(Path::to_path_buf);
        let folders: Vec<_> =
            [self.wasm_bindgen.clone()].into_iter().chain(cargo.filter(|path| path.is_absolute())).collect();
        command.env("PATH", exec::path_with(&folders)?);
        // The places in trunk's own code say nothing about ours.
        command.env("RUST_BACKTRACE", "0");
        // NO_COLOR=1, as many set it, is not a value that trunk 0.21 takes for its option of that name.
        if env::var_os("NO_COLOR").is_some() {
            command.env("NO_COLOR", "true");
        }
        Ok(command)
    }
}

/// Finds or installs what building the page needs: trunk and wasm-bindgen.
pub(crate) fn ensure_page_tools() -> anyhow::Result<PageTools> {
    let trunk = Tool {
        package: "trunk",
        programs: &["trunk"],
        features: "",
        version: TRUNK_VERSION.to_owned(),
        optimization: "0",
    };
    let wasm_bindgen = wasm_bindgen()?;
    let trunk_folder = trunk.ensure()?;
    let wasm_bindgen_folder = wasm_bindgen.ensure()?;
    // wasm-bindgen's comes first: it may hide another version of the user's own.
    let mut hidden: Vec<_> = [(&wasm_bindgen, &wasm_bindgen_folder), (&trunk, &trunk_folder)]
        .into_iter()
        .filter(|(tool, folder)| !tool.is_first_on_path(folder))
        .map(|(_, folder)| folder.display().to_string())
        .collect();
    hidden.dedup();
    let hint = (!hidden.is_empty())
        .then(|| format!("To use plain `trunk serve`, first run: export PATH=\"{}:$PATH\"", hidden.join(":")));
    Ok(PageTools { trunk: trunk_folder.join(executable("trunk")), wasm_bindgen: wasm_bindgen_folder, hint })
}

/// Finds or installs the runner of the tests in the browser.
pub(crate) fn ensure_wasm_test_runner() -> anyhow::Result<PathBuf> {
    Ok(wasm_bindgen()?.ensure()?.join(executable("wasm-bindgen-test-runner")))
}

/// Finds or installs what cuts compiled code in parts.
pub(crate) fn ensure_wasm_split() -> anyhow::Result<PathBuf> {
    let tool = Tool {
        package: "wasm_split_cli_support",
        programs: &["wasm-split-cli"],
        features: "build-binary",
        version: WASM_SPLIT_VERSION.to_owned(),
        optimization: "1",
    };
    // The program does not tell its version: its folder does.
    let place = project::tools().join(format!("wasm-split-{WASM_SPLIT_VERSION}"));
    let program = place.join("bin").join(executable("wasm-split-cli"));
    if !program.is_file() {
        println!("Compiling {} {} into {} (takes some minutes)", tool.package, tool.version, place.display());
        tool.install(&place)?;
    }
    Ok(program)
}

/// The wasm-bindgen tool must be of exactly the version that the code is linked with.
fn wasm_bindgen() -> anyhow::Result<Tool> {
    let id = exec::stdout(Path::new(&project::cargo()), &["pkgid", "--package", "wasm-bindgen"])
        .context("cargo does not know the version of wasm-bindgen in Cargo.lock (`cargo pkgid wasm-bindgen`)")?;
    let (_, version) = id.trim().rsplit_once(['@', '#']).with_context(|| format!("not a package id: {id}"))?;
    Ok(Tool {
        package: "wasm-bindgen-cli",
        programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
        features: "",
        version: version.to_owned(),
        // It reads and writes every byte of the page's code.
        optimization: "1",
    })
}

impl Tool {
    /// The folder that has the tool in the right version; compiles it when none has.
    fn ensure(&self) -> anyhow::Result<PathBuf> {
        let folders = self.folders();
        if let Some(folder) = folders.iter().find(|folder| self.is_right_in(folder)) {
            return Ok(folder.clone());
        }
        let elsewhere = folders.iter().find(|folder| self.is_in(folder) && !folder.starts_with(project::tools()));
        let place = match (elsewhere, project::cargo_home()) {
            (None, Some(home)) => home,
            _ => project::tools(),
        };
        let folder = place.join("bin");
        match elsewhere {
            Some(other) => println!(
                "Compiling {} {} into {} (the one in {} has another version and is left alone)",
                self.package,
                self.version,
                folder.display(),
                other.display()
            ),
            None => {
                println!("Compiling {} {} into {} (takes some minutes)", self.package, self.version, folder.display())
            }
        }
        self.install(&place)?;
        if !self.is_right_in(&folder) {
            bail!("{} {} was installed but does not run from {}", self.package, self.version, folder.display());
        }
        Ok(folder)
    }

    fn install(&self, place: &Path) -> anyhow::Result<()> {
        let locked = exec::run(self.install_command(place).arg("--locked"));
        let Err(error) = locked else { return Ok(()) };
        // A registry's mirror may lack what the tool's own lock file names, and have newer or older ones that do as well.
        println!("{error:#}; trying again with the versions of its dependencies that the registry has");
        exec::run(&mut self.install_command(place))
            .with_context(|| format!("{} {} could not be installed", self.package, self.version))
    }

    fn install_command(&self, place: &Path) -> Command {
        let mut command = exec::cargo(["install", self.package, "--version", &self.version, "--quiet", "--root"]);
        command.arg(place);
        if !self.features.is_empty() {
            command.args(["--features", self.features]);
        }
        let profile = [("LTO", "off"), ("CODEGEN_UNITS", "16"), ("DEBUG", "0"), ("OPT_LEVEL", self.optimization)];
        for (name, value) in profile {
            command.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
        }
        // A shared target folder would keep hundreds of megabytes that are never used again.
        command.env_remove("CARGO_TARGET_DIR");
        command
    }

    /// Where the tool may be, in the order in which they are asked.
    fn folders(&self) -> Vec<PathBuf> {
        let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
        let cargo = project::cargo_home().map(|home| home.join("bin"));
        on_path.into_iter().chain(cargo).chain([project::tools().join("bin")]).collect()
    }

    /// Whether the folder has the tool in any version.
    fn is_in(&self, folder: &Path) -> bool {
        self.programs.iter().any(|program| folder.join(executable(program)).is_file())
    }

    fn is_right_in(&self, folder: &Path) -> bool {
        self.programs.iter().all(|program| {
            let path = folder.join(executable(program));
            path.is_file()
                && exec::stdout(&path, &["--version"])
                    .is_some_and(|text| text.split_whitespace().nth(1) == Some(self.version.as_str()))
        })
    }

    /// Whether a person who types the name gets the program of this folder.
    fn is_first_on_path(&self, folder: &Path) -> bool {
        let found = which::which(self.programs[0]).ok();
        found.is_some_and(|found| found.parent() == Some(folder))
    }
}

fn executable(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}
