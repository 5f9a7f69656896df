"""What GitLab takes for a quick action: all that untrusted text must be kept from becoming."""

from __future__ import annotations

import pytest

from tests.contract.citing import cites

SPEC = "spec/lib/gitlab/quick_actions/extractor_spec.rb"
REGEX = "lib/gitlab/quick_actions/extractor.rb"

# Text, and what is left of it as the note; the command closed the issue.
RUNS = [
    ("/close\nworld", "world"),
    ("hello\n/close\nworld", "hello\nworld"),
    ("hello\n/close", "hello"),
    ("hello\n/ClOsE", "hello"),
    ("hello\n/close   ", "hello"),
    ("hello\n/close with some words", "hello"),
    ("hello\n/close / and more", "hello"),
    ("hello\r\n/close\r\n", "hello"),
    ("hello\n/clo\rse", "hello"),
    ("hello\n\n/close\n\nbye", "hello\n\nbye"),
    ("hello\n/no_such_command\n/close", "hello\n/no_such_command"),
    ("<!-- a comment -->\n\n/close\n\n<p>\n</p>", "<!-- a comment -->\n\n<p>\n</p>"),
    ("<!-- a -->\n/close\n<!-- b -->", "<!-- a -->\n<!-- b -->"),
    ("/close\n`code`\n/label ~a\n`more`", "`code`\n`more`"),
    ("/close\n```\ncode\n```\n/label ~a\n```\nmore\n```", "```\ncode\n```\n```\nmore\n```"),
    ("one ` tick\n/close", "one ` tick"),
    ("some *emphasis*\n/close", "some *emphasis*"),
    ("# Heading\n/close", "# Heading"),
    ("- item\n\n/close", "- item"),
    ("> quote\n\n/close", "> quote"),
    ("<div>\ntext\n</div>\n\n/close", "<div>\ntext\n</div>"),
]
# Text that stays as it is, carriage returns aside, and does nothing.
INERT = [
    "hello /close",
    "hello\nworld /close",
    "hello\n/close@joe\nworld",
    "hello\n/closed",
    "hello\n /close",
    "hello\n\n    /close",
    "\\/close",
    "`/close`",
    "hello\nworld\n`/close this is great`?",
    "Hello `Text\r\n/close\r\n`\r\n\r\nWorld",
    "see `a\n/close\nb` there",
    "Hello\r\n```\r\nText\r\n/close\r\n```\r\n\r\nWorld",
    "```\n/close",
    "~~~\n/close\n~~~",
    "Hello\r\n<div>\r\nText\r\n/close\r\n</div>\r\n\r\nWorld",
    '<p data-sourcepos="0:1-2:10">\r\n/close\r\n</p>',
    "Text\r\n<b>\r\n/close\r\n</b>",
    "<div>\n\n/close\n\n</div>",
    "<!--\n/close\n-->",
    "> Text\r\n/close",
    "> /close",
    "Hello\r\n\r\n>>>\r\nText\r\n/close\r\n>>>\r\n\r\nWorld",
    "- item\n/close",
    "1. item\n/close",
    "| a |\n|---|\n| b |\n/close",
    "/close\n---",
]


@pytest.mark.parametrize(("text", "left"), RUNS)
@cites(SPEC, "extract_commands", laws=(4, 7))
def test_a_command_runs_and_leaves_the_text(place, text, left):
    issue = place.issue("spoken to")
    answer = place.say(issue, text)
    assert answer.status_code == 201, answer.text
    assert answer.json()["body"] == left
    assert place.again(issue)["state"] == "closed"


@pytest.mark.parametrize("text", INERT)
@cites(SPEC, "does not extract commands inside", laws=7)
def test_what_is_no_command_stays_text(place, text):
    issue = place.issue("spoken to")
    answer = place.say(issue, text)
    assert answer.status_code == 201, answer.text
    assert answer.json()["body"] == text.replace("\r", "")
    assert place.again(issue)["state"] == "opened"


@cites(REGEX, "perform_regex, rstrip", laws=7)
def test_the_end_of_a_note_loses_its_white_space(place):
    issue = place.issue("spoken to")
    assert place.say(issue, "hello  \n\n \n").json()["body"] == "hello"


@pytest.mark.parametrize("text", ["hello\n/close", "hello\n/clo\rse", "/close"])
@cites("doc/user/project/quick_actions.md", "Run automatically when you save descriptions", laws=7)
def test_descriptions_are_read_too(place, text):
    issue = place.issue("spoken to")
    answer = place.root.put(place.at(issue), {"description": text})
    assert answer.status_code == 200
    assert "/clo" not in (answer.json()["description"] or "")
    assert answer.json()["state"] == "closed"


@pytest.mark.parametrize(
    "text", ["```\n/confidential\n```", "> /confidential", "<div>\n/confidential\n</div>"]
)
@cites(REGEX, "possible_paragraphs", laws=7)
def test_a_new_description_keeps_what_is_no_command(place, text):
    made = place.issue("spoken to", description=text)
    assert (made["description"], made["confidential"]) == (text, False)


@cites("app/policies/issue_policy.rb", "~persisted, set_confidentiality", laws=7)
def test_a_command_in_a_new_description_runs(place):
    made = place.issue("spoken to", description="words\n/confidential")
    assert (made["description"], made["confidential"]) == ("words", True)


@cites("lib/gitlab/quick_actions/issuable_actions.rb", "condition, can?", laws=7)
def test_a_command_runs_with_the_rights_of_who_says_it(place):
    issue = place.issue("not theirs")
    guest = place.member("guest")
    place.label("power")
    place.say(issue, "hello\n/label ~power\n/close", by=guest)
    after = place.again(issue)
    assert (after["labels"], after["state"]) == ([], "opened")


@cites(SPEC, "substitution commands", laws=7)
def test_a_substitution_changes_the_text_only(place):
    issue = place.issue("spoken to")
    answer = place.say(issue, "hello\n/shrug this is great?")
    assert answer.status_code == 201
    assert answer.json()["body"].startswith("hello\nthis is great? ¯")
    assert place.again(issue)["state"] == "opened"
