"""The reference of every key, as Markdown, from the JSON Schema of the policies.

A page that is written by hand goes stale with the first new key. This one is the schema in
words: a section for each kind and for each mapping inside it.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from automation.model.base import FullPath, LabelName, Name, Username
from automation.model.due import Due, Reminder
from automation.model.metrics import DataFile
from automation.model.policy import LinkName, LocalTime, LoopKeyText, WebAddress
from automation.model.provision import Variable
from automation.model.text import Expression, TemplatePath
from automation.model.where import Day, LabelPattern

Place = dict[str, Any]

_FEW = 4
"""Rules for closing may stand inside each other in more ways than anybody wants to read."""

_INTRO = """\
# Every key

Files lie anywhere below `policies/`. One file may hold several documents, parted by `---`;
`kind` tells what each is. Unknown keys are errors. A key without a default may be left out, and
then says nothing. An id or name has lower-case letters, digits and hyphens.

`drumbeat schema --format markdown` writes this page from the models that read the files; `make
reference` renews it. [Templates](templates.md), [triage](triage.md) and [setup](setup.md) have
pages with examples.
"""


def _form(kind: Any) -> tuple[Any, ...]:
    return _shape(TypeAdapter(kind).json_schema())


def _shape(place: Place) -> tuple[Any, ...]:
    return tuple(place.get(word) for word in ("format", "pattern", "minLength", "maxLength"))


_FORMS = {
    _shape({"format": "date"}): "a day, as in `2026-11-30`",
    _form(Name): "an id or name",
    _form(Username): "a user name",
    _form(FullPath): "a full path, as in `support/loops`",
    _form(LabelName): "a label",
    _form(LabelPattern): "a label, with braces if you like: `team::{a,b}`",
    _form(LocalTime): 'a time, as in `"08:00"`',
    _form(Due): "`4 working days`, `10 days` or `end of period`",
    _form(Reminder): "`1 day before due`, `due` or `2 days after due`",
    _form(Day): "a day, or `90 days ago`",
    _form(TemplatePath): "a path, as in `one-on-one.md`",
    _form(DataFile): "a path, as in `metrics/*.csv`",
    _form(WebAddress): "an address that begins with `https://`",
    _form(LinkName): "a name: lower-case letters, digits, `_`, `-`",
    _form(LoopKeyText): "a key, as in `one-on-one/mgr-emea-1/2026-W48`",
    _form(Variable): "a variable's name",
    _form(Expression): "text that may hold `{{ … }}`",
}
"""What the kinds of text that the model knows are called, by what the schema says of them."""


@dataclass
class _Book:
    """The schema's mappings in the order of reading, and all places at which each stands."""

    definitions: dict[str, Place]
    places: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def collect(self, root: str, kind: str) -> None:
        """Note a kind's mapping and those inside it, from the outside in.

        A place is the kind and the path of the keys.
        """
        waiting = deque([(root, "")])
        while waiting:
            name, path = waiting.popleft()
            known = name in self.places
            self.places[name].append((kind, path))
            if not known:
                waiting.extend(self._inside(name, path))

    def _inside(self, name: str, path: str) -> Iterator[tuple[str, str]]:
        """The mappings at a mapping's keys, with their paths."""
        for key, place in self.definitions[name]["properties"].items():
            for inner in dict.fromkeys(self._mappings(place)):
                yield inner, f"{path}.{key}" if path else key

    def _mappings(self, place: Any) -> Iterator[str]:
        """The mappings that may stand at a place of the schema, however deep in lists."""
        if isinstance(place, list):
            for one in place:
                yield from self._mappings(one)
        elif isinstance(place, dict):
            name = place.get("$ref", "").rpartition("/")[2]
            if "properties" in self.definitions.get(name, {}):
                yield name
            for one in place.values():
                yield from self._mappings(one)

    def heading(self, name: str) -> str:
        """Such as "triage: rules.do"; where several mappings may stand, with a key to tell."""
        kind, path = self.places[name][0]
        if not path:
            return kind
        beside = [one for one, found in self.places.items() if found[0] == (kind, path)]
        key = next(iter(self.definitions[name]["properties"]))
        return f"{kind}: {path}" + (f" with {key}" if len(beside) > 1 else "")

    def link(self, name: str) -> str:
        """A link to the mapping's section, in the words of its heading."""
        heading = self.heading(name)
        anchor = "".join(one for one in heading if one.isalnum() or one in " _-").replace(" ", "-")
        key = next(iter(self.definitions[name]["properties"]))
        return f"[{{{key}: …}}](#{anchor})"


def reference(schema: Place, front_matter: Sequence[str]) -> str:
    """The page: `schema` is that of all kinds, `front_matter` the keys templates may set."""
    book = _Book(schema["$defs"])
    for branch in schema["oneOf"]:
        name = branch["$ref"].rpartition("/")[2]
        book.collect(name, book.definitions[name]["properties"]["kind"]["const"])
    kinds = dict.fromkeys(found[0][0] for found in book.places.values())
    lines = [_INTRO, " · ".join(f"[{kind}](#{kind})" for kind in kinds), ""]
    for name in book.places:
        lines += _section(name, book)
        if book.heading(name) == "cadence":
            lines += [_front_matter(front_matter), ""]
    return "\n".join(lines).rstrip() + "\n"


def _front_matter(keys: Sequence[str]) -> str:
    return f"The front matter of the template may say these instead: {_listed(keys, 'and')}."


def _section(name: str, book: _Book) -> Iterator[str]:
    definition, found = book.definitions[name], book.places[name]
    yield from (f"{'##' if not found[0][1] else '###'} {book.heading(name)}", "")
    yield from (definition["description"].partition("\n\n")[0].replace("\n", " "), "")
    also = [path for _, path in found[1:]]
    if 0 < len(also) <= _FEW:
        yield from (f"The same at {_listed(also, 'and')}.", "")
    yield from ("| key | takes | default | says |", "| --- | --- | --- | --- |")
    needed = definition.get("required", ())
    keys = sorted(definition["properties"], key=lambda key: key not in needed)
    for key in keys:
        place = definition["properties"][key]
        default = "**needed**" if key in needed else _default(place)
        told = (f"`{key}`", _words(place, book), default, place["description"])
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in told) + " |"
    yield ""


def _default(place: Place) -> str:
    """The default, where it is one value; a mapping's own section has the others."""
    match place.get("default"):
        case None | [] | {} | "" | dict():
            return ""
        case bool() as flag:
            return f"`{str(flag).lower()}`"
        case list() as items:
            return f"`[{', '.join(map(str, items))}]`"
        case value:
            return f"`{value}`"


def _words(place: Place, book: _Book) -> str:
    """What a place takes, in words."""
    if "$ref" in place:
        name = place["$ref"].rpartition("/")[2]
        definition = book.definitions[name]
        return book.link(name) if "properties" in definition else _words(definition, book)
    for word in ("anyOf", "oneOf"):
        if word in place:
            return _either([one for one in place[word] if one.get("type") != "null"], book)
    if "const" in place or "enum" in place:
        return _listed(place.get("enum", [place.get("const")]))
    return _plain(place, book)


def _either(branches: list[Place], book: _Book) -> str:
    """One of several; a list whose only item may stand by itself is told as such."""
    if len(branches) == 2 and branches[1].get("items") == branches[0]:
        return f"{_words(branches[0], book)}; or a list of them"
    return _joined([_words(one, book) for one in branches])


def _plain(place: Place, book: _Book) -> str:
    match place["type"]:
        case "boolean":
            return "`true` or `false`"
        case "integer" | "number":
            return _number(place)
        case "array":
            return f"a list: each {_words(place['items'], book)}"
        case "object":
            return _by_name(place, book)
        case _:
            return _text(place)


def _number(place: Place) -> str:
    name = "a whole number" if place["type"] == "integer" else "a number"
    least, most = place.get("minimum"), place.get("maximum")
    if least is None:
        return f"{name} above {place['exclusiveMinimum']:g}, up to {most:g}"
    return f"{name}, {least}" + (f" to {most}" if most is not None else " or more")


def _by_name(place: Place, book: _Book) -> str:
    ((pattern, value),) = place.get(
        "patternProperties", {"": place.get("additionalProperties")}
    ).items()
    name = _FORMS.get(_shape(place.get("propertyNames", {}) | {"pattern": pattern or None}))
    return f"a mapping from {name or 'text'} to {_words(value, book)}"


def _text(place: Place) -> str:
    if _shape(place) in _FORMS:
        return _FORMS[_shape(place)]
    if "pattern" in place:
        return f"text that matches `{place['pattern'].removeprefix('^(?:').removesuffix(')$')}`"
    return f"text, up to {place['maxLength']} characters" if "maxLength" in place else "text"


def _listed(values: Sequence[str], last: str = "or") -> str:
    return _joined([f"`{value}`" for value in values], last)


def _joined(words: Sequence[str], last: str = "or") -> str:
    *others, end = dict.fromkeys(words)
    return f"{', '.join(others)} {last} {end}" if others else end
