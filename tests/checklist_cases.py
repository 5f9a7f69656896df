"""Descriptions, the boxes that current GitLab finds in them, and how that is known.

`marks` has one letter per box, in the order of the rendering: `o` for `[ ]`, `x` for `[x]`,
`~` for `[~]`. GitLab counts `o` and `x`, and `x` as completed. Sources:

- docs: GitLab's documentation, "GitLab Flavored Markdown", "Task lists".
- taskable: GitLab's `spec/models/concerns/taskable_spec.rb`.
- filter: GitLab's `spec/lib/banzai/filter/task_list_filter_spec.rb`.
- glfm: the gem gitlab-glfm-markdown, `render_task_item`; GitLab's engine options.
- comrak: what comrak does with GitLab's options, run.
- spec: CommonMark or GitHub's extension for task lists; the block is no list item there.
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """One description. `marks` as above, `why` is the source or the reason."""

    name: str
    markdown: str
    marks: str
    why: str


CASES = [
    # --- bullets and numbers ---
    Case("empty", "", "", "taskable: a blank description has no tasks"),
    Case("no list", "Just words.", "", "spec"),
    Case("dash", "- [ ] a", "o", "docs"),
    Case("star", "* [ ] a", "o", "taskable"),
    Case("plus", "+ [ ] a", "o", "taskable"),
    Case("number with point", "1. [ ] a", "o", "taskable"),
    Case("number with parenthesis", "2) [x] a", "x", "taskable"),
    Case("any number", "1986. [x] a", "x", "spec: up to nine digits"),
    Case("ten digits", "1234567890. [x] a", "", "spec: more than nine digits are no list"),
    Case("no bullet", "[ ] a", "", "spec: a paragraph"),
    Case("no blank after the bullet", "-[ ] a", "", "spec: a paragraph"),
    Case("wide gap", "-    [ ] a", "o", "spec: up to four blanks after the bullet"),
    Case("five blanks", "-     [ ] a", "", "spec: indented code in a list item"),
    Case("tab after the bullet", "-\t[ ] a", "o", "spec: a tab is a blank"),
    Case("three blanks before", "   - [ ] a", "o", "spec: less than four"),
    Case("two lists", "- [ ] a\n- [x] b\n* [x] c\n* [ ] d", "oxxo", "taskable"),
    Case("mixed with plain items", "- a\n- [x] b\n- c", "x", "comrak"),
    Case("blank lines between", "- [ ] a\n\n- [x] b\n", "ox", "comrak: a loose list"),
    Case("list right after a paragraph", "Do:\n- [ ] a", "o", "spec: a bullet interrupts"),
    Case("number 2 after a paragraph", "Do:\n2. [ ] a", "", "spec: only 1 interrupts"),
    Case("number 1 after a paragraph", "Do:\n1. [ ] a", "o", "spec: 1 interrupts"),
    Case("windows line ends", "- [ ] a\r\n- [x] b\r\n", "ox", "spec: CR LF ends a line"),
    Case("old line ends", "- [ ] a\r- [x] b", "ox", "spec: CR ends a line"),
    # --- what stands in the brackets ---
    Case("lower x", "- [x] a", "x", "docs"),
    Case("upper x", "- [X] a", "x", "glfm: x and X"),
    Case("tilde", "- [~] a", "~", "docs: inapplicable"),
    Case("only inapplicable", "- [~] a\n- [~] b", "~~", "docs: left out of both counts"),
    Case("tilde in mid-text", "- foo [~] bar", "", "filter"),
    Case("tilde before emphasis", "- [~] foo *bar*", "~", "filter"),
    Case("question mark", "- [?] a", "", "glfm: unsupported symbols show no checkbox"),
    Case("minus", "- [-] a\n- [ ] b", "o", "glfm: unsupported symbols show no checkbox"),
    Case("check mark", "- [✓] a", "", "glfm: unsupported symbols show no checkbox"),
    Case("cyrillic ha", "- [х] a", "", "glfm: not the Latin x"),
    Case("below an unsupported symbol", "- [?] a\n  - [x] b", "x", "comrak"),
    Case("no-break space", "+ [\u00a0] a", "o", "taskable"),
    Case("figure space", "+ [\u2007] a", "o", "taskable"),
    Case("narrow no-break space", "+ [\u202f] a", "o", "taskable"),
    Case("thin space", "+ [\u2009] a", "o", "taskable"),
    Case("em space", "- [\u2003] a", "o", "docs: Unicode spaces"),
    Case("tab", "- [\t] a", "o", "the filter's [[:space:]] has the tab"),
    Case("zero-width space", "- [\u200b] a", "", "it is no space in Unicode's categories"),
    Case("two blanks", "- [  ] a", "", "spec: one character"),
    Case("nothing", "- [] a", "", "spec: one character"),
    Case("x and blank", "- [x ] a", "", "spec: one character"),
    Case("lone surrogate", "- [\ud800] a\n- [x] b", "x", "JSON can bring it; it is no symbol"),
    # --- what stands after them ---
    Case("no blank after", "- [x]a", "", "filter: followed by whitespace"),
    Case("tab after", "- [x]\ta", "x", "filter: followed by whitespace"),
    Case("no-break space after", "- [x]\u00a0a", "", "comrak: an ASCII blank is wanted"),
    Case("nothing after", "- [ ]", "o", "comrak: the end of the line will do"),
    Case("text on the next line", "- [ ]\n  a", "o", "comrak"),
    Case("link", "- [x](https://example.org) a", "", "spec: a link"),
    Case("reference link", "- [x][1] a\n\n[1]: https://example.org", "", "spec: a link"),
    Case("link after the box", "- [x] [a](b)", "x", "comrak"),
    Case("comment after the box", "- [ ] <!-- c --> a", "o", "comrak"),
    Case("two boxes in one item", "- [ ] [x] a", "o", "comrak: the first only"),
    Case("quick action as text", "- [ ] /close", "o", "comrak: text like any other"),
    # --- where the box stands in the item ---
    Case("mid-text", "- a [x] b", "", "spec: the item's first thing"),
    Case("second line", "- foo\n  [ ] bar", "", "filter: ignores a checkbox on the following line"),
    Case("second paragraph", "- foo\n\n  [ ] bar", "", "spec: the item's first thing"),
    Case("bullet on a line of its own", "-\n  [ ] a", "o", "comrak: still the first thing"),
    Case("bold", "- **[ ] a**", "", "spec: the item begins with emphasis"),
    Case("code span", "- `[ ]` a", "", "spec: the item begins with code"),
    Case("escaped", "- \\[ ] a", "", "spec: an escaped bracket"),
    Case("after a comment", "- <!-- c --> [ ] a", "", "spec: an HTML block to the line's end"),
    Case("heading in an item", "- # [ ] a", "", "spec: the item begins with a heading"),
    Case("quote in an item", "- > [ ] a", "", "spec: the quote is no list"),
    # --- nesting ---
    Case("nested", "- [x] a\n  - [ ] b\n    - [~] c", "xo~", "docs"),
    Case("nested below a plain item", "- a\n  - [x] b", "x", "docs"),
    Case("nested in a number", "1. [ ] a\n   - [x] b", "ox", "docs"),
    Case("bullets in one line", "- - [ ] a", "o", "taskable: list prefix, one or more"),
    Case("too little indented", "1. [ ] a\n - [x] b", "ox", "spec: a list of its own"),
    Case("quoted", "> - [ ] a\n> - [x] b", "ox", "taskable: optional quote characters"),
    Case("quoted twice", "> > - [ ] a", "o", "taskable: optional quote characters"),
    Case("quoted without blank", ">- [ ] a", "o", "spec"),
    Case("multi-line quote", ">>>\n- [x] a\n>>>", "x", "glfm: multiline_block_quotes"),
    Case("alert", "> [!note]\n> - [ ] a", "o", "glfm: alerts"),
    Case("description list", "Term\n\n: - [ ] a", "o", "glfm: description_lists"),
    Case("footnote", "a[^1]\n\n[^1]: - [x] b", "x", "glfm: footnotes, rendered at the end"),
    Case("footnote nobody refers to", "a\n\n[^1]: - [x] b", "", "comrak: it is not rendered"),
    # --- tables ---
    Case("table cell", "| a | b |\n|---|---|\n| [ ] | c |", "o", "glfm: tasklist_in_table"),
    Case("table, two cells", "| a | b |\n|---|---|\n| [x] | [~] |", "x~", "glfm"),
    Case("table, more text", "| a | b |\n|---|---|\n| [x] c | d |", "", "comrak: the cell's all"),
    Case("table, odd symbol", "| a |\n|---|\n| [?] |", "", "glfm: unsupported symbols"),
    Case("table without a rule", "| [ ] | a |", "", "spec: no table"),
    Case("table in a quote", "> | a |\n> |---|\n> | [x] |", "x", "comrak"),
    # --- what is no list ---
    Case("backtick fence", "```\n- [ ] a\n```", "", "taskable"),
    Case("tilde fence", "~~~\n- [ ] a\n~~~", "", "spec: a fence too"),
    Case("open fence", "```\n- [ ] a", "", "spec: code to the end"),
    Case("fence in an item", "- [x] a\n  ```\n  - [ ] b\n  ```", "x", "spec"),
    Case("shorter closing fence", "````\n```\n- [ ] a\n````\n- [x] b", "x", "spec"),
    Case("indented code", "Code:\n\n    - [ ] a", "", "docs: code"),
    Case("indented by a tab", "Code:\n\n\t- [ ] a", "", "docs: code"),
    Case("code across lines", "`\n- [ ] a`", "o", "spec: blocks come before spans"),
    Case("comment", "<!-- a\n- [ ] b\n c -->\n\n+ [ ] d", "o", "taskable"),
    Case("comment on one line", "<!-- a -->\n\n- [ ] b\n\n<!-- c -->", "o", "taskable"),
    Case(
        "comment right before", "<!-- a -->\n- [ ] b", "o", "spec: the comment ends with its line"
    ),
    Case("blank line in a comment", "<!--\n\n- [ ] a\n\n-->", "", "spec: to the closing mark"),
    Case(
        "details", "<details>\n<summary>a</summary>\n\n- [ ] b\n\n</details>", "o", "taskable: HTML"
    ),
    Case(
        "details without a blank line", "<details>\n- [ ] b\n</details>", "", "spec: an HTML block"
    ),
    Case("pre", "<pre>\n\n- [ ] a\n\n</pre>", "", "spec: an HTML block to </pre>"),
    Case("front matter", "---\n- [ ] a\n---\n- [x] b", "x", "GitLab's FrontMatterFilter: code"),
    Case("math fence", "```math\n- [ ] a\n```", "", "spec: a fence"),
    Case("rule", "- [ ] a\n***\n- [x] b", "ox", "spec: two lists"),
    # --- link reference definitions ---
    Case("definition of x", "- [x] a\n\n[x]: https://example.org", "", "comrak: links"),
    Case("definition of X", "- [X] a\n- [ ] b\n\n[x]: c", "o", "comrak: labels ignore case"),
    Case("definition of tilde", "- [~] a\n- [x] b\n\n[~]: c", "x", "comrak: links"),
    Case("definition in the item", "- [x]: a\n- [ ] b", "o", "comrak: a definition, no text"),
    Case("definition in code", "- [x] a\n\n```\n[x]: b\n```", "x", "spec: no definition"),
    Case("definition of a blank", "- [ ] a\n\n[ ]: b", "o", "spec: a label is not blank"),
]
