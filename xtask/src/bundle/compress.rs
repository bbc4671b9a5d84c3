//! The `.br` and `.gz` siblings that the server sends instead of the plain files.

use std::io::{Cursor, Write as _};

use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Flavour;
use super::assets::Assets;

/// What shrinks. Pictures and fonts are compressed already.
const TEXT: [&str; 9] = ["css", "html", "ico", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Adds `name.br` and `name.gz` for every file that shrinks: as small as they get for what is shipped, quickly otherwise.
pub(super) fn siblings(files: &mut Assets, flavour: Flavour) {
    let (quality, level) = match flavour {
        Flavour::Quick => (4, 4),
        Flavour::Shipped => (11, 9),
    };
    let mut siblings = Vec::new();
    for (name, contents) in files.iter() {
        if name.rsplit_once('.').is_some_and(|(_, extension)| TEXT.contains(&extension)) {
            siblings.push((format!("{name}.br"), brotli(contents, quality)));
            siblings.push((format!("{name}.gz"), gzip(contents, level)));
        }
    }
    for (name, contents) in siblings {
        files.put(name, contents);
    }
}

/// Brotli (RFC 7932) at `quality` 0 to 11.
fn brotli(contents: &[u8], quality: i32) -> Vec<u8> {
    let parameters = BrotliEncoderParams { quality, size_hint: contents.len(), ..BrotliEncoderParams::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut Cursor::new(contents), &mut compressed, &parameters)
        .expect("reading from and writing to memory cannot fail");
    compressed
}

/// Gzip (RFC 1952) at `level` 0 to 9, without a time, so that equal files compress to equal files.
fn gzip(contents: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(contents).expect("writing to memory cannot fail");
    encoder.finish().expect("writing to memory cannot fail")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::siblings;
    use crate::bundle::Flavour;
    use crate::bundle::assets::Assets;

    #[test]
    fn text_gets_siblings_that_unpack_to_it_and_pictures_none() {
        let text = "茶馆 ".repeat(500);
        let mut files = Assets::default();
        files.put("index.html", text.as_bytes());
        files.put("icon.png", "png");
        siblings(&mut files, Flavour::Shipped);
        assert_eq!(files.names().collect::<Vec<_>>(), ["icon.png", "index.html", "index.html.br", "index.html.gz"]);

        let packed = |name| files.iter().find(|(other, _)| *other == name).expect("there").1;
        let mut unpacked = String::new();
        brotli::Decompressor::new(packed("index.html.br"), 4096).read_to_string(&mut unpacked).expect("brotli");
        assert_eq!(unpacked, text);
        unpacked.clear();
        flate2::read::GzDecoder::new(packed("index.html.gz")).read_to_string(&mut unpacked).expect("gzip");
        assert_eq!(unpacked, text);
    }
}
