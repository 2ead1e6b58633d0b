"""The JSON Schema of the files as they are written, for editors: short ids, caps by bank, conditions spelled out.

The models say how a questionnaire is kept; the file format differs from that in the places `engine/loading.py` turns
one into the other. Those places are changed here, and a test holds every shipped file to the outcome.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from assessment.authoring.keys import KEYS
from assessment.engine.conditions import TESTS
from assessment.engine.loading import Case
from assessment.engine.questionnaire import Questionnaire

Json = dict[str, Any]

WORDS: Json = {"type": ["string", "number", "boolean"]}
"""A text in an editor's eyes: what we read as “10” it takes for a number."""

CONDITION: Json = {
    "description": "A condition: a comparison of an answer such as {profile.staff: {at_most: 2-4}}; all, any, not; a "
    "named fact; a finding; a share of “not sure”. Several keys must all hold.",
    "type": "object",
    "minProperties": 1,
    "properties": {
        "all": {"description": "Every one of these holds.", "type": "array", "items": {"$ref": "#/$defs/Condition"}},
        "any": {"description": "At least one of these holds.", "type": "array", "items": {"$ref": "#/$defs/Condition"}},
        "not": {"description": "This does not hold.", "$ref": "#/$defs/Condition"},
        "fact": {"description": "A named fact of the questionnaire.", "type": "string"},
        "finding": {"description": "A rule that holds, or any-critical.", "type": "string"},
        "not_sure_share": {
            "description": "How much of what was asked is “not sure”, in percent.",
            "type": "object",
            "properties": {"at_least": {"description": "From this share on.", "type": ["integer", "string"]}},
            "required": ["at_least"],
            "additionalProperties": False,
        },
    },
    "additionalProperties": {
        "description": "The answer to a question: an option, several, or a comparison.",
        "anyOf": [
            WORDS,
            {"type": "array", "items": WORDS, "minItems": 1},
            {
                "type": "object",
                "properties": {
                    test: {
                        "description": f"The answer {says} this.",
                        "anyOf": [WORDS, {"type": "array", "items": WORDS}],
                    }
                    for test, says in TESTS.items()
                },
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
            },
        ],
    },
}


def schemas() -> dict[str, Json]:
    """The schema of each kind of file: questionnaire, bank, guidance, sources and scenario."""
    kept = Questionnaire.model_json_schema()
    parts: dict[str, Json] = {**kept.pop("$defs"), **Case.model_json_schema().pop("$defs")}
    parts |= {"Questionnaire": kept, "Case": {**Case.model_json_schema(), "$defs": {}}}
    parts = {name: _written(part) for name, part in parts.items()}
    for name, change in CHANGES.items():
        change(parts[name])
    for name, sentences in KEYS.items():
        for key, sentence in sentences.items():
            if key in parts.get(name, {}).get("properties", {}):
                parts[name]["properties"][key] = {"description": sentence, **_bare(parts[name]["properties"][key])}
    parts["Condition"] = CONDITION
    parts["CapsAcross"] = _caps_across(parts["Caps"])
    parts["RuleAcross"] = _with(parts["Rule"], "caps", {"$ref": "#/$defs/CapsAcross"})
    figures = {"description": "Figures that questions and rules lean on.", "type": "array"}
    return {
        "questionnaire": _file(parts["Questionnaire"], parts),
        "bank": _file(parts["Bank"], parts),
        "guidance": _file(parts["Guidance"], parts),
        "sources": _file({**figures, "items": {"$ref": "#/$defs/Figure"}}, parts),
        "scenario": _file(parts["Case"], parts),
    }


def _bare(schema: Json) -> Json:
    return {key: value for key, value in schema.items() if key != "description"}


def _with(part: Json, key: str, value: Json) -> Json:
    """The part with another schema under one of its keys."""
    said = {"description": part["properties"][key]["description"], **value}
    return {**part, "properties": {**part["properties"], key: said}}


def _written(schema: Any) -> Any:
    """A schema of kept values as one of written ones: scalars are text, and what pydantic adds for itself goes."""
    if isinstance(schema, list):
        return [_written(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("description") == "a condition":
        return {"$ref": "#/$defs/Condition"}
    out: Json = {}
    for key, value in schema.items():
        if key == "properties":
            out[key] = {name: _written(one) for name, one in value.items()}
        elif key == "description":
            out[key] = " ".join(value.split())
        elif key not in ("title", "default", "discriminator", "$defs", "propertyNames"):
            out[key] = _written(value)
    if "enum" in out:
        out["enum"] += [int(word) for word in out["enum"] if re.fullmatch(r"\d+", word)]
        out.pop("type")
    elif out.get("type") == "string":
        out["type"] = WORDS["type"]
    return out


def _questionnaire(part: Json) -> None:
    entry = {key: {"description": says, **ENTRY[key]} for key, says in KEYS["Entry"].items()}
    for elsewhere in ("figures", "guidance"):
        part["properties"].pop(elsewhere)
    part["properties"]["banks"] = {
        "type": "array",
        "items": {"type": "object", "properties": entry, "required": [*entry], "additionalProperties": False},
    }
    part["properties"]["rules"] = {"type": "array", "items": {"$ref": "#/$defs/RuleAcross"}}


ENTRY: Mapping[str, Json] = {
    "bank": {"type": "string"},
    "weight": {"type": "integer", "minimum": 0, "maximum": 100},
}


def _bank(part: Json) -> None:
    part["properties"].pop("weight")


PERCENT: Json = {"type": "integer", "minimum": 0, "maximum": 100}


def _caps(part: Json) -> None:
    """In a bank: `{bank: 60, overall: 40, band: gaps}`; any other key is the name of another bank."""
    banks = {"description": "The most the bank of this name reaches.", **PERCENT}
    part["properties"] = {"bank": PERCENT, **{key: part["properties"][key] for key in ("overall", "band")}}
    part["additionalProperties"] = banks


def _caps_across(part: Json) -> Json:
    """Across banks every bank is named."""
    return {**part, "properties": {key: part["properties"][key] for key in ("overall", "band")}}


def _needs(part: Json) -> None:
    part["properties"]["first"]["items"] = {"anyOf": [WORDS, part["properties"]["first"]["items"]]}


def _maps(part: Json) -> None:
    one = part["properties"]["maps"]["additionalProperties"]
    part["properties"]["maps"]["additionalProperties"] = {"anyOf": [WORDS, one]}


CHANGES: Mapping[str, Callable[[Json], None]] = {
    "Questionnaire": _questionnaire,
    "Bank": _bank,
    "Caps": _caps,
    "Needs": _needs,
    "Question": _maps,
    "Recommendation": _maps,
}
"""What is written in another way than it is kept, by model."""


def _file(schema: Json, parts: Mapping[str, Json]) -> Json:
    """A schema that stands alone: with the parts it refers to, and no others."""
    needed: dict[str, Json] = {}
    following = [schema]
    while following:
        for name in re.findall(r"#/\$defs/(\w+)", str(following.pop())):
            if name not in needed:
                needed[name] = parts[name]
                following.append(parts[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **{key: value for key, value in schema.items() if key != "$defs"},
        "$defs": dict(sorted(needed.items())),
    }
