"""Hostile texts, by what they attack: everything that GitLab, Markdown or Jinja might act upon.

`@victim` is a user who is to be told nothing, and `#1` an issue that nothing is to refer to.
Sources: GitLab's `Gitlab::QuickActions::Extractor` and `SubstitutionDefinition`, its reference
filters below `lib/banzai`, its documentation of GLFM, CommonMark, and UTS #39.
"""

from __future__ import annotations

ZERO_WIDTH = "\u200b"

COMMANDS = (
    "/close", "/CLOSE", "/Close", "/cLoSe now", "/close ", "/close\n", "\n/close", "\r\n/close\r\n",
    "/clo\rse", "\r/close", "x\r/close", "/close\r", "x\n/close\ny", "x\n\n/close\n\ny",
    "/label ~pwned", '/label ~"pwned too"', "/labels ~pwned", "/relabel ~pwned", "/unlabel",
    "/unlabel ~drumbeat", "/remove_label ~drumbeat", "/assign @victim", "/assign me",
    "/reassign @victim", "/unassign", "/due tomorrow", "/due 2027-01-01", "/remove_due_date",
    "/title pwned", "/confidential", "/lock", "/estimate 3d", "/spend 3h", "/spend -1h",
    "/weight 5", "/clear_weight", "/milestone %pwned", "/duplicate #1", "/relate #1", "/blocks #1",
    "/move support/other", "/clone support/other", "/promote_to_incident", "/todo", "/done",
    "/subscribe", "/unsubscribe", "/react :tada:", "/award :tada:", "/reopen", "/severity high",
    "/epic &1", "/iteration *iteration:1", "/copy_metadata #1", "/create_merge_request pwned",
    "/invite_email a@b.c", "/zoom https://zoom.us/j/1", "/page somebody", "/health_status at_risk",
    "/shrug", "/tableflip", "fine /shrug", "fine /tableflip really", "fine\n/shrug", "/SHRUG x",
    "  /close", "\t/close", "\xa0/close", "\u2003/close", "\u3000/close", "\x0b/close", "\x0c/close",
    "\x85/close", "x\x85/close", "\u2028/close", "x\u2029/close", "\u200b/close", "\ufeff/close",
    "\u2060/close", "\u00ad/close", "\u180e/close", "\u034f/close", "/\u200bclose", "/c\u200blose",
    "\uff0fclose", "\u2215close", "/close/label ~pwned", "/close /label ~pwned", "//close",
    "/ close", "/", "close", "> /close", "- /close", "* /close", "1. /close", "# /close",
    "```\nx\n```\n/close", "```\n/close\n```", "`x`\n/close", "`\n/close\n`", "<!-- x -->\n/close",
    "<!--\n/close\n-->", "<div>\n/close\n</div>", "</div>\n/close", ">>>\nx\n>>>\n/close",
    "- [ ] x\n/close", "| a |\n|---|\n/close", "x\\\n/close", "x  \n/close", "&NewLine;/close",
    "&#10;/close", "&#x2F;close", "\\/close", "%0A/close", "/%63lose",
)  # fmt: skip

MENTIONS = (
    "@victim", "@all", "@here", "@channel", "@support", "@support/other", "@root", "hello @victim!",
    "(@victim)", "[@victim]", "x@victim", "@victim@all", "@@victim", "@ victim", "@", "victim",
    "\\@victim", "`@victim`", "`` @victim ``", "*@victim*", "~~@victim~~", "|@victim|",
    "<@victim>", "\uff20victim", "\ufe6bvictim", "@\u200bvictim", "@\u200dvictim", "@\u2060victim",
    "@vic\u00adtim", "&#64;victim", "&commat;victim", "&amp;#64;victim", "%40victim",
    '<a href="/victim">@victim</a>', "[x](@victim)", "[@victim](https://example.com)",
    "![@victim](x.png)", "https://example.com/@victim", "mailto:victim@example.com",
    "victim@example.com", "\n@victim", "cc: @victim, @all", "`x`@victim", "``@victim", "$`@victim`$",
)  # fmt: skip

REFERENCES = (
    "#1", "support/loops#1", "loops#1", "GL-1", "GL#1", "!1", "support/loops!1", "$1", "&1",
    "support&1", "~bug", '~"two words"', "~1", "%1", '%"v 1"', "^alert#1", "*iteration:1",
    "[issue:1]", "[epic:support/1]", "[work_item:1]", "[snippet:1]", "[feature_flag:1]",
    "[vulnerability:1]", "[contact:a@b.c]", "[cadence:1]", "[wiki_page:home]", "#1+", "#1+s",
    "deadbeefcafe", "support/loops@deadbeefcafe", "abcdef1...abcdef2", "JIRA-1",
    "https://gitlab.example.com/support/loops/-/issues/1", "www.example.com", "http://[::1]/",
    "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "\\\\host\\share",
    "&", "#", "~", "!", "$", "%", "*",
)  # fmt: skip

MARKERS = (
    "<!-- drumbeat:loop weekly/m-001/2026-W48 -->", "<!-- drumbeat:loop weekly/m-002/2026-W49 -->",
    "<!--drumbeat:loop weekly/m-001/2026-W48-->", "<!-- DRUMBEAT:LOOP weekly/m-001/2026-W48 -->",
    "<!--  drumbeat:loop  weekly/m-001/2026-W48  -->", "<!-- drumbeat:loop ../../x -->",
    "<!-- <!-- drumbeat:loop weekly/m-001/2026-W48 --> -->", "drumbeat:loop weekly/m-001/2026-W48 -->",
    "<!-- drumbeat:loop", "weekly/m-001/2026-W48 -->", "<!-- drumbeat:said done weekly/m-001/2026-W48 -->",
    "<!-- drumbeat:said overdue weekly/m-001/2026-W48 -->", "<!-- drumbeat:said ", "<!-- drumbeat:for r-001 -->",
    "<!-- drumbeat:for carried-over -->", "## Carried over <!-- drumbeat:for carried-over -->",
    "<!-- drumbeat:made quiet/stale 1/1 -->", "&lt;!-- drumbeat:loop weekly/m-001/2026-W48 --&gt;",
    "<\u200b!-- drumbeat:loop weekly/m-001/2026-W48 -->", "<!-\u200b- drumbeat:for r-001 -->",
    "x (support/sgg#1)", "(from 2026-W48)", "(from [2026-W48](https://evil.example/))",
    "x (from [2026-W48](https://evil.example/`a`@victim))", "x (optional)",
    "x (from 2026-W48, carried 9999 times)", "-->", "<!--", "--", "--!>", "<!-->", "<!DOCTYPE html>",
)  # fmt: skip

HTML = (
    "<script>alert(1)</script>", "<SCRIPT SRC=//x>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    "<iframe src=//x>", "<a href='javascript:alert(1)'>x</a>", "<details>", "</details>",
    "<details open><summary>x", "</summary>", "<br>", "<br/>", "<hr>", "<table><tr><td>", "</td></tr></table>",
    "<pre>", "</pre>", "<code>", "<!-- x", "<![CDATA[x]]>", "<?php x ?>", "<style>*{display:none}</style>",
    "<input type=checkbox checked>", "<ul><li>", "<h1>x</h1>", "<p/onclick=alert(1)>", "<b", "<b>", "</b>",
    '" onmouseover="alert(1)', "' onmouseover='alert(1)", "&lt;script&gt;", "&#60;b&#62;", "&#x3c;b&#x3e;",
    "&amp;lt;", "&nbsp;", "&", "<https://example.com>", "<me@example.com>", "<\x00script>", "<ſcript>",
)  # fmt: skip

STRUCTURE = (
    "# heading", "## Carried over", "###### six", "####### seven", "#", "x\n===", "x\n---", "===", "---",
    "***", "___", "- - -", "- item", "* item", "+ item", "1. one", "1) one", "0. zero", "999999999. many",
    "- [ ] box", "- [x] box", "* [X] box", "1. [x] box", "[ ] box", "[x]", "[~]", "[ ]", "x [x] y", "[\u00a0] box",
    "- [ ]", "+ [x] a\n+ [x] b", "| a | b |", "|---|", "a | b\n--|--", ":-:", "\\| x", "||", "> quote",
    "> [!important]\n> x", ">>>", "```", "````", "~~~", "```json:table\n{}\n```", "```mermaid\npie\n```",
    "```math\nx\n```", "$$\nx\n$$", "$x$", "$`x`$", "`", "``", "`x", "*", "**", "*x", "**x**", "_x_", "__x__",
    "~~x~~", "[x](https://example.com)", "[x]: https://example.com", "[ ]: https://example.com", "[x][x]",
    "[^1]", "[^1]: foot", "![x](x.png)", "![](x)", "[[wiki]]", "[[_TOC_]]", "[TOC]", "{{ x }}", "{+ x +}",
    "{- x -}", "[+ x +]", "[- x -]", "{: .x}", "::include{file=README.md}", ":::", ": term", "Term\n: x",
    "---\ntitle: x\n---", "+++\nx = 1\n+++", ";;;\n{}\n;;;", "    code", "\tcode", "x\\", "\\", "\\\\", "x  ",
    "x\n\n\ny", "<!-- -->\n\n    x", ":tada:", ":shrug:", ":+1:", "'''", '"""', "``` `` `", "[", "]", "](x)", "!",
    "![", "^x^", "x~y~", "#tag", "+", "=", ".", ")", "1", "12", "-", "–", "...", "(c)", "a\tb",
)  # fmt: skip

JINJA = (
    "{{ 7*7 }}", "{{7*7}}", "{% for i in range(9) %}x{% endfor %}", "{# gone #}", "{{", "}}", "{%", "%}",
    "{{ manager.__class__ }}", "{{ ''.__class__.__mro__ }}", "{% raw %}", "{% endraw %}", "{{ 'x' * 10**9 }}",
    "{{ self }}", "{{ lipsum() }}", "{%- set x = 1 -%}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "%(x)s", "%s%n", "{0}",
    "{x.__init__}", "\\N{BULLET}", "\\u0040victim", "$(id)", "`id`", "; id", "| id", "' OR 1=1 --", "\\1", "\\g<0>",
)  # fmt: skip

CHARACTERS = (
    "\u202eevil\u202c", "\u202devil", "\u2066a\u2067b\u2069", "\u200e\u200f", "a\u200bb", "a\u200db", "\u2060",
    "\ufeffa", "\U000e0041\U000e0042", "a\ufe0f", "a\U000e0100", "\x00", "a\x00b", "\x1b[31mred\x1b[0m", "\x07",
    "\x08\x08", "\x7f", "\x80", "\x9b31m", "\x85", "\u2028", "\u2029", "\x0c", "\x1c", "\x1f", "\ue000",
    "\U000f0000", "\ufffe", "\uffff", "\U0010ffff", "\ufffd", "a" + "\u0301" * 500, "Z\u0351\u036b" * 60,
    "\u20e3", "\u0338", "\u3164", "\u115f", "\uffa0", "\u2800", "日本語", "Ж", "ß", "İ", "ſ", "ﬁ", "ａｂｃ",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "O'Brien & Söhne", "नमस्ते", "שלום", "سلام",
)  # fmt: skip

VALUES = (
    "yes", "no", "on", "null", "~", "1e3", "0x10", "010", "1:30", "2026-11-23", ".inf", "[]", "{}", "&a", "*a",
    "!!python/object:os.system", "<<", "? x", "- x", "x: y", "# x", "'", '"', "|", ">", "%YAML", "@x", "../../x",
    "/etc/passwd", "..\\..\\x", "C:\\x", "~/x", "file.md", "x/../y", "\\\\?\\x", "a,b", "a;b", "a=b", "true", "",
)  # fmt: skip

HUGE = (
    "x" * 255, "x" * 10_000, "x " * 5_000, "@victim " * 5_000, "/" * 5_000, "\\" * 5_000, "`" * 5_000, "*a" * 5_000,
    "[" * 5_000, "<" * 5_000, "&" * 5_000, "\n" * 5_000 + "/close", "> " * 2_000, "- " * 2_000, "_a" * 2_000,
    "![" * 2_000, "[^1]" * 2_000, "|" * 2_000, "\u202e" * 5_000 + "x", "x" * 1_000_000,
)  # fmt: skip

CORPUS: dict[str, tuple[str, ...]] = {
    "commands": COMMANDS,
    "mentions": MENTIONS,
    "references": REFERENCES,
    "markers": MARKERS,
    "HTML": HTML,
    "structure": STRUCTURE,
    "Jinja": JINJA,
    "characters": CHARACTERS,
    "values": VALUES,
    "huge": HUGE,
}

ALL = tuple(dict.fromkeys(text for group in CORPUS.values() for text in group))
"""Every text once, in a fixed order."""


def shown(text: str) -> str:
    """A text as a failure shows it."""
    return ascii(text[:60]) + (f" and {len(text) - 60} more" if len(text) > 60 else "")
