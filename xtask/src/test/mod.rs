//! `cargo xtask test`: every check and every test, stage by stage.

mod report;
mod stage;

use std::{
    io::Write,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::bail;
use lexopt::{Arg, ValueExt};

use report::Tally;
use stage::{Done, Stage};

const HELP: &str = "\
Usage: cargo xtask test [--only STAGE[,STAGE...]] [--verbose]

Installs what is missing and runs every stage; a failing stage does not stop the next. The last line adds all up.

Options:
  --only STAGES   run these stages alone
  --verbose       show what the stages print, not only that of a failing one

Stages:";

struct Options {
    stages: Vec<Stage>,
    verbose: bool,
}

pub(crate) fn run(arguments: lexopt::Parser) -> anyhow::Result<ExitCode> {
    let Some(options) = options(arguments)? else {
        println!("{HELP}");
        for stage in Stage::ALL {
            println!("  {:<12}  {}", stage.name(), stage.about());
        }
        return Ok(ExitCode::SUCCESS);
    };
    let mut all = Tally::default();
    for stage in options.stages {
        all += run_stage(stage, options.verbose);
    }
    for reason in &all.reasons {
        println!("skipped: {reason}");
    }
    println!("{} passed, {} failed, {} skipped", all.passed, all.failed, all.skipped);
    Ok(if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `None` when help is asked for.
fn options(mut arguments: lexopt::Parser) -> anyhow::Result<Option<Options>> {
    let mut options = Options { stages: Stage::ALL.to_vec(), verbose: false };
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("only") => options.stages = stages(&arguments.value()?.string()?)?,
            Arg::Long("verbose") | Arg::Short('v') => options.verbose = true,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(options))
}

fn stages(names: &str) -> anyhow::Result<Vec<Stage>> {
    names
        .split(',')
        .map(|name| match Stage::ALL.into_iter().find(|stage| stage.name() == name.trim()) {
            Some(stage) => Ok(stage),
            None => bail!("there is no stage {name:?}; there are {}", Stage::ALL.map(Stage::name).join(", ")),
        })
        .collect()
}

fn run_stage(stage: Stage, verbose: bool) -> Tally {
    print!("{:<12} ", stage.name());
    // Whether it can be written is the next line's problem.
    let _ = std::io::stdout().flush();
    let start = Instant::now();
    let Done { tally, output, note } =
        stage.run().unwrap_or_else(|error| Done { tally: Tally::broken(), output: format!("{error:#}"), note: None });
    println!("{} in {}", in_words(&tally), seconds(start.elapsed()));
    // What failed comes before anything else: who reads a cut report sees its head.
    if tally.failed > 0 {
        println!("{}", report::failures(&output).trim_end());
    } else if let Some(note) = note {
        note.lines().for_each(|line| println!("{:<12} {line}", ""));
    }
    if verbose {
        println!("{}", output.trim_end());
    }
    if tally.failed > 0 {
        println!("{:<12} FAILED (above; all that it printed: {})", stage.name(), stage.log().display());
    }
    tally
}

fn in_words(tally: &Tally) -> String {
    let mut words = match tally.failed {
        0 => format!("ok, {} passed", tally.passed),
        failed => format!("FAILED, {} passed, {failed} failed", tally.passed),
    };
    if tally.skipped > 0 {
        words.push_str(&format!(", {} skipped", tally.skipped));
    }
    words
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}
