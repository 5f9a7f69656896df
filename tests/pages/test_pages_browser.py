"""The pages in a real browser: ticking, dragging, keys, colours, and no way in for scripts."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.pages.people import page_of

pytestmark = pytest.mark.browser


def checklist(space, **more):
    return space.issue(
        "Weekly", description="- [ ] first\n- [x] second\n- [~] third\n", **more
    )  # fmt: skip


def board(space, *labels):
    made = space.root.made(f"{space.path}/boards", name="Flow")
    for name in labels:
        label = space.label(name)
        space.root.made(f"{space.path}/boards/{made['id']}/lists", label_id=label["id"])
    return page_of(space, f"boards/{made['id']}")


def cards(page, name):
    return page.locator(f'.column[data-name="{name}"] .card')


# --- Boxes -----------------------------------------------------------------------------


def test_a_ticked_box_is_ticked_in_the_api_and_after_a_reload(space, window):
    issue = checklist(space)
    page = window(space.root.url, "root").page
    page.goto(issue["web_url"])
    box = page.get_by_role("checkbox", name="first")
    expect(box).not_to_be_checked()
    box.check()
    expect(page.locator("#about .tasks")).to_have_text("2 of 2 checklist items completed")
    page.reload()
    expect(page.get_by_role("checkbox", name="first")).to_be_checked()
    after = space.again(issue)
    assert after["description"] == "- [x] first\n- [x] second\n- [~] third"
    assert after["task_completion_status"] == {"count": 2, "completed_count": 2}
    assert after["updated_at"] > issue["updated_at"]
    assert space.notes(issue) == ["marked the checklist item **first** as completed"]
    expect(page.locator("#activity")).to_contain_text(
        "marked the checklist item first as completed"
    )


def test_boxes_are_ticked_with_the_keyboard_and_keep_the_focus(space, window):
    issue = checklist(space)
    page = window(space.root.url, "root").page
    page.goto(issue["web_url"])
    box = page.get_by_role("checkbox", name="second")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator("#about .tasks")).to_have_text("0 of 2 checklist items completed")
    expect(page.get_by_role("checkbox", name="second")).to_be_focused()
    expect(page.locator("#announce")).to_have_text("0 of 2 checklist items completed")


def test_two_boxes_in_quick_succession(space, window):
    issue = space.issue(description="- [ ] a\n- [ ] b\n- [ ] c")
    page = window(space.root.url, "root").page
    page.goto(issue["web_url"])
    for name in "abc":
        page.get_by_role("checkbox", name=name, exact=True).click()
    expect(page.locator("#about .tasks")).to_have_text("3 of 3 checklist items completed")
    assert space.again(issue)["description"] == "- [x] a\n- [x] b\n- [x] c"


def test_what_does_not_apply_cannot_be_ticked(space, window):
    issue = checklist(space)
    page = window(space.root.url, "root").page
    page.goto(issue["web_url"])
    expect(page.get_by_role("checkbox", name="third (inapplicable)")).to_be_disabled()


def test_a_box_is_made_inapplicable_by_editing(space, window):
    issue = checklist(space)
    page = window(space.root.url, "root").page
    page.goto(issue["web_url"])
    page.get_by_role("link", name="Edit").click()
    text = page.locator("#description")
    text.fill(text.input_value().replace("- [ ] first", "- [~] first"))
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("checkbox", name="first (inapplicable)")).to_be_disabled()
    assert space.again(issue)["task_completion_status"] == {"count": 1, "completed_count": 1}


def test_a_line_that_changed_meanwhile_is_not_ticked(space, window):
    issue = space.issue(description="- [ ] a\n- [ ] b")
    page = window(space.root.url, "root").page
    page.goto(issue["web_url"])
    space.root.put(space.at(issue), {"description": "- [ ] b\n- [ ] a"})
    page.get_by_role("checkbox", name="a", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Somebody changed that line")
    assert space.again(issue)["description"] == "- [ ] b\n- [ ] a"


def test_a_failure_is_told(space, window):
    issue = space.issue(description="- [ ] a")
    opened = window(space.root.url, "root")
    page = opened.page
    page.goto(issue["web_url"])
    opened.context.clear_cookies()
    page.get_by_role("checkbox", name="a", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("not from a page of yours")
    assert space.again(issue)["description"] == "- [ ] a"
    assert [one for one in opened.faults if "403" not in one] == []
    opened.faults.clear()


# --- Boards ----------------------------------------------------------------------------


def test_a_card_is_dragged_to_another_list(space, window):
    where = board(space, "todo", "doing")
    issue = space.issue("Drag me", labels="todo")
    page = window(space.root.url, "root").page
    page.goto(where)
    expect(cards(page, "todo")).to_have_count(1)
    page.locator(".card").drag_to(page.locator('.column[data-name="doing"]'))
    expect(page.locator("#announce")).to_have_text("Drag me: moved to doing")
    expect(cards(page, "doing")).to_have_count(1)
    assert space.again(issue)["labels"] == ["doing"]
    page.locator(".card").drag_to(page.locator('.column[data-name="Closed"]'))
    expect(page.locator("#announce")).to_have_text("Drag me: moved to Closed")
    after = space.again(issue)
    assert (after["state"], after["labels"]) == ("closed", [])


def test_a_card_is_moved_with_keys(space, window):
    where = board(space, "todo", "doing")
    issue = space.issue("Key", labels="todo")
    space.issue("Other", labels="doing")
    page = window(space.root.url, "root").page
    page.goto(where)
    page.locator(".card", has_text="Key").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#announce")).to_have_text("Key: moved to doing")
    expect(page.locator(".card", has_text="Key")).to_be_focused()
    assert space.again(issue)["labels"] == ["doing"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".card:focus")).to_have_count(1)
    page.locator(".card", has_text="Key").focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#announce")).to_have_text("Key: moved to todo")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card", has_text="Other")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card", has_text="Other")).to_be_focused()


def test_a_card_is_moved_by_its_menu(space, window):
    where = board(space, "todo", "doing")
    issue = space.issue("Menu", labels="todo")
    page = window(space.root.url, "root", java_script_enabled=False).page
    page.goto(where)
    page.locator(".card summary").click()
    page.locator(".card").get_by_role("button", name="doing").click()
    expect(cards(page, "doing")).to_have_count(1)
    assert space.again(issue)["labels"] == ["doing"]


def test_whoever_may_not_move_cards_cannot_pick_them_up(space, window):
    where = board(space, "todo")
    guest = space.member("guest")
    space.issue("Fixed", labels="todo")
    page = window(space.root.url, guest.user["username"]).page
    page.goto(where)
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".card[draggable]")).to_have_count(0)
    page.locator(".card").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(cards(page, "todo")).to_have_count(1)


# --- The demo's organisation -----------------------------------------------------------


def boards_of(demo):
    return demo.root.get(f"/projects/{demo.project('support/loops')}/boards", per_page=100)


def test_the_directors_boards_show(demo, window):
    page = window(demo.root.url, "dir-emea").page
    page.goto("/support/loops/-/boards")
    made = boards_of(demo)
    assert set(page.locator("a.title").all_inner_texts()) >= {one["name"] for one in made}
    mine = next(one for one in made if "Tomás Breathnach" in one["name"])
    assert any("Marguerite Okafor-Lindqvist" in one["name"] for one in made)
    page.get_by_role("link", name=mine["name"], exact=True).click()
    heads = page.locator(".column").evaluate_all("all => all.map(one => one.dataset.name)")
    assert heads == ["Open", *(one["label"]["name"] for one in mine["lists"]), "Closed"]
    everyone = page.locator('.card:has-text("2026-W48")').count()
    page.goto(page.url + "?label_name[]=director%3A%3Adir-emea")
    assert 0 < page.locator('.card:has-text("2026-W48")').count() < everyone


PAGES = {
    "dashboard": "/",
    "group": "/groups/support",
    "issues": "/support/loops/-/issues?state=all",
    "issue": "/support/loops/-/issues/1",
    "initiative": "/support/sgg/baobab/-/issues/1",
    "new": "/support/sgg/baobab/-/issues/new",
    "edit": "/support/loops/-/issues/1/edit",
    "labels": "/support/loops/-/labels",
    "boards": "/support/loops/-/boards",
    "sign in": "/users/sign_in",
}


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_accessibility_fault(demo, window, scheme, width):
    opened = window(
        demo.root.url, "mgr-emea-1", color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    board = f"/support/loops/-/boards/{boards_of(demo)[0]['id']}"
    for name, path in [*PAGES.items(), ("board", board)]:
        opened.page.goto(path)
        opened.page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
        found = Axe().run(opened.page).response["violations"]
        grave = [
            (one["id"], [node["html"] for node in one["nodes"]][:3])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert grave == [], name
        wider = opened.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{name} is wider than the window"


# --- Scripts that others would like to run ---------------------------------------------

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea></title><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "[a](javascript:alert(1)) <javascript:alert(1)> ![x](https://evil.example/x.png)",
    "<a href='jav&#x09;ascript:alert(1)'>x</a><iframe srcdoc='<script>alert(1)</script>'>",
    "`</code><script>alert(1)</script>`",
    "<!-- --><script>alert(1)</script>",
)


def test_no_text_runs(space, window):
    root = space.root
    evil = ATTACKS[1]
    person = space.someone("visitor")
    root.put(f"/users/{person.user['id']}", {"name": evil})
    root.put(space.path, {"description": evil, "name": "x" + ATTACKS[0]})
    issues = []
    for text in ATTACKS:
        name = re.sub(r"[,?&]", "", text)[:200]
        root.post(f"{space.path}/labels", {"name": name, "color": "#428BCA", "description": text})
        body = f"- [ ] {text}\n\n{text}\n\n| a |\n|--|\n| [ ] {text} |\n"
        issues.append(space.issue(text, description=body, labels=name))
        root.made(space.at(issues[-1], "/notes"), body=text)
    made = root.made(f"{space.path}/boards", name=evil)
    opened = window(root.url, "root")
    opened.page.add_init_script("window.alert = () => console.error('a script ran')")
    paths = ["issues?state=all", "labels", "boards", f"boards/{made['id']}"]
    paths += [f"issues/{one['iid']}{tail}" for one in issues for tail in ("", "/edit")]
    for path in paths:
        opened.page.goto(page_of(space, path))
        assert opened.page.locator("main script, main img, main iframe, main svg").count() == 0
    for text, issue in zip(ATTACKS, issues, strict=True):
        opened.page.goto(page_of(space, f"issues/{issue['iid']}"))
        expect(opened.page.locator("h1").first).to_have_text(text)
    opened.page.goto(f"/users/sign_in?search={person.user['username']}")
    expect(opened.page.locator(f'button[value="{person.user["username"]}"]')).to_contain_text(evil)
    opened.page.goto(page_of(space, f"issues?search={evil}&author_username={evil}"))
    expect(opened.page.locator("input[name=search]")).to_have_value(evil)
