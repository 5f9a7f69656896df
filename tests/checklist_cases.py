"""Descriptions, the boxes that current GitLab finds in them, and how that is known.

`marks` has one letter per box, in the order of the rendering: `o` for `[ ]`, `x` for `[x]`,
`~` for `[~]`. GitLab counts `o` and `x`, and `x` as completed. Where it is written:

- docs: GitLab's documentation, "GitLab Flavored Markdown", "Task lists" (doc/user/markdown.md).
- taskable: GitLab's spec/models/concerns/taskable_spec.rb, and the regular expressions of older
  versions of app/models/concerns/taskable.rb where it names a prefix.
- filter: GitLab's spec/lib/banzai/filter/task_list_filter_spec.rb, or the filter itself,
  lib/banzai/filter/task_list_filter.rb.
- glfm: the gem gitlab-glfm-markdown, `render_task_item`, and GitLab's options for it in
  lib/banzai/filter/markdown_engines/glfm_markdown.rb.
- merge, issue: of the project gitlab-org/gitlab; "(foss)": of gitlab-org/gitlab-foss.
- spec: CommonMark 0.31, with its section where there is a number, or GitHub's extension for task
  lists; the block is no list item there. GitHub's tables: section 4.10 of GitHub's specification.
- comrak: what comrak does with GitLab's options, run. Nobody has written it down.
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
    # --- whole texts, as GitLab's own tests and authors have them ---
    Case(
        "the example of GitLab's test",
        "Any text before the list\n- [ ] First item\n- [x] Second item\n* [x] Third item\n"
        "* [ ] **Fourth** item\n* [~] Inapplicable item\n\n<!-- a comment\n- [ ] In comment\n"
        " rest of comment -->\n\n+ [ ] a\n\n```\n- [ ] In code\n```\n\n1. [ ] b\n2) [x] c",
        "oxxo~oox",
        "taskable: `.get_tasks`, but for `[~]`, which it leaves out",
    ),
    Case(
        "the table of GitLab's test",
        "|     | Action | When |\n| --- | --- | --- |\n| [ ] | Do | Soon |\n| [x] | Don't | **Now** |",
        "ox",
        "taskable: with table task items",
    ),
    Case(
        "three forms of a box",
        "- [x] Completed\n- [~] Inapplicable\n- [ ] Incomplete\n  - [x] 1\n  - [~] 2\n  - [ ] 3",
        "x~ox~o",
        "docs: a box inside is not what the one around it is",
    ),
    Case(
        "numbered, in three forms",
        "1. [x] Completed\n1. [~] Inapplicable\n1. [ ] Incomplete\n   1. [x] 1\n   1. [~] 2",
        "x~ox~",
        "docs: numbered lists",
    ),
    Case(
        "inapplicable around others",
        "- [~] a\n  - [~] b\n  - [x] c\n- [ ] d\n  - [ ] e",
        "~~xoo",
        "merge 85982: the items inside keep a state of their own",
    ),
    Case(
        "code between the items",
        "- [~] a\n\n  ```ruby\n  x = 1\n  ```\n\n  Below is\n\n  - [x] b\n\n    ```\n    - [ ] c\n    ```\n\n  - [ ] d",
        "~xo",
        "merge 198758: a loose list with code in it",
    ),
    Case("numbered and loose", "1. [ ] a\n\n1. [x] b\n\n1. [ ] c", "oxo", "issue 585060: boxes"),
    Case("numbers inside bullets", "- [x] a\n  1. [x] b\n  2. [ ] c", "xxo", "issue 31483 (foss)"),
    Case("bullets inside numbers", "1. [ ] a\n   - [x] b\n   - [ ] c", "oxo", "issue 31483 (foss)"),
    Case("mixed with plain sublists", "- [ ] a\n  - b\n  - c\n- [x] d", "ox", "issue 3921 (foss)"),
    # --- more of CommonMark ---
    Case("number zero", "0. [ ] a", "o", "spec 5.2: a number may begin with 0"),
    Case("leading zeros", "007. [x] a", "x", "spec 5.2: a number may begin with 0"),
    Case("negative number", "-1. [x] a", "", "spec 5.2: no sign before a number"),
    Case("letter for a number", "a. [x] b", "", "spec 5.2: digits only"),
    Case("four blanks before", "    - [ ] a", "", "spec 4.4: indented code"),
    Case("lazy line", "> - [ ] a\nb", "o", "spec 5.1: laziness"),
    Case("lazy box", "> - [ ] a\n- [x] b", "ox", "spec 5.1: a bullet is not lazy"),
    Case("heading with a box", "# [x] a", "", "spec 4.2: a heading is no list item"),
    Case("underlined", "- [ ] a\n===", "o", "spec 4.3: `===` outside of the item is lazy text"),
    Case("underlined inside", "- [ ] a\n  ---\n- [x] b", "x", "spec 4.3: then it is a heading"),
    Case("rule of dashes", "- - -\n- [x] a", "x", "spec 4.1: a thematic break goes first"),
    Case("rule in an item", "- * * *\n- [ ] a", "o", "spec 4.1: a thematic break in an item"),
    Case(
        "indented by a tab inside", "- [ ] a\n\t- [x] b", "ox", "spec 2.2: a tab goes to column 4"
    ),
    Case("text at the margin between", "- [x] a\n\nText\n\n- [ ] b", "xo", "spec 5.3: two lists"),
    Case(
        "two blank lines inside",
        "- [x] a\n\n\n  - [ ] b",
        "xo",
        "spec 5.2: blank lines may be many",
    ),
    Case(
        "empty item, then blank line",
        "-\n\n  [ ] a",
        "",
        "spec 5.2: it may begin with one blank line",
    ),
    Case("script", "<script>\n- [ ] a\n</script>\n- [x] b", "x", "spec 4.6: kind 1, to its end"),
    Case("processing instruction", "<?\n\n- [ ] a\n\n?>\n\n- [x] b", "x", "spec 4.6: kind 3"),
    Case("CDATA", "<![CDATA[\n\n- [ ] a\n\n]]>\n\n- [x] b", "x", "spec 4.6: kind 5"),
    Case("inline HTML before a list", "<b>a</b>\n- [ ] b", "o", "spec 4.6: kind 7 cannot be it"),
    Case(
        "div with a blank line",
        "<div>\n\n- [x] a\n\n</div>",
        "x",
        "spec 4.6: kind 6, to a blank line",
    ),
    Case(
        "comment that never ends", "- [x] a\n\n<!--\n- [ ] b", "x", "spec 4.6: kind 2, to the end"
    ),
    Case(
        "comment in an item",
        "- [x] a\n  <!--\n  - [ ] b\n  -->",
        "x",
        "spec 4.6: kind 2 interrupts",
    ),
    Case("fence of another sign", "```\n~~~\n- [ ] a\n```\n- [x] b", "x", "spec 4.5: same sign"),
    Case("fence with backticks in its info", "``` a`b\n- [ ] c", "o", "spec 4.5: that is no fence"),
    Case(
        "fence ends with its item",
        "- ```\n  - [ ] a\n- [x] b",
        "x",
        "spec 4.5: the container ends it",
    ),
    Case("quoted fence ends with its quote", "> ```\n> - [ ] a\n\n- [x] b", "x", "spec 4.5"),
    Case("entity for a bracket", "- &#91;x] a", "x", "comrak: entities are resolved before"),
    Case("entity for a blank", "- [&#32;] a", "o", "comrak: entities are resolved before"),
    Case("entity for the symbol", "- [&#120;] a", "x", "comrak: entities are resolved before"),
    Case("byte order mark", "\ufeff- [x] a", "x", "comrak: left out at the beginning"),
    Case("null character", "- [x] a\0b\n- [ ] c", "xo", "spec 2.3: it is replaced"),
    Case(
        "form feed in the brackets", "- [\f] a", "o", "the filter's [[:space:]] has the form feed"
    ),
    Case("ideographic space", "- [\u3000] a", "o", "docs: Unicode spaces"),
    Case("combining mark", "- [x\u0301] a", "", "spec: one character"),
    Case("full-width brackets", "- ［x］ a", "", "spec: ASCII brackets"),
    Case("footnote after the box", "- [x] [^1]\n\n[^1]: a", "x", "glfm: footnotes"),
    Case("box named like a footnote", "- [^x] a\n\n[^x]: b", "", "glfm: footnotes"),
    # --- more tables ---
    Case("table header", "| [ ] |\n|---|\n| [x] |", "ox", "filter: `th` is a task table item, too"),
    Case("table, upper x", "| a |\n|---|\n| [X] |", "x", "glfm: x and X"),
    Case(
        "table without outer bars",
        "a | b\n--|--\n[ ] | c",
        "o",
        "GitHub's tables: outer bars are optional",
    ),
    Case(
        "table, cell too many",
        "| a |\n|---|\n| [x] | [ ] |",
        "x",
        "GitHub's tables: the excess is ignored",
    ),
    Case(
        "table, cell missing",
        "| a | b |\n|---|---|\n| [x] |",
        "x",
        "GitHub's tables: empty cells are added",
    ),
    Case(
        "table, bullet in a cell",
        "| a |\n|---|\n| - [ ] b |",
        "",
        "GitHub's tables: no blocks in cells",
    ),
    Case("table in an item", "- [x] a\n\n  | b |\n  |---|\n  | [ ] |", "xo", "comrak"),
    Case("table, escaped bar", "| a | b |\n|---|---|\n| [ ] | c \\| [x] |", "o", "GitHub's tables"),
    Case(
        "table ends at a blank line",
        "| a |\n|---|\n\n| [x] |",
        "",
        "GitHub's tables: the first empty line",
    ),
]

_RAW = '<input type="checkbox" class="task-list-item-checkbox">'

DIFFERENT = [
    (
        f'<table><td class="task-table-item">{_RAW}</td></table>',
        (1, 0),
        "taskable: with pathological input; the box is in the HTML that a person wrote",
    ),
    (
        "~~~\n- [ ] a\n~~~\n- [x] b",
        (2, 1),
        "older GitLab: the regular expression of its taskable.rb knew no such fence",
    ),
]
"""Where GitLab's counts (all, completed) differ from what is read here: nothing is decided then."""
