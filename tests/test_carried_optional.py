"""What was optional is carried as such."""

from __future__ import annotations

import pytest

from automation.carry_over import HEADING, Origin, carried_items, carried_over
from automation.checklist import is_optional, read

W47 = Origin("2026-W47", "https://gitlab.example.com/a/b/-/issues/7")
W48 = Origin("2026-W48", "https://gitlab.example.com/a/b/-/issues/8")


def carried(text: str, *optional: str) -> list[str]:
    return [one.text for one in carried_over("", [(text, W47)], optional)]


@pytest.mark.parametrize(
    ("markdown", "optional", "texts"),
    [
        ("- [ ] a (optional)", (), ["a (optional)"]),
        ("# X\n- [ ] a **(Optional)**", (), ["X: a (Optional)"]),
        ("# X (optional)\n- [ ] a", (), ["X (optional): a (optional)"]),
        ("# X (optional)\n## Y\n- [ ] a", (), ["Y: a (optional)"]),
        ("# X\n- [ ] a\n# Y\n- [ ] b", ("y",), ["X: a", "Y: b (optional)"]),
        ("# X\n- [ ] a (optional) but not quite", (), ["X: a (optional) but not quite"]),
    ],
)
def test_an_item_says_itself_that_it_is_optional(markdown, optional, texts):
    assert carried(markdown, *optional) == texts


def test_it_says_so_however_long_it_is_and_however_often_it_is_carried():
    (first,) = carried_over("", [(f"# X (optional)\n- [ ] {'a' * 600}", W47)])
    text = f"{HEADING}\n\n{first.line}\n"
    (second,) = carried_over("", [(text, W48)])
    assert second.text == first.text
    assert second.times == 2
    for one in (first, second):
        (item,) = carried_items(read(f"{HEADING}\n\n{one.line}\n"))
        assert is_optional(item.text)


def test_items_have_the_text_that_they_had_before():
    line = "- [x] a (from [2026-W47](https://gitlab.example.com/a/b/-/issues/7), carried 3 times)"
    text = f"- [ ] own\n\n{HEADING}\n\n{line}\n- [ ] added by hand\n"
    assert [item.text for item in carried_items(read(text))] == ["a", "added by hand"]
    assert carried_items(read("- [ ] own")) == ()
