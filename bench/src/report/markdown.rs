//! docs/BENCHMARKS.md: goals first, then each scenario with its plot, its table and what one must know to read it.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::{Context as _, Result};

use super::{
    Results, Section, goals,
    plot::{self, Bar, Line},
    tables,
};
use crate::contender::Contender;

/// What stands before the first table.
const OPENING: &str = "# Benchmarks

Written by `cargo xtask bench`; do not edit it by hand. Every figure compares servers that were measured one after the other in the same run, on the
same machine, by the same client; between machines and days, compare ratios. Misses are marked as plainly as hits.
";

/// What one must know to read the tables.
const METHOD: &str = "## How it is measured

- **Client.** One thread, one epoll, raw sockets (`bench/`). It counts every message on every stream: a run in which one stream missed one, or got one
  twice, fails and shows no figure. It runs on the last core, the server on all others (on two cores: one each). *Load* is its share of its core: near
  100 % the client is the limit, not the server.
- **Times.** A message's time runs from the moment when it was *due* to be posted, whether or not the server was ready for it, to its arrival on each
  stream. For Teahouse it includes the commit to disk (SQLite, WAL, `synchronous=FULL`); no other server with streams here stores anything.
- **CPU** is what the kernel counts for the server's processes, user and system (`/proc/PID/stat`); over loopback that includes the receiving side's
  part of TCP. **Memory** is resident memory (`VmRSS`), without the kernel's socket buffers, which are the same for all.
- **Bytes.** All servers send the same JSON, some 480 bytes an event. Teahouse's streams and posts are each a signed-in person's, in one room; the others know no people.
- **Noise.** *Others* is what all other processes and the kernel's own threads used meanwhile, in shares of one core.
- **bare send(2)** is one thread that calls `send` for each subscriber, one message at a time, with nothing around it (`bench/src/reference/bare_send.rs`); **axum Sse +
  broadcast** is axum's own `Sse` over `tokio::broadcast`; **Node http** is the classic tutorial's server; **nginx + nchan** is Debian's
  package, one worker, messages in memory; **bare axum + SQLite** inserts one row for each post, in groups, with the same durability, and nothing else.

Again: `cargo xtask bench`, about ten minutes; `--only fan-out,posts` measures some and keeps the other figures; `--quick` only shows that it works.
";

/// Writes the page and its images below `docs`.
///
/// # Errors
/// A file cannot be written.
pub fn write(results: &Results, docs: &Path) -> Result<()> {
    let images = docs.join("images");
    fs::create_dir_all(&images)?;
    for (name, svg) in plots(results) {
        let path = images.join(name);
        fs::write(&path, svg).with_context(|| format!("writing {}", path.display()))?;
    }
    let path = docs.join("BENCHMARKS.md");
    fs::write(&path, page(results)).with_context(|| format!("writing {}", path.display()))
}

/// The whole page.
#[must_use]
pub fn page(results: &Results) -> String {
    let mut page = format!("{OPENING}\n{}\n", machine(results));
    page.push_str("## Goals\n\n| Measure | Goal | Reached | |\n|---|---|---|---|\n");
    for goal in goals::all(results) {
        let verdict = match goal.is_met {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let _ = writeln!(page, "| {} | {} | {} | {verdict} |", goal.measure, goal.goal, goal.reached);
    }
    page.push('\n');
    part(
        &mut page,
        "CPU per delivery",
        results.fan_out.as_ref(),
        &["bench-cpu.svg", "bench-latency.svg"],
        tables::fan_out,
    );
    part(&mut page, "Idle streams", results.idle.as_ref(), &["bench-memory.svg"], tables::idle);
    part(
        &mut page,
        "Saturation",
        results.saturation.as_ref(),
        &["bench-saturation.svg", "bench-rising.svg"],
        tables::saturation,
    );
    part(&mut page, "10,000 clients connecting at once", results.burst.as_ref(), &["bench-burst.svg"], tables::burst);
    part(&mut page, "10,000 clients coming back", results.resume.as_ref(), &[], tables::resume);
    part(&mut page, "Durable posts", results.posts.as_ref(), &["bench-posts.svg"], tables::posts);
    part(
        &mut page,
        "What a client begins with: 5,000 people, 500 rooms, the reader in 100",
        results.snapshot.as_ref(),
        &[],
        tables::snapshot,
    );
    page.push_str(METHOD);
    page
}

fn machine(results: &Results) -> String {
    let here = &results.machine;
    let mut text = format!("{}, {} GiB, {}, Linux {}", here.processor, here.memory_gib, here.system, here.kernel);
    for version in &here.versions {
        let _ = write!(text, "; {version}");
    }
    text + ".\n"
}

fn part<T>(
    page: &mut String,
    title: &str,
    section: Option<&Section<T>>,
    images: &[&str],
    table: impl Fn(&Section<T>) -> String,
) {
    let Some(section) = section else { return };
    let _ = writeln!(page, "## {title}\n");
    for image in images {
        let _ = writeln!(page, "![{title}](images/{image})\n");
    }
    page.push_str(&table(section));
    let quick = if section.is_quick { " A quick run, not to be published." } else { "" };
    let _ = writeln!(
        page,
        "\n{}, commit `{}`; {:.0} % of the machine was busy right before.{quick}\n",
        section.at,
        section.commit,
        section.busy_before * 100.0
    );
}

/// Every plot that there are figures for, by file name.
fn plots(results: &Results) -> Vec<(&'static str, String)> {
    let mut plots = Vec::new();
    if let Some(section) = &results.fan_out {
        let cpu = bars(section, |rates| Some(goals::at_rate(rates)?.cpu_us), |cpu| format!("{cpu:.1} µs"));
        plots.push(("bench-cpu.svg", plot::bars("Server CPU per delivery", "5,000 streams × 20 messages/s", &cpu)));
        let p99 = bars(section, |rates| Some(goals::at_rate(rates)?.p99_ms), |p99| format!("{p99:.0} ms"));
        plots.push((
            "bench-latency.svg",
            plot::bars("Time until a message arrives, p99", "5,000 streams × 20 messages/s", &p99),
        ));
    }
    if let Some(section) = &results.idle {
        let memory = bars(section, |idle| Some(idle.bytes_per_stream / 1e3), |kilobytes| format!("{kilobytes:.1} KB"));
        plots.push(("bench-memory.svg", plot::bars("Memory of an idle stream", "resident, 15,000 streams", &memory)));
    }
    if let Some(section) = &results.saturation {
        let best =
            bars(section, |tried| Some(tried.best()?.deliveries_per_s), |rate| format!("{}/s", goals::thousands(rate)));
        plots.push((
            "bench-saturation.svg",
            plot::bars("Deliveries per second at most", "2,000 streams, p99 below 50 ms", &best),
        ));
        let rising = Contender::STREAMING.into_iter().filter_map(|contender| {
            let steps = &section.of(contender).next()?.steps;
            let points = steps.iter().map(|step| (step.deliveries_per_s, step.p99_ms)).collect();
            Some(Line { name: contender.name().to_owned(), points, is_ours: contender == Contender::Teahouse })
        });
        let rising: Vec<Line> = rising.collect();
        plots.push((
            "bench-rising.svg",
            plot::lines("Time until a message arrives, p99", "ms, as the rate rises", "deliveries/s", &rising),
        ));
    }
    if let Some(section) = &results.burst {
        let time = bars(section, |burst| Some(burst.seconds), |seconds| format!("{seconds:.2} s"));
        plots.push((
            "bench-burst.svg",
            plot::bars("10,000 clients connecting at once", "until each has its first event", &time),
        ));
    }
    if let Some(section) = &results.posts {
        let cpu = bars(section, |posts| Some(posts.cpu_us), |cpu| format!("{cpu:.0} µs"));
        plots.push(("bench-posts.svg", plot::bars("Server CPU per durable post", "64 clients", &cpu)));
    }
    plots
}

/// One bar for each server that has the figure.
fn bars<T>(section: &Section<T>, figure: impl Fn(&T) -> Option<f64>, label: impl Fn(f64) -> String) -> Vec<Bar> {
    let bar = |contender: Contender| {
        let value = section.mean(contender, &figure)?;
        Some(Bar {
            name: contender.name().to_owned(),
            value,
            label: label(value),
            is_ours: contender == Contender::Teahouse,
        })
    };
    Contender::ALL.into_iter().filter_map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::Row, scenario::burst::Burst};

    fn results() -> Results {
        let row = |contender, outcome| Row { contender, outcome };
        let burst = Burst { streams: 10_000, seconds: 0.5, ..Burst::default() };
        let rows = vec![row(Contender::Teahouse, Ok(burst)), row(Contender::Nchan, Err("not installed".to_owned()))];
        let section = Section {
            at: "2026-11-22T12:00:00Z".to_owned(),
            commit: "abc".to_owned(),
            is_quick: true,
            busy_before: 0.02,
            rows,
        };
        Results { burst: Some(section), ..Results::default() }
    }

    #[test]
    fn the_page_shows_what_there_is() {
        let page = page(&results());
        for part in [
            "| 10,000 clients connecting at once | ≤ 1 s | 0.50 s | met |",
            "not installed",
            "A quick run",
            "2 % of the machine",
            "not measured |  |",
        ] {
            assert!(page.contains(part), "{part:?} is not in\n{page}");
        }
        assert!(!page.contains("## Saturation"), "nothing was measured");
        assert!(page.lines().all(|line| !line.ends_with(' ')), "tidy");
    }

    #[test]
    fn the_plots_are_written_beside_it() {
        let directory = tempfile::tempdir().expect("a directory");
        write(&results(), directory.path()).expect("it can be written");
        let plot = fs::read_to_string(directory.path().join("images/bench-burst.svg")).expect("the plot");
        assert!(plot.contains("Teahouse") && !plot.contains("nchan"), "{plot}");
        assert!(directory.path().join("BENCHMARKS.md").exists());
    }
}
