//! What people write, and what attackers write.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use shared::limits::BODY_MAX_BYTES;

use super::*;

fn check(body: &str, expected: &str) {
    assert_eq!(render(body).trim_end(), expected, "{body:?}");
}

const REL: &str = r#"target="_blank" rel="noopener noreferrer nofollow ugc""#;

fn link(href: &str, text: &str) -> String {
    format!(r#"<p><a href="{href}" {REL}>{text}</a></p>"#)
}

#[test]
fn people_write_markdown() {
    check("hello", "<p>hello</p>");
    check("one\ntwo", "<p>one<br>\ntwo</p>");
    check("**注意：**正文", "<p><strong>注意：</strong>正文</p>");
    check("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>");
    check("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>");
    check("3. a", "<ol start=\"3\">\n<li>a</li>\n</ol>");
    check("> q", "<blockquote>\n<p>q</p>\n</blockquote>");
    check("```rust\nfn f() {}\n```", "<pre tabindex=\"0\"><code class=\"language-rust\">fn f() {}\n</code></pre>");
    check("# Title", "<p><strong>Title</strong></p>");
    let table = render("|a|b|\n|-|:-:|\n|1|2|");
    assert!(table.contains("<td>1</td>\n<td align=\"center\">2</td>"), "{table}");
}

#[test]
fn links_go_where_they_say() {
    check("https://example.org/a", &link("https://example.org/a", "https://example.org/a"));
    check("[a](mailto:a@example.org)", &link("mailto:a@example.org", "a"));
    check("![a cat](https://example.org/c.png)", &link("https://example.org/c.png", "a cat"));
    check("![](https://example.org/c.png)", &link("https://example.org/c.png", "https://example.org/c.png"));
    check("[![a](https://x.example/i)](https://y.example/)", &link("https://y.example/", "a"));
    check("<https://good.example@evil.example/>", &link("https://evil.example/", "https://evil.example/"));
    check("[good.example](https://good.example:x@evil.example/)", &link("https://evil.example/", "good.example"));
    check("<https://раypal.example/>", &link("https://xn--ypal-43d9g.example/", "https://xn--ypal-43d9g.example/"));
    // A name in one script is a name; the serializer writes it as bytes, which every browser reads back.
    for own in ["https://例子.example/", "https://почта.example/", "https://müller.example/"] {
        let html = render(&format!("<{own}>"));
        assert!(html.contains(&format!(">{own}</a>")) && !html.contains("xn--"), "{html}");
    }
}

/// Between Han characters nobody types a space to end an address.
#[test]
fn autolinks_end_before_chinese_punctuation() {
    let to = |href: &str, text: &str| format!(r#"<a href="{href}" {REL}>{text}</a>"#);
    let a = to("https://a.example/x", "https://a.example/x");
    check("请看https://a.example/x，谢谢", &format!("<p>请看{a}，谢谢</p>"));
    check("（https://a.example/x）", &format!("<p>（{a}）</p>"));
    check("“https://a.example/x”。", &format!("<p>“{a}”。</p>"));
    let c = to("http://www.c.example", "www.c.example");
    check("见https://a.example/x，https://a.example/x。www.c.example！", &format!("<p>见{a}，{a}。{c}！</p>"));
    check("https://a.example/x.，", &format!("<p>{a}.，</p>"));
    check("https://a.example/x，ftp://b，javascript:x", &format!("<p>{a}，ftp://b，javascript:x</p>"));
    let tea = to("https://zh.example/%E8%8C%B6", "https://zh.example/茶");
    check("https://zh.example/茶，", &format!("<p>{tea}，</p>"));
}

#[test]
fn html_is_a_text() {
    check("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    check("a <b>bold</b> word", "<p>a &lt;b&gt;bold&lt;/b&gt; word</p>");
    check("<div>\nhello **you**\n</div>", "<p>&lt;div&gt;<br>\nhello **you**<br>\n&lt;/div&gt;</p>");
    check("a\n\nevent: x\ndata: y", "<p>a</p>\n<p>event: x<br>\ndata: y</p>");
}

/// OWASP's and mutation-XSS payloads (security.md X3, X8, X9, X10).
const HOSTILE: &[&str] = &[
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x]( javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "![x](x\" onerror=\"alert(1))",
    "![x](javascript:alert(1))",
    "[x](https://a.example \"t\\\" onmouseover=\\\"alert(1)\")",
    "<javascript:alert(1)>",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "[x]: javascript:alert(1)\n\n[x]",
    "```\"><script>alert(1)</script>\nx\n```",
    "```rust onclick=alert(1)\nx\n```",
    "``` \"onmouseover=alert(1)//\nx\n```",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<?php echo 1 ?>",
    "<a id=location name=body>x</a>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<details open ontoggle=alert(1)>",
    "@<svg onload=alert(1)>",
    "`<script>`",
    "**<img src=x onerror=alert(1)>**",
    "|<img src=x onerror=alert(1)>|\n|-|\n|<script>x</script>|",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u{feff}<script>alert(1)</script>",
    "a\u{2028}<script>alert(1)</script>",
];

/// Every tag and attribute of `html`, as a browser's tokenizer would meet them; text has no raw `<`.
fn assert_inert(body: &str) {
    let html = render(body);
    let tag = |tag: &str| {
        let name = tag.trim_start_matches('/').split([' ', '>']).next().unwrap_or_default();
        let allowed = [
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ];
        assert!(allowed.contains(&name), "{name:?} in {html:?} of {body:?}");
        let (inside, _) = tag.split_once('>').unwrap_or((tag, ""));
        let mut rest = inside.split_once(' ').map_or("", |(_, attributes)| attributes);
        while let Some((attribute, after)) = rest.split_once("=\"") {
            let allowed = ["href", "title", "target", "rel", "class", "start", "align", "tabindex"];
            assert!(allowed.contains(&attribute.trim()), "{attribute:?} in {html:?} of {body:?}");
            let (value, after) = after.split_once('"').unwrap_or((after, ""));
            if attribute.trim() == "href" {
                let safe = ["http://", "https://", "mailto:"].iter().any(|scheme| value.starts_with(scheme));
                assert!(safe, "{value:?} in {html:?} of {body:?}");
            }
            rest = after;
        }
        assert_eq!(rest, "", "{html:?} of {body:?}");
    };
    html.split('<').skip(1).for_each(tag);
    // What a browser makes of it is what was checked: another round changes nothing.
    assert_eq!(sanitise(&html), html, "{body:?}");
}

#[test]
fn attacks_are_inert() {
    HOSTILE.iter().for_each(|body| assert_inert(body));
}

/// The texts that cost most for their size, each as long as a body may be: repeated parts, and one that fills the rest
/// where it is repeated 0 times. What they cost is measured by `e2e/tests/markdown-cost.test.mjs`, on the release executable.
fn costly_texts() -> Vec<String> {
    let recipes: Vec<Vec<(String, usize)>> = serde_json::from_str(include_str!("costly.json")).unwrap();
    let part = |(text, times): &(String, usize)| match times {
        0 => text.repeat(BODY_MAX_BYTES / text.len()),
        times => text.repeat(*times),
    };
    let whole = |recipe: Vec<(String, usize)>| recipe.iter().map(part).collect::<String>();
    let cut = |text: String| text[..text.floor_char_boundary(BODY_MAX_BYTES)].to_owned();
    recipes.into_iter().map(whole).map(cut).collect()
}

#[test]
fn output_is_bounded() {
    for text in costly_texts() {
        let html = render(&text);
        let start = &text[..text.floor_char_boundary(16)];
        assert!(html.len() < 64 * BODY_MAX_BYTES, "{start:?}: {} bytes", html.len());
    }
}

#[test]
fn what_is_too_deep_is_plain_text() {
    let deep = format!("{}bottom\nnext <b>\n\nlast", "> ".repeat(100));
    let html = render(&deep);
    assert!(html.starts_with("<p>&gt; &gt;") && html.contains("bottom<br>\nnext &lt;b&gt;</p>\n<p>last</p>"), "{html}");
    assert!(render(&format!("{}bottom", "> ".repeat(10))).starts_with("<blockquote>"));
}

/// What is written of words alone, and what the allow-list makes of the same document.
fn both_ways(body: &str) -> Option<(String, String)> {
    let arena = Arena::new();
    let document = parse_document(&arena, body, &options(body));
    let words = words::html(document)?;
    tree::tame(&arena, document);
    Some((words, sanitise(&html_of(document))))
}

#[test]
fn most_messages_are_words() {
    let check = |body: &str| {
        let (words, long_way) = both_ways(body).unwrap_or_else(|| panic!("{body:?} goes the long way"));
        assert_eq!(words, long_way, "{body:?}");
    };
    check("");
    check("The **Longjing** is ready, who wants a cup? 龙井泡好了。");
    check("one\ntwo  \nthree\n\n*four* ***five*** ~~six~~ `a < b && c > d` \\*seven\\* \"eight\" 'nine' &nbsp;\u{a0}|");
    check(&format!("{}deep{}", "*a **b ~~".repeat(9), "~~ b** a*".repeat(9)));
    for other in ["# a", "- a", "> a", "<b>a</b>", "[a](https://a.example)", "https://a.example", "![a](b)", "a&#13;b"]
    {
        assert_eq!(both_ways(other), None, "{other:?}");
    }
}

/// Pieces of which words are made, and pieces that look like them.
const PIECES: &[&str] = &[
    "a",
    " ",
    "\n",
    "\n\n",
    "  \n",
    "\\\n",
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "~",
    "`",
    "``",
    "&",
    "&amp;",
    "<",
    ">",
    "\"",
    "'",
    "&nbsp;",
    "\u{a0}",
    "&#13;",
    "&#0;",
    "&#x85;",
    "\\*",
    "\\",
    "\t",
    "\0",
    "\r",
    "\u{85}",
    "\u{feff}",
    "\u{2028}",
    "注意：",
    "正文",
    "。",
    "é",
    "-",
    "1.",
    "#",
    "|",
    "=",
    "    ",
    "https://a.example",
    "www.b.example",
    "c@d.example",
    "<b>",
    "</p>",
    "<br>",
    "\u{c2}",
    "👩\u{200d}🦰",
];

proptest! {
    #[test]
    fn words_are_what_the_long_way_gives(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        if let Some((words, long_way)) = both_ways(&pieces.concat()) {
            prop_assert_eq!(words, long_way, "{:?}", pieces);
        }
    }

    #[test]
    fn any_text_is_inert(body in "[a-z<>&\"'=/\\[\\]()!*_`~#|\\n \\-:;.@\u{2028}注：]{0,120}") {
        assert_inert(&body);
        prop_assert_eq!(render(&body), render(&body));
    }

    #[test]
    fn any_mixture_of_attacks_is_inert(parts in prop::collection::vec(prop::sample::select(HOSTILE), 0..5)) {
        assert_inert(&parts.join(" "));
        assert_inert(&parts.join("\n\n> "));
    }
}
