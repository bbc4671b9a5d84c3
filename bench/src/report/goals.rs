//! What Teahouse set out to reach, and whether it did: a miss is shown as plainly as a hit.

use super::{Results, Section};
use crate::{
    contender::Contender,
    scenario::{fan_out::FanOut, idle::Idle, posts::Posts, resume::Resume, saturation::Saturation, snapshot::Snapshot},
};

/// The rate of the published fan-out figure, in messages each second.
pub const RATE: f64 = 20.0;

/// One line of the first table.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// What is measured.
    pub measure: &'static str,
    /// The goal, in words.
    pub goal: &'static str,
    /// What was reached, in words.
    pub reached: String,
    /// Whether that is enough; `None` when it was not measured.
    pub is_met: Option<bool>,
}

/// A server's figures at the published rate.
#[must_use]
pub fn at_rate(rates: &[FanOut]) -> Option<&FanOut> {
    rates.iter().find(|one| (one.rate - RATE).abs() < 0.5)
}

/// How many times the CPU per delivery of bare `send(2)` a server needs at the published rate.
#[must_use]
pub fn cpu_multiple(results: &Results, contender: Contender) -> Option<f64> {
    let section = results.fan_out.as_ref()?;
    let cpu = |contender| section.mean(contender, |rates| at_rate(rates).map(|one| one.cpu_us));
    Some(cpu(contender)? / cpu(Contender::BareSend)?)
}

/// How many times the CPU per post of the bare reference Teahouse needs.
#[must_use]
pub fn multiple_of_posts(section: &Section<Posts>) -> Option<f64> {
    let cpu = |contender| section.mean(contender, |posts: &Posts| Some(posts.cpu_us));
    Some(cpu(Contender::Teahouse)? / cpu(Contender::GroupCommit)?)
}

/// Every goal, in the order of the scenarios.
#[must_use]
pub fn all(results: &Results) -> Vec<Goal> {
    let of = Contender::Teahouse;
    let idle = |figure: fn(&Idle) -> f64| results.idle.as_ref()?.mean(of, |idle| Some(figure(idle)));
    let saturation = |figure: fn(&Saturation) -> Option<f64>| results.saturation.as_ref()?.mean(of, figure);
    let burst = results.burst.as_ref().and_then(|section| section.mean(of, |burst| Some(burst.seconds)));
    let resume = |figure: fn(&Resume) -> f64| results.resume.as_ref()?.mean(of, |resume| Some(figure(resume)));
    let snapshot =
        |figure: fn(&Snapshot) -> f64| results.snapshot.as_ref()?.mean(of, |snapshot| Some(figure(snapshot)));
    let posts = |figure: fn(&Posts) -> f64| results.posts.as_ref()?.mean(of, |posts| Some(figure(posts)));
    vec![
        goal(
            "server CPU per delivery, 5,000 streams × 20 messages/s",
            "≤ 1.3 × bare send(2)",
            cpu_multiple(results, of),
            |x| x <= 1.3,
            |x| format!("{x:.2} ×"),
        ),
        goal(
            "memory of an idle stream",
            "≤ 3 KB",
            idle(|idle| idle.bytes_per_stream),
            |x| x <= 3000.0,
            |x| format!("{:.1} KB", x / 1e3),
        ),
        goal(
            "deliveries/s, 2,000 streams, p99 below 50 ms",
            "≥ 1,000,000",
            saturation(|tried| tried.best().map(|step| step.deliveries_per_s)),
            |x| x >= 1e6,
            thousands,
        ),
        goal("10,000 clients connecting at once", "≤ 1 s", burst, |x| x <= 1.0, |x| format!("{x:.2} s")),
        goal(
            "10,000 clients resuming, each 100 events behind: all live",
            "≤ 10 s",
            resume(|resume| resume.seconds),
            |x| x <= 10.0,
            |x| format!("{x:.1} s"),
        ),
        goal(
            "posts meanwhile, p99",
            "≤ 500 ms",
            resume(|resume| resume.post_p99_ms),
            |x| x <= 500.0,
            |x| format!("{x:.0} ms"),
        ),
        goal(
            "server CPU per durable post, 64 clients",
            "≤ 2.5 × bare axum + SQLite",
            results.posts.as_ref().and_then(multiple_of_posts),
            |x| x <= 2.5,
            |x| format!("{x:.2} ×"),
        ),
        goal(
            "durable posts, 64 clients",
            "≥ 10,000/s",
            posts(|posts| posts.posts_per_s),
            |x| x >= 10_000.0,
            |x| format!("{}/s", thousands(x)),
        ),
        goal(
            "durable posts, 64 clients, p99",
            "≤ 10 ms",
            posts(|posts| posts.p99_ms),
            |x| x <= 10.0,
            |x| format!("{x:.1} ms"),
        ),
        goal(
            "15,000 idle streams with heartbeats: CPU",
            "≤ 3 % of one core",
            idle(|idle| idle.server_share),
            |x| x <= 0.03,
            |x| format!("{:.1} %", x * 100.0),
        ),
        goal(
            "15,000 idle streams: memory in all",
            "≤ 80 MB",
            idle(|idle| crate::scenario::float(idle.rss_bytes)),
            |x| x <= 80e6,
            |x| format!("{:.0} MB", x / 1e6),
        ),
        goal(
            "what a client begins with, 5,000 people, 500 rooms, 100 joined: p99",
            "≤ 50 ms",
            snapshot(|snapshot| snapshot.p99_ms),
            |x| x <= 50.0,
            |x| format!("{x:.1} ms"),
        ),
        goal(
            "the same, as sent",
            "≤ 150 KB",
            snapshot(|snapshot| crate::scenario::float(snapshot.bytes as u64)),
            |x| x <= 150e3,
            |x| format!("{:.1} KB", x / 1e3),
        ),
    ]
}

fn goal(
    measure: &'static str,
    goal: &'static str,
    figure: Option<f64>,
    is_met: impl Fn(f64) -> bool,
    words: impl Fn(f64) -> String,
) -> Goal {
    Goal { measure, goal, reached: figure.map_or_else(|| "not measured".to_owned(), words), is_met: figure.map(is_met) }
}

/// A large figure with its thousands apart.
#[must_use]
pub fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Row;

    #[test]
    fn a_goal_is_met_missed_or_not_measured() {
        assert!(all(&Results::default()).iter().all(|goal| goal.is_met.is_none() && goal.reached == "not measured"));
        let row = |contender, cpu_us| Row {
            contender,
            outcome: Ok(Posts { cpu_us, posts_per_s: 12_345.0, p99_ms: 11.0, ..Posts::default() }),
        };
        let rows = vec![row(Contender::GroupCommit, 20.0), row(Contender::Teahouse, 40.0)];
        let section = Section { at: String::new(), commit: String::new(), is_quick: false, busy_before: 0.0, rows };
        let goals = all(&Results { posts: Some(section), ..Results::default() });
        let posts: Vec<_> = goals.iter().filter(|goal| goal.measure.contains("durable")).collect();
        assert_eq!(
            posts.iter().map(|goal| goal.reached.as_str()).collect::<Vec<_>>(),
            ["2.00 ×", "12,345/s", "11.0 ms"]
        );
        assert_eq!(posts.iter().map(|goal| goal.is_met).collect::<Vec<_>>(), [Some(true), Some(true), Some(false)]);
    }

    #[test]
    fn thousands_stand_apart() {
        for (figure, text) in [(0.0, "0"), (999.0, "999"), (1000.0, "1,000"), (1_234_567.0, "1,234,567")] {
            assert_eq!(thousands(figure), text);
        }
    }
}
