"""The JSON Schema of the documents, for editors and for naming the keys that a place has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from automation.config.descriptions import description
from automation.config.words import Path, nearest
from automation.model.base import Fact
from automation.model.metrics import MetricsPolicy
from automation.model.policy import Adopted, Cadence, Settings
from automation.model.provision import BoardSet, LabelSet, ScheduleSet
from automation.model.roster import Roster
from automation.model.triage import TriagePolicy

KINDS: Mapping[str, type[Fact]] = {
    "settings": Settings,
    "roster": Roster,
    "cadence": Cadence,
    "triage": TriagePolicy,
    "labels": LabelSet,
    "boards": BoardSet,
    "schedules": ScheduleSet,
    "metrics": MetricsPolicy,
    "adopted": Adopted,
}


class _Described(GenerateJsonSchema):
    """Says with each key what it means, as editors show it."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        told = super().model_schema(schema)
        for key, place in told["properties"].items():
            place["description"] = description(schema["cls"], key)
        return told


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of any one document below `policies/`."""
    wanted = [(model, "validation") for model in KINDS.values()]
    _, schema = models_json_schema(
        wanted,  # type: ignore[arg-type]
        by_alias=True,
        schema_generator=_Described,
    )
    definitions = schema["$defs"]
    for model in KINDS.values():
        _tell_kind(definitions[model.__name__])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Drumbeat policy",
        "description": "One YAML document in policies/; `kind` tells which one it is.",
        "type": "object",
        "required": ["kind"],
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in KINDS.values()],
        "$defs": definitions,
    }


def _tell_kind(definition: dict[str, Any]) -> None:
    definition["required"] = ["kind", *definition.get("required", ())]
    definition["properties"]["kind"].pop("default")


def keys_at(model: type[Fact], path: Path, written: Mapping[str, Any]) -> list[str]:
    """The keys that the mapping at the path may have.

    Where it may be one of several mappings, the one that shares most with what is written,
    or comes near to most of it.
    """
    schema = _schema_of(model)
    places = [schema]
    for part in path:
        places = [child for place in places for child in _children(schema, place, part)]
    choices = [
        list(one["properties"])
        for place in places
        for one in _branches(schema, place)
        if "properties" in one
    ]
    return max(choices, key=lambda keys: _likeness(keys, written), default=[])


_MOST_COMPARED = 20


def _likeness(keys: list[str], written: Mapping[str, Any]) -> tuple[int, int]:
    near = sum(nearest(key, keys) is not None for key in islice(written, _MOST_COMPARED))
    return len(written.keys() & keys), near


@lru_cache
def _schema_of(model: type[Fact]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=True)


def _branches(schema: dict[str, Any], place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "$ref" in place:
        yield from _branches(schema, schema["$defs"][place["$ref"].rpartition("/")[2]])
    for branch in (*place.get("anyOf", ()), *place.get("oneOf", ())):
        yield from _branches(schema, branch)
    yield place


def _children(
    schema: dict[str, Any], place: dict[str, Any], part: str | int
) -> Iterator[dict[str, Any]]:
    for branch in _branches(schema, place):
        if isinstance(part, int) and "items" in branch:
            yield branch["items"]
        elif part in branch.get("properties", ()):
            yield branch["properties"][part]
