//! The page without inline code, and final names for everything that it names.
//!
//! The server's Content-Security-Policy allows no inline script or style, neither by nonce nor by hash, so trunk's inline
//! loader moves into a file. Files are renamed from the inside out, because a name that changes inside a file changes
//! that file's content and so its own name: pictures and WASM, then the style, then the glue that names the WASM, then
//! the loader that names both, then the page.

use anyhow::{Context as _, Result, bail, ensure};

use super::assets::{Assets, is_hashed};

const PAGE: &str = "index.html";
const INLINE_START: &str = "<script type=\"module\">";
const INLINE_END: &str = "</script>";
/// trunk's own attribute for styles, which it copies into the page.
const LEFTOVER: &str = " data-integrity=\"none\"";

/// Gives every hashed file the hash of its final content and rewrites the page.
///
/// # Errors
///
/// Fails when the page is not what `Trunk.toml` makes of `index.html`, or still holds inline code afterwards.
pub(super) fn finish(files: &mut Assets) -> Result<()> {
    let mut page = files.text(PAGE)?.replace(LEFTOVER, "");
    let loader = take_loader(&mut page)?;
    files.put("loader.js", loader);
    join_styles(files, &mut page)?;
    for extension in ["wasm", "css", "js"] {
        rename_all(files, &mut page, extension)?;
    }
    let loader = files.rename_by_content("loader.js")?;
    let tags =
        format!("<link rel=\"modulepreload\" href=\"/{loader}\"><script type=\"module\" src=\"/{loader}\"></script>");
    page = page.replacen(LOADER_MARK, &tags, 1);
    page = without_comments(&page);
    refuse_inline_code(&page)?;
    refuse_missing_files(files, &page)?;
    files.put(PAGE, page);
    Ok(())
}

/// Stands in the page where the loader was, until the loader has its final name.
const LOADER_MARK: &str = "<!--loader-->";

/// Cuts the inline module out of the page, leaves a mark, and returns the script.
fn take_loader(page: &mut String) -> Result<String> {
    let start = page.find(INLINE_START).context("the page has no inline module: is pattern_script in Trunk.toml?")?;
    let code = start + INLINE_START.len();
    let length = page[code..].find(INLINE_END).context("the inline module does not end")?;
    let script = page[code..code + length].trim().to_owned() + "\n";
    page.replace_range(start..code + length + INLINE_END.len(), LOADER_MARK);
    Ok(script)
}

/// Makes one style of all, in the order of the page: one request, and one dictionary for the compression.
fn join_styles(files: &mut Assets, page: &mut String) -> Result<()> {
    const START: &str = "<link rel=\"stylesheet\" href=\"/";
    const END: &str = "\"/>";
    let mut joined = String::new();
    let mut first = None;
    while let Some(start) = page.find(START) {
        let path = start + START.len();
        let length = page[path..].find(END).context("the link of a style has more attributes than trunk gives it")?;
        let name = page[path..path + length].to_owned();
        page.replace_range(start..path + length + END.len(), "");
        joined.push_str(files.text(&name)?);
        joined.push('\n');
        files.remove(&name);
        first.get_or_insert(start);
    }
    let first = first.context("the page names no style")?;
    files.put("app.css", joined);
    let name = files.rename_by_content("app.css")?;
    page.insert_str(first, &format!("{START}{name}{END}"));
    Ok(())
}

/// Renames the hashed files of one extension (for WASM: of all that name no other file) and follows up in what names them.
fn rename_all(files: &mut Assets, page: &mut String, extension: &str) -> Result<()> {
    const LEAVES: [&str; 8] = ["wasm", "svg", "png", "ico", "webp", "avif", "woff2", "json"];
    let belongs = |name: &str| {
        let own = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        own == extension || (extension == "wasm" && LEAVES.contains(&own))
    };
    let names: Vec<String> = files.names().filter(|name| is_hashed(name) && belongs(name)).map(str::to_owned).collect();
    for name in names {
        let renamed = files.rename_by_content(&name)?;
        *page = page.replace(&name, &renamed);
        let naming: Vec<String> = files
            .iter()
            .filter(|(other, contents)| is_code(other) && contains(contents, &name))
            .map(|(other, _)| other.to_owned())
            .collect();
        for other in naming {
            ensure!(other != renamed, "{name} names itself, so its hash cannot be in its name");
            let rewritten = files.text(&other)?.replace(&name, &renamed);
            files.put(other, rewritten);
        }
    }
    Ok(())
}

fn is_code(name: &str) -> bool {
    ["css", "js", "webmanifest"].iter().any(|extension| name.ends_with(&format!(".{extension}")))
}

fn contains(contents: &[u8], name: &str) -> bool {
    contents.windows(name.len()).any(|window| window == name.as_bytes())
}

/// Comments are for readers of the source; without them and trunk's own link there are blank lines.
fn without_comments(page: &str) -> String {
    let mut parts = page.split("<!--");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once("-->").map_or("", |(_, after)| after));
    }
    kept.lines().filter(|line| !line.trim().is_empty()).flat_map(|line| [line, "\n"]).collect()
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
    use super::{finish, refuse_inline_code};
    use crate::bundle::assets::Assets;

    const GLUE: &str = "frontend-00000000000000aa.js";
    const WASM: &str = "frontend-00000000000000aa_bg.wasm";
    const STYLES: [&str; 2] = ["tokens-00000000000000bb.css", "base-00000000000000cc.css"];

    fn trunk_output() -> Assets {
        let mut files = Assets::default();
        files.put(GLUE, format!("fetch('{WASM}')"));
        files.put(WASM, "\0asm");
        files.put(STYLES[0], "@layer tokens;");
        files.put(STYLES[1], "body{}");
        files.put("manifest.webmanifest", "{}");
        let style = |name| format!("<link rel=\"stylesheet\" href=\"/{name}\" data-integrity=\"none\"/>");
        let styles = STYLES.map(style).concat();
        let head = format!(
            "{styles}<script type=\"module\">\nimport init from \"/{GLUE}\";\n\
             init({{ module_or_path: \"/{WASM}\" }});\n</script><link rel=\"modulepreload\" href=\"/{GLUE}\">"
        );
        files.put("index.html", format!("<html><head><!-- why -->{head}</head>\n\n<body></body></html>"));
        files
    }

    #[test]
    fn the_loader_moves_into_a_file_the_styles_into_one_and_all_names_agree() {
        let mut files = trunk_output();
        finish(&mut files).expect("a page as trunk writes it");
        let (wasm, style) = (files.only(".wasm").expect("one"), files.only(".css").expect("one"));
        let script = |start: &str| {
            let name = files.names().find(|name| name.starts_with(start)).expect("there").to_owned();
            let text = files.text(&name).expect("text").to_owned();
            (name, text)
        };
        let ((glue, glue_text), (loader, loader_text)) = (script("frontend-"), script("loader-"));
        assert_eq!(glue_text, format!("fetch('{wasm}')"));
        assert_eq!(loader_text, format!("import init from \"/{glue}\";\ninit({{ module_or_path: \"/{wasm}\" }});\n"));
        assert_eq!(files.text(&style).expect("text"), "@layer tokens;\nbody{}\n");
        let page = files.text("index.html").expect("text");
        assert_eq!(
            page,
            format!(
                "<html><head><link rel=\"stylesheet\" href=\"/{style}\"/><link rel=\"modulepreload\" href=\"/{loader}\">\
                 <script type=\"module\" src=\"/{loader}\"></script><link rel=\"modulepreload\" href=\"/{glue}\"></head>\n<body></body></html>\n"
            )
        );
        assert!(files.names().any(|name| name == "manifest.webmanifest"), "a name that others rely on stays");
        assert!(!files.names().any(|name| name.contains("00000000000000")), "trunk's hashes are gone");
    }

    #[test]
    fn a_page_that_names_what_is_not_there_is_refused() {
        let mut files = trunk_output();
        let page =
            files.text("index.html").expect("text").replace("</head>", "<link rel=\"icon\" href=\"/icon.svg\"></head>");
        files.put("index.html", page);
        let error = finish(&mut files).expect_err("icon.svg is missing");
        assert_eq!(error.to_string(), "index.html names /icon.svg, which the bundle does not hold");
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
