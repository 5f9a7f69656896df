"""Groups, projects, labels and boards."""

from __future__ import annotations

import pytest

from automation.sandbox.shapes.places import text_color


def test_groups_nest(space, root):
    top = space.group
    sub = root.made("/groups", name="Sub", path="sub", parent_id=top["id"], description="d")
    deep = root.made("/groups", name="Deep", path="deep", parent_id=sub["id"])
    assert deep["full_path"] == f"{top['path']}/sub/deep"
    assert deep["full_name"] == f"{top['name']} / Sub / Deep"
    assert deep["web_url"] == f"{root.url}/groups/{deep['full_path']}"
    at = f"/groups/{top['id']}"
    assert [g["id"] for g in root.get(f"{at}/subgroups").json()] == [sub["id"]]
    assert [g["id"] for g in root.get(f"{at}/descendant_groups").json()] == [deep["id"], sub["id"]]
    by_path = root.get(f"{at}/descendant_groups", {"order_by": "path", "sort": "desc"}).json()
    assert [g["path"] for g in by_path] == ["sub", "deep"]
    low = root.made("/projects", name="low", path="low", namespace_id=deep["id"])
    assert [p["id"] for p in root.get(f"{at}/projects").json()] == [space.project["id"]]
    both = root.get(f"{at}/projects", {"include_subgroups": True, "order_by": "id", "sort": "asc"})
    assert [p["id"] for p in both.json()] == [space.project["id"], low["id"]]
    found = root.get(
        f"{at}/projects",
        {
            "include_subgroups": True,
            "search": "lo",
            "simple": True,
            "archived": False,
            "visibility": "private",
        },
    ).json()
    assert [p["id"] for p in found] == [low["id"]]
    assert "permissions" not in found[0]
    shown = root.get(at).json()
    assert [p["id"] for p in shown["projects"]] == [space.project["id"]]
    assert "projects" not in root.get(at, {"with_projects": "false"}).json()
    space.issue()
    issue = root.made(f"/projects/{low['id']}/issues", title="deep")
    assert root.get(f"{at}/issues").json()[0]["id"] == issue["id"]
    assert len(root.get(f"{at}/issues").json()) == 2


def test_listing_groups(space, root):
    owner = space.someone()
    mine = owner.made("/groups", name="mine", path=f"mine-{owner.user['username']}")
    assert [g["id"] for g in owner.get("/groups", {"search": "mine-"}).json()] == [mine["id"]]
    assert [g["id"] for g in owner.get("/groups", {"owned": True}).json()] == [mine["id"]]
    assert owner.get("/groups", {"min_access_level": 50}).json()[0]["id"] == mine["id"]
    tops = root.get("/groups", {"top_level_only": True, "search": mine["path"]}).json()
    assert [g["id"] for g in tops] == [mine["id"]]


def test_changing_and_deleting_groups(space, root):
    at = f"/groups/{space.group['id']}"
    space.label("x", where="group")
    issue = space.issue(labels="x")
    root.made(space.at(issue, "/notes"), body="n")
    changed = root.put(at, {"name": "New", "description": "d", "visibility": "internal"}).json()
    assert (changed["name"], changed["description"], changed["visibility"]) == (
        "New",
        "d",
        "internal",
    )
    gone = root.delete(at)
    assert (gone.status_code, gone.json()) == (202, {"message": "202 Accepted"})
    assert root.get(at).status_code == 404
    assert root.get(space.path).status_code == 404


def test_groups_that_cannot_be_made(space, root):
    path = space.group["path"]
    taken = root.post("/groups", {"name": "x", "path": path.upper()})
    assert "has already been taken" in taken.json()["message"]
    sub = {"name": "x", "path": "y", "parent_id": space.group["id"]}
    assert space.member("owner").post("/groups", sub).status_code == 403
    assert root.post("/groups", sub | {"parent_id": 99999}).status_code == 404
    assert root.post("/groups", {"path": "x"}).json() == {"error": "name is missing"}


def test_namespaces(space, root):
    person = space.someone()
    own = person.get(f"/namespaces/{person.user['username']}").json()
    assert own["kind"] == "user"
    other = space.someone()
    assert other.get(f"/namespaces/{person.user['username']}").json() == {
        "message": "404 Namespace Not Found"
    }


def test_a_project_in_full(space, root):
    shown = root.get(space.path).json()
    assert shown["path_with_namespace"] == f"{space.group['path']}/{space.project['path']}"
    assert shown["name_with_namespace"] == f"{space.group['name']} / {space.project['name']}"
    assert shown["namespace"]["kind"] == "group"
    assert shown["issues_enabled"] is True
    assert shown["archived"] is False
    assert shown["visibility"] == "private"
    assert shown["web_url"] == f"{root.url}/{shown['path_with_namespace']}"
    assert shown["open_issues_count"] == 0
    space.issue()
    assert root.get(space.path).json()["open_issues_count"] == 1


def test_projects_of_ones_own(space):
    person = space.someone()
    made = person.made("/projects", name="My Thing", description="<b>")
    assert made["path_with_namespace"] == f"{person.user['username']}/my-thing"
    assert made["permissions"]["project_access"]["access_level"] == 50
    assert made["permissions"]["group_access"] is None
    assert made["owner"]["id"] == person.user["id"]
    assert made["description_html"] == "<p>&lt;b&gt;</p>"
    assert [p["id"] for p in person.get("/projects", {"owned": True}).json()] == [made["id"]]


def test_projects_that_cannot_be_made(space, root):
    body = {"name": "x", "namespace_id": space.group["id"]}
    assert space.member("reporter").post("/projects", body).json() == {
        "message": {"namespace": ["is not valid"]}
    }
    assert root.post("/projects", body | {"namespace_id": 99999}).status_code == 400
    assert root.post("/projects", body | {"visibility": "public"}).json() == {
        "message": {"visibility_level": ["public is not allowed in a private group."]}
    }
    taken = root.post("/projects", body | {"path": space.project["path"]})
    assert taken.json()["message"]["path"] == ["has already been taken"]
    assert root.post("/projects", {}).json() == {
        "error": "name, path are missing, at least one parameter must be provided"
    }


def test_listing_projects(space, root):
    person = space.member("reporter")
    assert [p["id"] for p in person.get("/projects", {"membership": True}).json()] == [
        space.project["id"]
    ]
    assert person.get("/projects", {"min_access_level": 30}).json() == []
    assert person.get("/projects", {"membership": True, "archived": True}).json() == []
    path = space.project["path"]
    for query in (
        {"search": path},
        {"search": f"{space.group['path']}/", "search_namespaces": True},
        {"visibility": "private"},
        {"membership": True, "order_by": "name", "sort": "asc"},
    ):
        assert [p["id"] for p in person.get("/projects", query).json()] == [space.project["id"]]
    keyed = root.get("/projects", {"pagination": "keyset", "order_by": "id", "per_page": 1})
    assert "X-Total" not in keyed.headers
    assert "permissions" not in root.get("/projects", {"simple": True, "per_page": 1}).json()[0]


def test_changing_a_project(space, root):
    body = {"name": "New", "path": "new", "visibility": "private", "issues_enabled": False}
    changed = root.put(space.path, body).json()
    assert changed["path_with_namespace"] == f"{space.group['path']}/new"
    assert changed["issues_access_level"] == "disabled"
    assert root.put(space.path, {"issues_enabled": True}).json()["issues_access_level"] == "enabled"
    gone = root.delete(space.path)
    assert (gone.status_code, gone.json()) == (202, {"message": "202 Accepted"})
    assert root.get(space.path).status_code == 404


LABEL = [
    "id",
    "name",
    "description",
    "description_html",
    "text_color",
    "color",
    "archived",
    "subscribed",
    "priority",
    "is_project_label",
]


def test_labels_of_a_project(space, root):
    made = space.label("bug", description="a <b>", priority=3)
    assert list(made) == LABEL
    assert (made["priority"], made["description_html"]) == (3, "a &lt;b&gt;")
    space.label("above", where="group")
    listed = root.get(f"{space.path}/labels").json()
    assert [(x["name"], x["is_project_label"]) for x in listed] == [("above", False), ("bug", True)]
    # `FinderWithGroupHierarchy#groups_to_include`: the project's own group counts all the same.
    near = root.get(f"{space.path}/labels", {"include_ancestor_groups": False}).json()
    assert [x["name"] for x in near] == ["above", "bug"]
    assert [x["name"] for x in root.get(f"{space.path}/labels", {"search": "BU"}).json()] == ["bug"]
    for name in ("bug", str(made["id"])):
        assert root.get(f"{space.path}/labels/{name}").json()["id"] == made["id"]
    assert root.get(f"{space.path}/labels/above").json()["name"] == "above"


def test_labels_are_counted_when_asked(space, root):
    space.label("x", where="group")
    space.issue(labels="x")
    closed = space.issue(labels="x")
    root.put(space.at(closed), {"state_event": "close"})
    (label,) = root.get(f"{space.path}/labels", {"with_counts": True}).json()
    assert (label["open_issues_count"], label["closed_issues_count"]) == (1, 1)
    of_group = root.get(f"/groups/{space.group['id']}/labels", {"with_counts": True}).json()
    assert of_group[0]["open_issues_count"] == 1
    assert "priority" not in of_group[0]
    assert "is_project_label" not in of_group[0]


def test_group_labels_come_down_and_go_up_when_asked(space, root):
    sub = root.made("/groups", name="s", path="s", parent_id=space.group["id"])
    space.label("top", where="group")
    root.made(f"/groups/{sub['id']}/labels", name="low", color="#000000")
    names = lambda at, **q: [x["name"] for x in root.get(f"/groups/{at}/labels", q).json()]  # noqa: E731
    assert names(sub["id"]) == ["low", "top"]
    assert names(sub["id"], include_ancestor_groups=False) == ["low"]
    assert names(space.group["id"], include_descendant_groups=True) == ["low", "top"]


@pytest.mark.parametrize("where", ["project", "group"])
def test_a_label_exists_once(space, root, where):
    base = space.path if where == "project" else f"/groups/{space.group['id']}"
    space.label("bug", where=where)
    again = root.post(f"{base}/labels", {"name": "bug", "color": "#fff"})
    assert (again.status_code, again.json()) == (409, {"message": "Label already exists"})


def test_names_between_floors(space, root):
    space.label("above", where="group")
    below = root.post(f"{space.path}/labels", {"name": "above", "color": "#fff"})
    assert below.status_code == 409
    space.label("below")
    # app/models/label.rb: titles are unique within one group or project, and only
    # app/models/project_label.rb looks further, upwards.
    above = root.post(f"/groups/{space.group['id']}/labels", {"name": "below", "color": "#fff"})
    assert above.status_code == 201


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"color": "#fff"}, {"error": "name is missing"}),
        ({"name": "x"}, {"error": "color is missing"}),
        ({"name": "x", "color": "mauvish"}, {"message": {"color": ["must be a valid color code"]}}),
        ({"name": "a,b", "color": "#fff"}, {"message": {"title": ["is invalid"]}}),
        ({"name": " ", "color": "#fff"}, {"message": {"title": ["can't be blank", "is invalid"]}}),
        (
            {"name": "x" * 256, "color": "#fff"},
            {"message": {"title": ["is too long (maximum is 255 characters)"]}},
        ),
    ],
)
def test_labels_that_cannot_be_made(space, root, body, answer):
    refused = root.post(f"{space.path}/labels", body)
    assert (refused.status_code, refused.json()) == (400, answer)


def test_changing_labels(space, root):
    space.label("a/b.c", priority=1)
    space.label("other")
    at = f"{space.path}/labels/a%2Fb.c"
    changed = root.put(at, {"new_name": "x", "color": "red", "description": "d", "priority": None})
    assert changed.json()["name"] == "x"
    assert (changed.json()["color"], changed.json()["priority"]) == ("#ff0000", None)
    assert root.put(at, {"new_name": "y"}).json() == {"message": "404 Label Not Found"}
    old_form = root.put(f"{space.path}/labels", {"name": "x", "new_name": "z"})
    assert old_form.json()["name"] == "z"
    assert root.put(f"{space.path}/labels/z", {"new_name": "other"}).json() == {
        "message": {"title": ["has already been taken"]}
    }
    nothing = root.put(f"{space.path}/labels/z", {})
    assert nothing.json() == {
        "error": "new_name, color, description, priority, archived are missing, at least one parameter must be provided"
    }
    assert root.put(f"{space.path}/labels", {}).json()["error"].startswith("label_id, name")
    assert root.delete(f"{space.path}/labels", params={"name": "z"}).status_code == 204
    assert root.delete(f"{space.path}/labels/z").status_code == 404
    space.label("above", where="group")
    group = f"/groups/{space.group['id']}/labels/above"
    assert root.put(group, {"description": "d"}).json()["description"] == "d"
    assert root.delete(f"{space.path}/labels/above").status_code == 204
    assert root.delete(group).status_code == 404


@pytest.mark.parametrize(
    ("color", "text"),
    [
        ("#ffffff", "#1F1E24"),
        ("#000", "#FFFFFF"),
        ("#fff", "#1F1E24"),
        ("#d9534f", "#FFFFFF"),
        ("#F0AD4E", "#FFFFFF"),
    ],
)
def test_text_colors(color, text):
    assert text_color(color) == text


def test_boards_of_a_project(space, root):
    base = f"{space.path}/boards"
    a, b, c = (space.label(name) for name in "abc")
    board = root.made(base, name="Two")
    assert list(board) == [
        "id",
        "name",
        "hide_backlog_list",
        "hide_closed_list",
        "project",
        "group",
        "lists",
    ]
    assert board["project"]["id"] == space.project["id"]
    root.made(base, name="One")
    assert [x["name"] for x in root.get(base).json()] == ["One", "Two"]
    lists = f"{base}/{board['id']}/lists"
    made = [root.made(lists, label_id=label["id"]) for label in (a, b, c)]
    assert [x["position"] for x in made] == [0, 1, 2]
    assert list(made[0]) == ["id", "label", "position"]
    moved = root.put(f"{lists}/{made[2]['id']}", {"position": 0}).json()
    assert moved["position"] == 0
    names = lambda: [x["label"]["name"] for x in root.get(lists).json()]  # noqa: E731
    assert names() == ["c", "a", "b"]
    assert root.get(f"{lists}/{made[0]['id']}").json()["position"] == 1
    assert root.delete(f"{lists}/{made[2]['id']}").status_code == 204
    assert names() == ["a", "b"]
    assert [x["position"] for x in root.get(f"{base}/{board['id']}").json()["lists"]] == [0, 1]
    changed = root.put(f"{base}/{board['id']}", {"name": "New", "hide_closed_list": True}).json()
    assert (changed["name"], changed["hide_closed_list"]) == ("New", True)
    unchanged = root.put(f"{base}/{board['id']}", {"hide_backlog_list": False}).json()
    assert unchanged["name"] == "New"
    root.delete(f"{space.path}/labels/a")
    assert names() == ["b"]
    assert root.delete(f"{base}/{board['id']}").status_code == 204
    assert root.get(f"{base}/{board['id']}").status_code == 404


def test_what_a_board_refuses(space, root, client):
    base = f"{space.path}/boards"
    board = root.made(base, name="B")
    lists = f"{base}/{board['id']}/lists"
    label = space.label("a")
    made = root.made(lists, label_id=label["id"])
    twice = root.post(lists, {"label_id": label["id"]})
    assert twice.json() == {"message": {"label_id": ["has already been taken"]}}
    assert root.post(lists, {"label_id": 99999}).json() == {
        "message": {"error": "Label not found!"}
    }
    far = root.put(f"{lists}/{made['id']}", {"position": 5})
    assert far.json() == {"message": {"error": "List could not be moved!"}}
    assert root.get(f"{lists}/0").status_code == 404
    assert root.get(f"{base}/x").json() == {"error": "board_id is invalid"}
    assert root.get(f"{lists}/x").json() == {"error": "list_id is invalid"}
    assert root.post(base, {}).json() == {"error": "name is missing"}
    assert root.post(base, {"name": " "}).json() == {"message": {"name": ["can't be blank"]}}
    assert client(None).get(base).status_code == 401


def test_a_group_has_one_board_on_free(space, root):
    base = f"/groups/{space.group['id']}/boards"
    board = root.made(base, name="One")
    assert board["group"] == {
        "id": space.group["id"],
        "name": space.group["name"],
        "web_url": space.group["web_url"],
    }
    assert root.post(base, {"name": "Two"}).status_code == 403
    label = space.label("own")
    lists = f"{base}/{board['id']}/lists"
    assert root.post(lists, {"label_id": label["id"]}).status_code == 400
    above = space.label("above", where="group")
    assert root.made(lists, label_id=above["id"])["label"]["name"] == "above"
    assert space.member("guest").post(base, {"name": "x"}).status_code == 403


def test_a_group_has_many_boards_on_premium(premium):
    base = f"/groups/{premium.group['id']}/boards"
    assert "milestone" in premium.root.made(base, name="One")
    assert premium.root.made(base, name="Two")["name"] == "Two"
    assert len(premium.root.get(base).json()) == 2
    label = premium.label("a", where="group")
    board = premium.root.get(base).json()[0]
    made = premium.root.made(f"{base}/{board['id']}/lists", label_id=label["id"])
    assert made["max_issue_count"] == 0


def test_a_groups_projects_by_role(space, root):
    """What a reader asks to prove its role: only where it holds at least that."""
    guest, planner = space.member("guest"), space.someone()
    root.made(f"/groups/{space.group['id']}/members", user_id=planner.user["id"], access_level=15)
    at = f"/groups/{space.group['id']}/projects"
    query = {"min_access_level": 15, "with_issues_enabled": True, "archived": False}
    assert guest.get(at, query).json() == []
    assert [p["id"] for p in planner.get(at, query).json()] == [space.project["id"]]
    root.put(space.path, {"issues_enabled": False})
    assert planner.get(at, query).json() == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"id_after": 0}, True),
        ({"id_before": 1}, False),
        ({"starred": True}, False),
        ({"topic": "x"}, False),
        ({"last_activity_after": "2099-01-01"}, False),
        ({"last_activity_before": "2099-01-01"}, True),
        ({"owned": True}, False),
        ({"search": "%"}, False),
        ({"order_by": "star_count"}, True),
    ],
)
def test_project_filters(space, query, found):
    person = space.member("reporter")
    listed = person.get("/projects", {"membership": True, **query}).json()
    assert [p["id"] for p in listed] == ([space.project["id"]] if found else [])


def test_group_filters(space, root):
    person = space.someone()
    sub = root.made("/groups", name="s", path="s", parent_id=space.group["id"])
    root.made(f"/groups/{space.group['id']}/members", user_id=person.user["id"], access_level=30)

    def ids(**query):
        return {g["id"] for g in person.get("/groups", query).json()}

    assert ids(min_access_level=30) == ids(all_available=False) == {space.group["id"], sub["id"]}
    assert ids(min_access_level=40) == set()
    assert ids(all_available=False, skip_groups=[sub["id"]]) == {space.group["id"]}
    assert ids(all_available=False, visibility="public") == set()


def test_underscores_are_no_wildcards(space, root):
    path = space.group["path"]
    made = root.made("/groups", name="x", path=path.replace("-", "_"))
    assert made["path"] != path
    a = root.made("/projects", path="a_b", namespace_id=space.group["id"])
    b = root.made("/projects", path="a-b", namespace_id=space.group["id"])
    at = f"/groups/{space.group['id']}/projects"
    assert [p["id"] for p in root.get(at, {"search": "a_b"}).json()] == [a["id"]]
    assert a["id"] != b["id"]
