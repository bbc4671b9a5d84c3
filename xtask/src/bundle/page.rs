//! The page as it is served: without inline code, and with final names for everything that it names.
//!
//! `index.html` is written for trunk, which serves it while developing. Here its `data-trunk` links are followed: styles
//! become files, the first of which the page names and the others come with the parts of the program that they are for
//! (`data-part`). The server's Content-Security-Policy allows no inline script or style, neither by nonce nor by hash, so
//! the loader is a file. At last every file is renamed after its content, from the inside out, because a name that changes
//! inside a file changes that file's content and so its own name.

use anyhow::{Context as _, Result, bail, ensure};

use super::assets::Assets;
use super::client;

const PAGE: &str = "index.html";
/// What starts the client.
pub(super) const LOADER: &str = "loader.js";
/// The client's script, which the loader imports.
pub(super) const CLIENT: &str = "client.js";
/// Theme, language and skeleton before the first paint.
pub(super) const BOOT: &str = "boot.js";
/// The page's style.
pub(super) const STYLE: &str = "app.css";
/// The style of the doors, which the last part uses too.
pub(super) const DOORS_STYLE: &str = "doors.css";
/// The style of the last part.
pub(super) const LATER_STYLE: &str = "later.css";

/// Where the sources lie below the checkout, and in the files until they have served.
pub(super) const SOURCES: &str = "frontend/";

/// Makes the files that the page names of their sources, and has the page name them.
///
/// # Errors
///
/// Fails when the page names what is not there, or asks trunk for something that this does not know.
pub(super) fn lay_out(files: &mut Assets) -> Result<()> {
    let mut page = without_comments(files.text(PAGE)?);
    let mut sheets = [STYLE, DOORS_STYLE, LATER_STYLE].map(|name| (name, String::new()));
    while let Some((start, end)) = trunk_tag(&page) {
        let tag = page[start..end].to_owned();
        let source =
            attribute(&tag, "href").or_else(|| attribute(&tag, "src")).context("a data-trunk tag names nothing")?;
        let served = source.rsplit('/').next().unwrap_or(source);
        let link = match attribute(&tag, "rel") {
            Some("css") => {
                let name = attribute(&tag, "data-part").map_or(STYLE.to_owned(), |part| format!("{part}.css"));
                let sheet = sheets.iter_mut().find(|(known, _)| *known == name);
                let (name, sheet) = sheet.with_context(|| format!("{source} is for a part that has no {name}"))?;
                let first = *name == STYLE && sheet.is_empty();
                sheet.push_str(files.text(source)?);
                sheet.push('\n');
                if first { format!("<link rel=\"stylesheet\" href=\"/{STYLE}\">") } else { String::new() }
            }
            Some("icon") => {
                let kind = attribute(&tag, "type").context("the icon has no type")?;
                files.copy(source, served)?;
                format!("<link rel=\"icon\" href=\"/{served}\" type=\"{kind}\">")
            }
            Some("copy-file") => {
                files.copy(source, served)?;
                String::new()
            }
            Some("rust") => start_tags(files),
            None if tag.starts_with("<script") => {
                files.copy(source, served)?;
                format!("<script src=\"/{served}\">")
            }
            other => bail!("index.html asks trunk for {other:?}, which the bundle does not know"),
        };
        page.replace_range(start..end, &link);
    }
    for (name, sheet) in sheets {
        ensure!(!sheet.is_empty(), "no style of index.html goes into {name}");
        files.put(name, sheet);
    }
    for script in [LOADER, CLIENT] {
        files.copy(&format!("{SOURCES}assets/{script}"), script)?;
    }
    files.retain(|name| !name.starts_with(SOURCES));
    files.put(PAGE, without_blanks(&page));
    Ok(())
}

/// The client, named in the page so that the browser fetches all of it at once instead of one after the other.
fn start_tags(files: &Assets) -> String {
    let mut tags = format!(
        "<link rel=\"preload\" href=\"/{}\" as=\"fetch\" type=\"application/wasm\" crossorigin>",
        client::FIRST
    );
    for script in [CLIENT, client::GLUE, client::FETCHER, LOADER] {
        if script == CLIENT || script == LOADER || files.names().any(|name| name == script) {
            tags.push_str(&preload(script));
        }
    }
    tags.push_str(&format!("<script type=\"module\" src=\"/{LOADER}\"></script>"));
    tags
}

/// The tag that has a script fetched before it is imported.
pub(super) fn preload(script: &str) -> String {
    format!("<link rel=\"modulepreload\" href=\"/{script}\">")
}

/// Gives every file but those of fixed names the hash of its final content, and checks the page.
///
/// # Errors
///
/// Fails when the files name one another in a circle, or when the page holds inline code or names what is not there.
pub(super) fn name(files: &mut Assets) -> Result<()> {
    const FIXED: [&str; 2] = [".html", ".webmanifest"];
    let fixed = |name: &str| FIXED.iter().any(|end| name.ends_with(end)) || name.starts_with("icon-");
    let mut waiting: Vec<String> = files.names().filter(|name| !fixed(name)).map(str::to_owned).collect();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|name| !waiting.iter().any(|other| files.mentions(name, &mention(other))));
        let name = waiting.swap_remove(ready.with_context(|| format!("{waiting:?} name one another in a circle"))?);
        let renamed = files.rename_by_content(&name)?;
        files.replace(&mention(&name), &mention(&renamed))?;
    }
    let page = files.text(PAGE)?;
    refuse_inline_code(page)?;
    refuse_missing_files(files, page)
}

/// How a file is named in others: in double quotes, from the root or from beside.
fn mention(name: &str) -> String {
    format!("/{name}\"")
}

/// Where the next tag for trunk begins and ends.
fn trunk_tag(page: &str) -> Option<(usize, usize)> {
    let mark = page.find(" data-trunk")?;
    let start = page[..mark].rfind('<')?;
    Some((start, mark + page[mark..].find('>')? + 1))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    value.split('"').next()
}

/// Comments are for readers of the source.
fn without_comments(page: &str) -> String {
    let mut parts = page.split("<!--");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once("-->").map_or("", |(_, after)| after));
    }
    kept
}

/// Lines are indented for readers, and empty where trunk's links were.
fn without_blanks(page: &str) -> String {
    page.lines().map(str::trim).filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

/// The policy would block it in the browser; better to hear of it here.
fn refuse_inline_code(page: &str) -> Result<()> {
    for tag in opening_tags(page) {
        let name = tag.split([' ', '\n', '\t', '/', '>']).next().unwrap_or_default();
        match name {
            "style" => bail!("index.html holds an inline <style>, which the Content-Security-Policy blocks"),
            "script" if !tag.contains(" src=") => bail!("index.html holds an inline <script> besides the loader"),
            _ => {}
        }
        for attribute in [" style=", " on"] {
            let at = tag.find(attribute);
            let inline = at.is_some_and(|at| tag[at + 1..].split(['=', ' ']).next().is_some_and(is_code_attribute));
            ensure!(!inline, "index.html: <{tag}> holds inline code, which the Content-Security-Policy blocks");
        }
    }
    Ok(())
}

fn is_code_attribute(name: &str) -> bool {
    name == "style" || (name.starts_with("on") && name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// The insides of `<…>` that open an element.
fn opening_tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<')
        .skip(1)
        .filter(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic()))
        .filter_map(|rest| rest.split('>').next())
}

/// Every absolute path that a `<link>` or `<script>` of the page names must be a file of the bundle.
fn refuse_missing_files(files: &Assets, page: &str) -> Result<()> {
    for tag in opening_tags(page).filter(|tag| tag.starts_with("link") || tag.starts_with("script")) {
        for attribute in [" href=\"/", " src=\"/"] {
            let Some(at) = tag.find(attribute) else { continue };
            let path = tag[at + attribute.len()..].split('"').next().unwrap_or_default();
            ensure!(files.names().any(|name| name == path), "index.html names /{path}, which the bundle does not hold");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{lay_out, name, refuse_inline_code};
    use crate::bundle::assets::Assets;

    const PAGE: &str = "<html>
      <head><!-- why -->
        <script data-trunk src=\"frontend/assets/boot.js\" data-integrity=\"none\"></script>
        <link data-trunk rel=\"css\" href=\"frontend/styles/tokens.css\" data-integrity=\"none\">
        <link data-trunk rel=\"css\" href=\"frontend/styles/door.css\" data-integrity=\"none\" data-part=\"doors\">
        <link data-trunk rel=\"css\" href=\"frontend/styles/panel.css\" data-integrity=\"none\" data-part=\"later\">
        <link data-trunk rel=\"css\" href=\"frontend/styles/base.css\" data-integrity=\"none\">
        <link data-trunk rel=\"icon\" href=\"frontend/assets/icon.svg\" type=\"image/svg+xml\">
        <link data-trunk rel=\"copy-file\" href=\"frontend/assets/app.webmanifest\">
        <link data-trunk rel=\"rust\" href=\"frontend/Cargo.toml\">
      </head>

      <body></body>
    </html>";

    /// Everything but what `page` makes itself.
    fn sources() -> Assets {
        let mut files = Assets::default();
        files.put("index.html", PAGE);
        for (name, text) in [
            ("assets/boot.js", "boot()"),
            ("assets/icon.svg", "<svg/>"),
            ("assets/app.webmanifest", "{}"),
            ("assets/loader.js", "import(\"./client.js\"); start(\"/frontend.wasm\")"),
            ("assets/client.js", "import \"./frontend.js\";"),
            ("styles/tokens.css", "@layer tokens;"),
            ("styles/door.css", "form{}"),
            ("styles/panel.css", "aside{}"),
            ("styles/base.css", "body{}"),
        ] {
            files.put(format!("frontend/{name}"), text);
        }
        files.put("frontend.js", "import \"./later.js\";");
        files.put("later.js", "part([\"/later.wasm\", \"/later.css\"])");
        files.put("frontend.wasm", "\0asm");
        files.put("later.wasm", "\0asm later");
        files
    }

    #[test]
    fn the_page_names_the_first_download_and_all_names_agree() {
        let mut files = sources();
        lay_out(&mut files).expect("the page's sources");
        assert_eq!(files.text("app.css").expect("there"), "@layer tokens;\nbody{}\n");
        assert_eq!(files.text("doors.css").expect("there"), "form{}\n");
        assert_eq!(files.text("later.css").expect("there"), "aside{}\n");
        name(&mut files).expect("no circle");

        let named = |stem: &str, end: &str| {
            let is = |name: &&str| {
                name.strip_prefix(stem).is_some_and(|rest| rest.len() == 17 + end.len() && rest.ends_with(end))
            };
            files.names().find(is).unwrap_or_else(|| panic!("no {stem}-…{end}")).to_owned()
        };
        let page = files.text("index.html").expect("text");
        let expected = [
            "<html>\n<head>\n<script src=\"/BOOT\"></script>\n<link rel=\"stylesheet\" href=\"/STYLE\">\n",
            "<link rel=\"icon\" href=\"/ICON\" type=\"image/svg+xml\">\n",
            "<link rel=\"preload\" href=\"/WASM\" as=\"fetch\" type=\"application/wasm\" crossorigin>",
            "<link rel=\"modulepreload\" href=\"/CLIENT\"><link rel=\"modulepreload\" href=\"/GLUE\">",
            "<link rel=\"modulepreload\" href=\"/PARTS\"><link rel=\"modulepreload\" href=\"/LOADER\">",
            "<script type=\"module\" src=\"/LOADER\"></script>\n</head>\n<body></body>\n</html>\n",
        ];
        let expected = [
            ("BOOT", named("boot", ".js")),
            ("STYLE", named("app", ".css")),
            ("ICON", named("icon", ".svg")),
            ("WASM", named("frontend", ".wasm")),
            ("CLIENT", named("client", ".js")),
            ("GLUE", named("frontend", ".js")),
            ("PARTS", named("later", ".js")),
            ("LOADER", named("loader", ".js")),
        ]
        .into_iter()
        .fold(expected.concat(), |text, (mark, name)| text.replace(mark, &name));
        assert_eq!(page, expected);

        let parts = files.text(&named("later", ".js")).expect("text");
        assert_eq!(parts, format!("part([\"/{}\", \"/{}\"])", named("later", ".wasm"), named("later", ".css")));
        let glue = files.text(&named("frontend", ".js")).expect("text");
        assert_eq!(glue, format!("import \"./{}\";", named("later", ".js")));
        assert_eq!(files.bytes("app.webmanifest").expect("a name that others rely on stays"), b"{}");
        assert!(!files.names().any(|name| name.starts_with("frontend/")), "no source is left");
    }

    #[test]
    fn a_bundle_whose_names_cannot_agree_is_refused() {
        let mut files = sources();
        lay_out(&mut files).expect("the page's sources");
        files.put("later.js", "import \"./frontend.js\";");
        assert!(name(&mut files).expect_err("each names the other").to_string().contains("in a circle"));

        let mut files = sources();
        files.remove("frontend.wasm");
        lay_out(&mut files).expect("the page's sources");
        let error = name(&mut files).expect_err("frontend.wasm is missing");
        assert_eq!(error.to_string(), "index.html names /frontend.wasm, which the bundle does not hold");
    }

    #[test]
    fn a_link_that_only_trunk_knows_is_refused() {
        let mut files = sources();
        files.put("index.html", PAGE.replace("copy-file", "tailwind-css"));
        assert!(lay_out(&mut files).expect_err("unknown").to_string().contains("tailwind-css"));
    }

    #[test]
    fn inline_code_is_refused_and_its_look_alikes_are_not() {
        for bad in ["<style>a{}</style>", "<script>x()</script>", "<p style=\"x\">", "<body onload=\"x()\">"] {
            assert!(refuse_inline_code(bad).is_err(), "{bad}");
        }
        for good in
            ["<script src=\"/a.js\"></script>", "<p class=\"style\" data-on=\"1\">on style= it</p>", "<!doctype html>"]
        {
            refuse_inline_code(good).expect(good);
        }
    }
}
