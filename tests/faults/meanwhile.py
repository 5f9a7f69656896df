"""What people and administrators do between a plan and its doing, or half-way through it.

Each of these is a deed at one moment of a run. The run tells what it could not do and why,
does the rest, and the next runs come to rest; once an administrator has mended what they did,
everything is as it would have been.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from automation.errors import ExitCode
from automation.model.change import Transition
from automation.plan import Plan
from tests.e2e.outside import BOT, GUEST, PLANNER, escaped
from tests.faults.campaign import Result, Scene, Stage, heal, later, note_run
from tests.faults.inside import Home
from tests.faults.looking import broken_laws, differences, look
from tests.faults.running import Job, Ran, run
from tests.faults.trouble import TroubledWire
from tests.faults.worlds import LOOPS


@dataclass(frozen=True)
class Moment:
    """What a deed has to do with: the people, and the plan that is about to be done."""

    home: Home
    plan: Plan

    @property
    def target(self) -> str:
        """The place of an open loop whose change is the plan's last."""
        moves = [one for one in self.plan.changes if isinstance(one, Transition)]
        last = next(one for one in reversed(moves) if one.target.project == LOOPS)
        return f"/projects/{last.target.project_id}/issues/{last.target.iid}"

    def edit(self, **fields: object) -> None:
        """An administrator changes that loop by hand."""
        self.home.root.put(self.target, **fields)

    def user_id(self, username: str) -> int:
        """The id of a user."""
        return int(self.home.root.get("/users", username=username)[0]["id"])


Deed = Callable[[Moment], None]


@dataclass(frozen=True)
class Meanwhile:
    """A deed, the exit code of the run that it falls into, and what that run then says.

    `again` is the code of the next run, None where it comes to rest. `mend` undoes the deed;
    then all issues are as without it, where `as_before` says so.
    """

    name: str
    deed: Deed
    code: ExitCode = ExitCode.FINE
    says: tuple[str, ...] = ()
    again: ExitCode | None = None
    says_again: str = ""
    mend: Callable[[Home], None] | None = None
    as_before: bool = False
    chapter: str = "fourth week"


def _project(path: str) -> str:
    return f"/projects/{escaped(path)}"


def _revoke(moment: Moment) -> None:
    root, bot = moment.home.root, moment.user_id(BOT)
    for token in root.get("/personal_access_tokens", user_id=bot):
        root.delete(f"/personal_access_tokens/{token['id']}")


def _new_token(home: Home) -> None:
    bot = home.root.get("/users", username=BOT)[0]["id"]
    made = home.root.post(f"/users/{bot}/personal_access_tokens", name="new", scopes=["api"])
    home.tokens[BOT] = made["token"]


def _role(level: int) -> Callable[[Home], None]:
    def mend(home: Home) -> None:
        bot = home.root.get("/users", username=BOT)[0]["id"]
        place = f"/groups/{escaped('support')}/members/{bot}"
        home.root.put(place, access_level=level)

    return mend


def _block(username: str) -> Deed:
    return lambda moment: _forget(moment.home.root.post(f"/users/{moment.user_id(username)}/block"))


def _unblock(username: str) -> Callable[[Home], None]:
    def mend(home: Home) -> None:
        home.root.post(f"/users/{home.root.get('/users', username=username)[0]['id']}/unblock")

    return mend


def _remove_member(username: str) -> Deed:
    def deed(moment: Moment) -> None:
        for place in (_project(LOOPS), f"/groups/{escaped('support/sgg')}"):
            moment.home.root.delete(f"{place}/members/{moment.user_id(username)}")

    return deed


def _delete_label(name: str) -> Deed:
    return lambda moment: moment.home.root.delete(
        f"/groups/{escaped('support')}/labels/{escaped(name)}"
    )


def _delete_boards(moment: Moment) -> None:
    for board in moment.home.root.get(f"{_project(LOOPS)}/boards"):
        moment.home.root.delete(f"{_project(LOOPS)}/boards/{board['id']}")


def _move(moment: Moment) -> None:
    place = moment.home.project("support/elsewhere")
    moment.home.root.post(f"{moment.target}/move", to_project_id=place)


def _tick(moment: Moment) -> None:
    text = str(moment.home.root.get(moment.target)["description"])
    moment.edit(description=text.replace("[ ]", "[x]"))


def _reopen_after_closing(moment: Moment) -> None:
    moment.edit(state_event="close")
    moment.edit(state_event="reopen")


def _edit(**fields: object) -> Deed:
    return lambda moment: moment.edit(**fields)


def _forget(_value: object) -> None:
    """Drop a value."""


MEANWHILE = (
    Meanwhile(
        "the token is revoked",
        _revoke,
        ExitCode.SOME_CHANGE_FAILED,
        ("GitLab does not accept the token", "Set DRUMBEAT_TOKEN to a valid token"),
        again=ExitCode.GITLAB_REFUSED,
        mend=_new_token,
        as_before=True,
    ),
    Meanwhile(
        "Drumbeat's user is blocked",
        _block(BOT),
        ExitCode.SOME_CHANGE_FAILED,
        ("status 403", "role Planner or above"),
        again=ExitCode.GITLAB_REFUSED,
        mend=_unblock(BOT),
        as_before=True,
    ),
    Meanwhile(
        "Drumbeat's user becomes a Guest",
        lambda moment: _role(GUEST)(moment.home),
        ExitCode.SOME_CHANGE_FAILED,
        ("role Planner or above",),
        again=ExitCode.SOME_CHANGE_FAILED,
        says_again="the token's role in support/loops is not proven to be Planner or above",
        mend=_role(PLANNER),
        as_before=True,
    ),
    Meanwhile(
        "the project is archived",
        lambda moment: _forget(moment.home.root.post(f"{_project(LOOPS)}/archive")),
        ExitCode.SOME_CHANGE_FAILED,
        ("status 403",),
        again=ExitCode.GITLAB_REFUSED,
        says_again="support/loops is archived: nothing is created there",
        mend=lambda home: _forget(home.root.post(f"{_project(LOOPS)}/unarchive")),
        as_before=True,
    ),
    Meanwhile(
        "issues are switched off in the project",
        lambda moment: _forget(
            moment.home.root.put(_project(LOOPS), issues_access_level="disabled")
        ),
        ExitCode.SOME_CHANGE_FAILED,
        ("refused",),
        again=ExitCode.GITLAB_REFUSED,
        says_again="issues are switched off in support/loops",
        mend=lambda home: _forget(home.root.put(_project(LOOPS), issues_access_level="enabled")),
        as_before=True,
    ),
    Meanwhile("an assignee is blocked", _block("bob"), mend=_unblock("bob")),
    Meanwhile(
        "an assignee is no longer a member",
        _remove_member("bob"),
        ExitCode.SOME_CHANGE_FAILED,
        ("did not assign it to @bob", "Add them to the project as a member"),
    ),
    Meanwhile("a label is deleted", _delete_label("loop::missed")),
    Meanwhile("a label of new loops is deleted", _delete_label("loop::open")),
    Meanwhile("an issue is moved", _move),
    Meanwhile("an issue is made confidential", _edit(confidential=True)),
    Meanwhile(
        "an issue is deleted",
        lambda moment: moment.home.root.delete(moment.target),
        ExitCode.SOME_CHANGE_FAILED,
        ("status 404", "1 failed"),
    ),
    Meanwhile("an issue is closed", _edit(state_event="close")),
    Meanwhile("an issue is closed and reopened", _reopen_after_closing),
    Meanwhile("an issue is ticked off", _tick),
    Meanwhile("an issue is given another state", _edit(add_labels="loop::waived")),
    Meanwhile("an issue loses all labels", _edit(labels="")),
    Meanwhile("an issue is renamed", _edit(title="Our own title")),
    Meanwhile("an issue is locked", _edit(discussion_locked=True)),
    Meanwhile(
        "the boards are deleted",
        _delete_boards,
        ExitCode.SOME_CHANGE_FAILED,
        ("status 404",),
        chapter="new policies",
    ),
    Meanwhile(
        "a label that is to be renamed is deleted",
        _delete_label("initiative::stale"),
        ExitCode.SOME_CHANGE_FAILED,
        ("status 404",),
        chapter="new policies",
    ),
)


def play_meanwhile(
    stage: Stage, scene: Scene, what: Meanwhile, write: int, seed: int = 0
) -> Result:
    """Let it happen before the run's write of that number, from 0, and see it healed."""
    result = Result(seed, f"world {scene.world}, {scene.chapter.name}, write {write}: {what.name}")
    stage.set_up(scene)
    home = Home(stage.house, scene.tokens)
    ran = _disturbed(stage, home, scene.job, what, write)
    note_run(result, ran)
    _expect(result, ran.code, what.code, ran.text)
    for words in what.says:
        _expect_words(result, words, ran.text)
    before = look(stage.house)
    if what.again is not None:
        again = run(later(scene.job, 1), TroubledWire(stage.house))
        note_run(result, again)
        _expect(result, again.code, what.again, again.text)
        _expect_words(result, what.says_again, again.text)
    if what.mend is not None:
        what.mend(home)
    if heal(stage, replace(later(scene.job, 2), token=home.tokens[BOT]), result):
        there = look(stage.house)
        result.broken += broken_laws(before, there)
        if what.as_before:
            wanted, found = replace(scene.after, rest=()), replace(there, rest=())
            result.broken += differences(wanted, found)
    return result


def _disturbed(stage: Stage, home: Home, job: Job, what: Meanwhile, write: int) -> Ran:
    plans: list[Plan] = []
    writes = 0

    def before(_number: int, method: str) -> None:
        nonlocal writes
        if method == "GET" or not plans:
            return
        if writes == write:
            what.deed(Moment(home, plans[0]))
        writes += 1

    return run(job, TroubledWire(stage.house, before=before), plans.append)


def _expect_words(result: Result, words: str, text: str) -> None:
    if words not in text:
        result.broken.append(f"it does not say “{words}”:\n{text}")


def _expect(result: Result, code: int | None, wanted: ExitCode, text: str) -> None:
    if code != wanted:
        result.broken.append(f"it ended with {code}, not {int(wanted)}:\n{text}")
