//! The tables of the report: one line for each server and round, in the order in which they were measured.

use std::fmt::Write as _;

use super::{Section, goals, goals::thousands};
use crate::{
    contender::Contender,
    scenario::{
        burst::Burst, fan_out::FanOut, idle::Idle, posts::Posts, resume::Resume, saturation::Saturation,
        snapshot::Snapshot,
    },
};

/// A table whose cells come from each row; a server without figures shows why.
fn table<T>(section: &Section<T>, columns: &[&str], cells: impl Fn(&T) -> Vec<Vec<String>>) -> String {
    let mut text = format!("| Server | {} |\n|---|{}\n", columns.join(" | "), "---:|".repeat(columns.len()));
    for row in &section.rows {
        let name = match row.contender {
            Contender::Teahouse => "**Teahouse**",
            other => other.name(),
        };
        match &row.outcome {
            Ok(figures) => {
                for line in cells(figures) {
                    let _ = writeln!(text, "| {name} | {} |", line.join(" | "));
                }
            }
            Err(reason) => {
                let _ = writeln!(
                    text,
                    "| {name} | failed: {} |{}",
                    reason.replace('|', "/"),
                    " |".repeat(columns.len() - 1)
                );
            }
        }
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// CPU per delivery and latency at each rate.
pub(super) fn fan_out(section: &Section<Vec<FanOut>>) -> String {
    let at = |rates: &[FanOut], rate: f64| rates.iter().find(|one| (one.rate - rate).abs() < 0.5).copied();
    let bare = |rate: f64| section.mean(Contender::BareSend, |rates| Some(at(rates, rate)?.cpu_us));
    let columns =
        ["messages/s", "deliveries/s", "CPU per delivery", "× bare send", "p50", "p99", "server", "load", "others"];
    table(section, &columns, |rates| {
        let line = |one: &FanOut| {
            vec![
                format!("{:.0}", one.rate),
                thousands(one.deliveries_per_s),
                format!("{:.2} µs", one.cpu_us),
                bare(one.rate).map_or_else(String::new, |bare| format!("{:.2}", one.cpu_us / bare)),
                format!("{:.1} ms", one.p50_ms),
                format!("{:.1} ms", one.p99_ms),
                percent(one.server_share),
                percent(one.load_share),
                percent(one.others_share),
            ]
        };
        rates.iter().map(line).collect()
    })
}

/// Memory and CPU of idle streams.
pub(super) fn idle(section: &Section<Idle>) -> String {
    table(section, &["streams", "memory of a stream", "memory in all", "CPU, of one core", "over", "others"], |one| {
        vec![vec![
            thousands(crate::scenario::float(one.streams as u64)),
            format!("{:.1} KB", one.bytes_per_stream / 1e3),
            format!("{:.0} MB", crate::scenario::float(one.rss_bytes) / 1e6),
            format!("{:.1} %", one.server_share * 100.0),
            format!("{:.0} s", one.seconds),
            percent(one.others_share),
        ]]
    })
}

/// The highest rate of each server, and the one after it.
pub(super) fn saturation(section: &Section<Saturation>) -> String {
    let columns = ["deliveries/s", "p99", "CPU per delivery", "load", "first rate that was late", "its p99", "others"];
    table(section, &columns, |one| {
        let best = one.best().copied().unwrap_or_default();
        let late = one.steps.iter().find(|step| !step.is_in_time);
        vec![vec![
            format!("**{}**", thousands(best.deliveries_per_s)),
            format!("{:.0} ms", best.p99_ms),
            format!("{:.2} µs", best.cpu_us),
            percent(best.load_share),
            late.map_or_else(|| "none tried".to_owned(), |step| format!("{}/s", thousands(step.deliveries_per_s))),
            late.map_or_else(String::new, |step| format!("{:.0} ms", step.p99_ms)),
            percent(one.others_share),
        ]]
    })
}

/// The burst of connections.
pub(super) fn burst(section: &Section<Burst>) -> String {
    table(section, &["streams", "all open after", "CPU per stream", "load", "others"], |one| {
        vec![vec![
            thousands(crate::scenario::float(one.streams as u64)),
            format!("**{:.2} s**", one.seconds),
            format!("{:.0} µs", one.cpu_us),
            percent(one.load_share),
            percent(one.others_share),
        ]]
    })
}

/// Everybody coming back.
pub(super) fn resume(section: &Section<Resume>) -> String {
    let columns =
        ["streams", "events behind", "all live after", "CPU per stream", "posts' p99 meanwhile", "load", "others"];
    table(section, &columns, |one| {
        vec![vec![
            thousands(crate::scenario::float(one.streams as u64)),
            one.behind.to_string(),
            format!("**{:.1} s**", one.seconds),
            format!("{:.0} µs", one.cpu_us),
            format!("{:.0} ms", one.post_p99_ms),
            percent(one.load_share),
            percent(one.others_share),
        ]]
    })
}

/// What a client begins with.
pub(super) fn snapshot(section: &Section<Snapshot>) -> String {
    table(section, &["sent", "CPU", "p50", "p99", "others"], |one| {
        vec![vec![
            format!("{:.1} KB", crate::scenario::float(one.bytes as u64) / 1e3),
            format!("{:.1} ms", one.cpu_us / 1e3),
            format!("**{:.1} ms**", one.p50_ms),
            format!("{:.1} ms", one.p99_ms),
            percent(one.others_share),
        ]]
    })
}

/// Durable posts.
pub(super) fn posts(section: &Section<Posts>) -> String {
    let bare = section.mean(Contender::GroupCommit, |posts| Some(posts.cpu_us));
    let columns = ["clients", "posts/s", "CPU per post", "× bare", "p50", "p99", "server", "load", "others"];
    let mut text = table(section, &columns, |one| {
        vec![vec![
            one.clients.to_string(),
            thousands(one.posts_per_s),
            format!("{:.1} µs", one.cpu_us),
            bare.map_or_else(String::new, |bare| format!("{:.2}", one.cpu_us / bare)),
            format!("{:.1} ms", one.p50_ms),
            format!("{:.1} ms", one.p99_ms),
            percent(one.server_share),
            percent(one.load_share),
            percent(one.others_share),
        ]]
    });
    if let Some(multiple) = goals::multiple_of_posts(section) {
        let _ = writeln!(
            text,
            "\nTeahouse checks the session and the right to the room, renders Markdown, stores message, key and event: {multiple:.2} × the CPU of the bare insert."
        );
    }
    text
}
