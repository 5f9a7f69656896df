"""What is sent to make labels, boards and schedules, and what is told when GitLab refuses."""

from __future__ import annotations

from typing import Any

import pytest

from automation.errors import Refused
from automation.model.change import (
    EnsureBoard,
    EnsureLabel,
    EnsureSchedule,
    LabelBefore,
    ListMove,
    PrioritizeLabel,
    RemoveLabel,
    ScheduleBefore,
    VariableChange,
)
from automation.model.questions import ScheduleVariablesOf
from automation.model.snapshot import Unreadable
from tests.remote.remote_world import API, URL, label_json, paged
from tests.remote.test_remote_writer import sent

GROUP = f"{API}/groups/support"
HOME = f"{API}/projects/support%2Fdrumbeat"
LOOPS = f"{API}/projects/support%2Floops"
BEFORE = LabelBefore(id=9, color="#000000", description="")


def test_a_label_is_renamed_by_its_id(server, writer):
    server.put(f"{GROUP}/labels/9", json=label_json())
    writer.ensure_label(
        EnsureLabel(
            key="new",
            reason="",
            group="support",
            name="new",
            color="#00FF00",
            before=BEFORE.model_copy(update={"name": "2026 old"}),
        )
    )
    assert sent(server)[2] == {"new_name": "new", "color": "#00FF00", "description": ""}


def remove(writer):
    change = RemoveLabel(key="old", reason="", group="support", name="old", before=BEFORE)
    return writer.remove_label(change)


def test_a_label_is_removed_by_its_id(server, writer):
    server.delete(f"{GROUP}/labels/9", status=204)
    assert remove(writer) == f"{URL}/groups/support/-/labels"


def test_a_label_of_a_group_above_is_not_removed(server, writer):
    server.delete(f"{GROUP}/labels/9", status=404, json={"message": "404 Label Not Found"})
    with pytest.raises(Refused) as caught:
        remove(writer)
    assert "group above" in caught.value.remedy


def prioritize(writer, label_id):
    change = PrioritizeLabel(
        key="k", reason="", project="support/loops", name="a", priority=0, label_id=label_id
    )
    return writer.prioritize_label(change)


def test_a_priority_is_set_in_the_project(server, writer):
    server.put(f"{LOOPS}/labels/7", json=label_json())
    assert prioritize(writer, 7) == f"{URL}/support/loops/-/labels"
    assert sent(server)[2] == {"priority": 0}


def test_the_id_of_a_label_made_just_now_is_looked_up(server, writer):
    paged(server, "/projects/support%2Floops/labels", [label_json(8, "a")])
    server.put(f"{LOOPS}/labels/8", json=label_json())
    prioritize(writer, None)
    assert sent(server)[2] == {"priority": 0}


def test_a_label_that_is_not_there_gets_no_priority(server, writer):
    paged(server, "/projects/support%2Floops/labels", [])
    with pytest.raises(Refused, match="support/loops needs labels that do not exist: a"):
        prioritize(writer, None)


def test_a_priority_that_gitlab_cannot_set_says_why(server, writer):
    server.put(f"{LOOPS}/labels/7", status=404)
    with pytest.raises(Refused) as caught:
        prioritize(writer, 7)
    assert "not for those of groups above" in caught.value.remedy


def board(**more):
    fields: dict[str, Any] = {
        "key": "b",
        "reason": "",
        "place": "support",
        "in_group": True,
        "name": "All",
        "labels_group": "support",
        "only": ("director::d e",),
    }
    return EnsureBoard(**fields | more)


def test_a_new_board_gets_its_scope_where_the_tier_has_scopes(server, writer):
    server.post(f"{GROUP}/boards", status=201, json={"id": 3, "labels": []})
    answer = {"id": 3, "labels": [label_json(1, "director::d e")]}
    server.put(f"{GROUP}/boards/3", json=answer)
    assert writer.ensure_board(board()) == f"{URL}/groups/support/-/boards/3"
    assert sent(server)[2] == {"labels": "director::d e"}


def test_elsewhere_its_address_is_filtered(server, writer):
    server.post(f"{GROUP}/boards", status=201, json={"id": 3})
    address = f"{URL}/groups/support/-/boards/3"
    assert writer.ensure_board(board()) == f"{address}?label_name[]=director::d%20e"
    assert writer.ensure_board(board(only=None)) == address


@pytest.mark.parametrize(
    ("labels", "said"), [([], "of no label"), ([label_json(1, "other")], "other")]
)
def test_a_scope_that_gitlab_did_not_take_is_told(server, writer, labels, said):
    server.put(f"{GROUP}/boards/3", json={"id": 3, "labels": labels})
    with pytest.raises(Refused, match=f"the scope {said}, not director::d e") as caught:
        writer.ensure_board(board(before=3))
    assert caught.value.status == 200


def test_lists_are_moved_new_ones_by_the_id_that_they_got(server, writer):
    paged(server, "/groups/support/labels", [label_json(1, "new")])
    server.post(f"{GROUP}/boards/3/lists", status=201, json={"id": 31})
    for list_id in (30, 31):
        server.put(f"{GROUP}/boards/3/lists/{list_id}", json={"id": list_id})
    moves = (
        ListMove(label="new", position=0),
        ListMove(label="old", list_id=30, position=2),
    )
    writer.ensure_board(board(before=3, only=None, missing=("new",), moves=moves))
    assert [sent(server, index)[2] for index in (-2, -1)] == [{"position": 0}, {"position": 2}]


@pytest.mark.parametrize(("in_group", "told"), [(True, True), (False, False)])
def test_a_board_that_is_refused_says_what_to_do(server, writer, in_group, told):
    base = GROUP if in_group else f"{API}/projects/support"
    server.post(f"{base}/boards", status=403, json={"message": "403 Forbidden"})
    with pytest.raises(Refused) as caught:
        writer.ensure_board(board(in_group=in_group))
    assert ("GitLab Free allows one board" in caught.value.remedy) is told
    assert "Planner" in caught.value.remedy


def schedule(**more):
    fields: dict[str, Any] = {
        "key": "s",
        "reason": "",
        "project": "support/drumbeat",
        "description": "Hourly",
        "cron": "17 * * * *",
        "timezone": "UTC",
        "ref": "main",
        "active": True,
    }
    return EnsureSchedule(**fields | more)


def held(**more):
    fields: dict[str, Any] = {
        "id": 5,
        "cron": "17 * * * *",
        "timezone": "UTC",
        "ref": "main",
        "active": True,
    }
    return ScheduleBefore(**fields | more)


def test_a_schedule_is_made_with_its_variables(server, writer):
    server.post(f"{HOME}/pipeline_schedules", status=201, json={"id": 5})
    server.post(f"{HOME}/pipeline_schedules/5/variables", status=201, json={})
    change = schedule(variables=(VariableChange(key="A", value="1"),))
    assert writer.ensure_schedule(change) == f"{URL}/support/drumbeat/-/pipeline_schedules"
    assert sent(server, 0)[2] == {
        "description": "Hourly",
        "cron": "17 * * * *",
        "cron_timezone": "UTC",
        "ref": "main",
        "active": True,
    }
    assert sent(server, 1)[2] == {"key": "A", "value": "1"}


def test_only_what_differs_is_sent_after_it_was_taken_over(server, writer):
    one = f"{HOME}/pipeline_schedules/5"
    server.post(f"{one}/take_ownership", status=201, json={})
    server.put(one, json={})
    server.put(f"{one}/variables/A", json={})
    server.delete(f"{one}/variables/B", status=202)
    variables = (
        VariableChange(key="A", value="1", there=True),
        VariableChange(key="B", value=None, there=True),
    )
    writer.ensure_schedule(
        schedule(take_ownership=True, before=held(active=False), variables=variables)
    )
    assert sent(server, 1)[2] == {"active": True}
    assert sent(server, 2)[2] == {"value": "1"}
    assert len(server.calls) == 4


def test_a_schedule_that_only_changes_hands_is_not_written_otherwise(server, writer):
    server.post(f"{HOME}/pipeline_schedules/5/take_ownership", status=201, json={})
    writer.ensure_schedule(schedule(take_ownership=True, before=held()))
    assert len(server.calls) == 1


def test_a_schedule_that_is_refused_says_which_role_is_needed(server, writer):
    server.post(f"{HOME}/pipeline_schedules", status=403)
    with pytest.raises(Refused) as caught:
        writer.ensure_schedule(schedule(ref="refs/heads/main"))
    assert "role Maintainer in support/drumbeat" in caught.value.remedy
    assert "merge to main" in caught.value.remedy


def test_variables_that_gitlab_does_not_show_are_no_empty_list(server, reader):
    server.get(f"{HOME}/pipeline_schedules/5", json={"id": 5, "description": "Hourly"})
    question = ScheduleVariablesOf("support/drumbeat", 5)
    assert reader.answer([question])[question] == Unreadable(
        "GitLab does not show the variables of the schedule Hourly",
        "Give the token's user the role Maintainer in support/drumbeat.",
    )
