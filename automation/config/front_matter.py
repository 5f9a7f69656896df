"""The front matter of a template: what it says of its loops, in the same strict YAML."""

from __future__ import annotations

from automation.config.document import Document
from automation.config.validation import validate
from automation.config.yaml_reader import read_yaml
from automation.errors import ConfigError, ConfigProblem
from automation.model.policy import LoopDefaults


def read_front_matter(text: str, file: str) -> tuple[LoopDefaults, str, int]:
    """Part a template into its defaults, its body, and the body's first line (from 1).

    Front matter stands between two lines `---`, the first of which begins the file.
    Raises ConfigError with the places in that file.
    """
    text = text.removeprefix("\ufeff")
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return LoopDefaults(), text, 1
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        message = "the front matter that begins here has no end"
        remedy = "Write '---' on a line of its own after it."
        raise ConfigError([ConfigProblem(file, 1, 1, "", message, remedy)])
    # An empty line stands for the opening '---', so that lines keep their numbers.
    defaults = _defaults("\n".join(["", *lines[1:end]]), file)
    return defaults, "\n".join(lines[end + 1 :]), end + 2


def _defaults(text: str, file: str) -> LoopDefaults:
    reading = read_yaml(text, file)
    problems = list(reading.problems)
    for document in reading.documents[1:]:
        problems.append(document.problem((), "front matter is one document", "Remove this one."))
    defaults: LoopDefaults | None = LoopDefaults()
    for document in reading.documents[:1]:
        defaults, faults = _validated(document)
        problems.extend(reading.new(faults))
    if problems or defaults is None:
        raise ConfigError(problems)
    return defaults


def _validated(document: Document) -> tuple[LoopDefaults | None, list[ConfigProblem]]:
    if not isinstance(document.root.data, dict):
        message = f"front matter should be a mapping, not {document.root.described}"
        remedy = "Write lines such as 'title: …'."
        return None, [document.problem((), message, remedy)]
    return validate(LoopDefaults, document)
