//! Plots as SVG, readable on light and on dark pages: bars for one figure of each server, lines over a rate.

use std::fmt::Write as _;

/// Width of every plot.
const WIDTH: f64 = 720.0;
/// Where bars begin: right of the longest name.
const LEFT: f64 = 190.0;
/// Room for the figure behind the longest bar.
const RIGHT: f64 = 110.0;
/// From one bar to the next.
const PITCH: f64 = 34.0;
/// Room above for the title.
const TOP: f64 = 44.0;

/// One bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Whose.
    pub name: String,
    /// How long.
    pub value: f64,
    /// What stands behind it.
    pub label: String,
    /// Ours: in the colour that stands out.
    pub is_ours: bool,
}

/// Text and frame take the page's colour scheme; the bars' colours have contrast on both.
const STYLE: &str = "<style>
text{font:13px system-ui,sans-serif;fill:#24292f}
.title{font-size:15px;font-weight:600}
.quiet{fill:#57606a}
.axis{stroke:#8c959f;stroke-width:1}
.grid{stroke:#8c959f;stroke-opacity:.25}
.bar{fill:#8c959f}
.ours{fill:#1a7f5a}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9ea7b1}.ours{fill:#3fb984}}
</style>";

/// Horizontal bars from zero; the shortest and the longest in proportion.
#[must_use]
pub fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let height = TOP + PITCH * count(bars.len()) + 12.0;
    let longest = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
    let mut svg = begin(title, unit, height);
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + PITCH * count(index);
        let width = (bar.value / longest * (WIDTH - LEFT - RIGHT)).max(1.0);
        let class = if bar.is_ours { "ours" } else { "bar" };
        let (name, label) = (escape(&bar.name), escape(&bar.label));
        let _ = writeln!(svg, r#"<text x="{:.0}" y="{:.0}" text-anchor="end">{name}</text>"#, LEFT - 10.0, y + 18.0);
        let _ = writeln!(
            svg,
            r#"<rect class="{class}" x="{LEFT}" y="{:.0}" width="{width:.1}" height="22" rx="3"/>"#,
            y + 2.0
        );
        let _ = writeln!(svg, r#"<text x="{:.1}" y="{:.0}">{label}</text>"#, LEFT + width + 8.0, y + 18.0);
    }
    svg.push_str("</svg>\n");
    svg
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Whose.
    pub name: String,
    /// Points, `x` rising.
    pub points: Vec<(f64, f64)>,
    /// Ours.
    pub is_ours: bool,
}

/// Height of a plot with lines, without what is above and below.
const PLOT: f64 = 260.0;
/// Where its axes begin.
const AXIS: f64 = 56.0;
/// Strokes of those that are not ours, told apart by their dashes.
const DASHES: [&str; 5] = ["", "7 4", "2 3", "9 3 2 3", "4 2"];

/// Lines over one another, both axes logarithmic: each step of ten is one of the grid's.
#[must_use]
pub fn lines(title: &str, unit: &str, x_unit: &str, lines: &[Line]) -> String {
    let height = TOP + PLOT + 50.0;
    let mut svg = begin(title, unit, height);
    let points = || lines.iter().flat_map(|line| &line.points);
    let (x_axis, y_axis) = (Scale::over(points().map(|point| point.0)), Scale::over(points().map(|point| point.1)));
    let (right, bottom) = (WIDTH - 170.0, TOP + PLOT);
    let x = |value: f64| AXIS + x_axis.share(value) * (right - AXIS);
    let y = |value: f64| bottom - y_axis.share(value) * PLOT;
    for mark in y_axis.marks() {
        let _ = writeln!(
            svg,
            r#"<path class="grid" d="M{AXIS} {0:.1}H{right}"/><text class="quiet" x="{1:.0}" y="{2:.1}" text-anchor="end">{3}</text>"#,
            y(mark),
            AXIS - 8.0,
            y(mark) + 4.0,
            short(mark)
        );
    }
    for mark in x_axis.marks() {
        let _ = writeln!(
            svg,
            r#"<path class="grid" d="M{0:.1} {TOP}V{bottom}"/><text class="quiet" x="{0:.1}" y="{1:.0}" text-anchor="middle">{2}</text>"#,
            x(mark),
            bottom + 18.0,
            short(mark)
        );
    }
    let _ = writeln!(
        svg,
        r#"<path class="axis" fill="none" d="M{AXIS} {TOP}V{bottom}H{right}"/><text class="quiet" x="{right}" y="{:.0}" text-anchor="end">{}</text>"#,
        bottom + 36.0,
        escape(x_unit)
    );
    for (index, line) in lines.iter().enumerate() {
        let path: Vec<String> =
            line.points.iter().map(|point| format!("{:.1} {:.1}", x(point.0), y(point.1))).collect();
        let (colour, width) = if line.is_ours { ("#2da273", 3.0) } else { ("#8c959f", 2.0) };
        let dashes = if line.is_ours { "" } else { DASHES[index % DASHES.len()] };
        let _ = writeln!(
            svg,
            r#"<path fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes}" d="M{}"/>"#,
            path.join("L")
        );
        let at = TOP + 20.0 + 24.0 * count(index);
        let _ = writeln!(
            svg,
            r#"<path fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes}" d="M{0:.0} {1:.0}h24"/><text x="{2:.0}" y="{3:.0}">{4}</text>"#,
            right + 12.0,
            at - 4.0,
            right + 42.0,
            at,
            escape(&line.name)
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// A logarithmic axis from one power of ten, or half of it, to another.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values
            .filter(|value| *value > 0.0)
            .fold((f64::MAX, f64::MIN_POSITIVE), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return Self { low: 1.0, high: 10.0 };
        }
        Self { low: low * 0.9, high: (high * 1.1).max(low * 1.5) }
    }

    fn share(&self, value: f64) -> f64 {
        ((value.max(self.low) / self.low).ln() / (self.high / self.low).ln()).clamp(0.0, 1.0)
    }

    /// 1, 2 and 5 of each power of ten that lies on the axis.
    fn marks(&self) -> Vec<f64> {
        let powers = (-3..9).map(|power| 10_f64.powi(power));
        let marks = powers.flat_map(|power| [power, 2.0 * power, 5.0 * power]);
        marks.filter(|mark| (self.low..=self.high).contains(mark)).collect()
    }
}

fn begin(title: &str, unit: &str, height: f64) -> String {
    let (title, unit) = (escape(title), escape(unit));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{title}, {unit}\">\n{STYLE}\n\
         <text class=\"title\" x=\"8\" y=\"22\">{title} <tspan class=\"quiet\" font-weight=\"400\">{unit}</tspan></text>\n"
    )
}

fn short(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{:.0} M", value / 1e6),
        value if value >= 1e3 => format!("{:.0} k", value / 1e3),
        value if value >= 1.0 => format!("{value:.0}"),
        value => format!("{value}"),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn count(index: usize) -> f64 {
    crate::scenario::float(index as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        let bar = |value| Bar { name: "a<b".to_owned(), value, label: "x & y".to_owned(), is_ours: value > 5.0 };
        let svg = bars("CPU", "µs", &[bar(10.0), bar(5.0), bar(0.0)]);
        let widths: Vec<&str> = svg.lines().filter(|line| line.starts_with("<rect")).collect();
        assert!(widths[0].contains("ours") && widths[0].contains("width=\"420.0\""), "{svg}");
        assert!(widths[1].contains("width=\"210.0\"") && widths[2].contains("width=\"1.0\""), "{svg}");
        assert!(svg.contains("a&lt;b") && svg.contains("x &amp; y") && svg.ends_with("</svg>\n"), "{svg}");
    }

    #[test]
    fn lines_stay_inside_their_axes() {
        let line = Line { name: "ours".to_owned(), points: vec![(10.0, 1.0), (100.0, 50.0)], is_ours: true };
        let svg = lines("p99", "ms", "deliveries/s", &[line]);
        assert!(svg.contains(">20<") && svg.contains(">50<") && svg.contains(">100<"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let nothing = lines("p99", "ms", "x", &[]);
        assert!(!nothing.contains("NaN"), "{nothing}");
    }
}
