//! A link as a picture for a camera: a QR code (ISO/IEC 18004) as an SVG document.
//!
//! One path of ink on paper, with its own colours: so it can be read in a dark theme and in print, and needs neither style nor
//! script, which the Content-Security-Policy would refuse. What it says in words is the page's to write.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};

/// The blank margin that a reader needs, in modules (ISO/IEC 18004 §5.3.8).
const QUIET_ZONE: i32 = 4;
/// The dark modules.
const INK: &str = "#1c1713";
/// What they stand on, the quiet zone too.
const PAPER: &str = "#fdfcfa";

/// Draws a text of at most 2,331 bytes; every link to a server is far shorter.
#[must_use]
pub fn svg(text: &str) -> String {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("a link is shorter than 2,331 bytes");
    let side = code.size() + 2 * QUIET_ZONE;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|&x| code.get_module(x, y)).count();
            if run > 0 {
                let (left, top) = (x + QUIET_ZONE, y + QUIET_ZONE);
                write!(path, "M{left} {top}h{run}v1h-{run}z").expect("a String takes any text");
            }
            x += i32::try_from(run).expect("a QR code has at most 177 modules on a side") + 1;
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"{PAPER}\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"{INK}\" d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    /// The dark modules of a picture, and its side.
    fn modules(svg: &str) -> (usize, Vec<(usize, usize)>) {
        let side = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
        let path = svg.split(" d=\"").nth(2).unwrap().split('"').next().unwrap();
        let mut dark = Vec::new();
        for run in path.split('M').skip(1) {
            let (place, rest) = run.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let length: usize = rest.split('v').next().unwrap().parse().unwrap();
            assert_eq!(rest, format!("{length}v1h-{length}z"));
            dark.extend((x..x + length).map(|x| (x, y)));
        }
        (side, dark)
    }

    #[test]
    fn a_camera_reads_the_link() {
        for link in [
            "http://127.0.0.1:8080/join/7kq2m9xa4b7kq2m9xa4b7kq2m9",
            "https://chat.example/move/00000000000000000000000000",
            &format!("https://{}.example/reset/7kq2m9xa4b7kq2m9xa4b7kq2m9", "long-name.".repeat(20)),
        ] {
            let (side, dark) = modules(&svg(link));
            // Four pixels to a module, as a camera would see it.
            let is_dark = |x: usize, y: usize| dark.contains(&(x / 4, y / 4));
            let mut seen = rqrr::PreparedImage::prepare_from_bitmap(side * 4, side * 4, is_dark);
            let found = seen.detect_grids();
            assert_eq!(found.len(), 1, "{link}");
            assert_eq!(found[0].decode().unwrap().1, link);
        }
    }

    #[test]
    fn the_margin_is_blank() {
        let (side, dark) = modules(&svg("https://chat.example/join/x"));
        let inside = 4..side - 4;
        assert!(dark.iter().all(|(x, y)| inside.contains(x) && inside.contains(y)));
        assert!(dark.contains(&(4, 4)), "the finder pattern begins in the corner");
    }

    #[test]
    fn a_picture_holds_nothing_that_a_policy_refuses() {
        let svg = svg("https://chat.example/join/\"><script>alert(1)</script>");
        for refused in ["style", "script", "href", "on", "url(", "alert"] {
            let attributes = svg.replace("http://www.w3.org/2000/svg", "");
            assert!(!attributes.contains(refused), "{refused}: {attributes}");
        }
    }
}
