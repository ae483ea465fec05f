"""publiccode.yml by its published standard (publiccodeyml/publiccode.yml, docs/standard), so that catalogues can read it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from golden_files import ROOT

TEXT = {"type": "string", "minLength": 1}
LANGUAGE = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"}
#: Of the standard's list of categories those that could fit here, and its whole list of scopes.
CATEGORIES = ["budgeting", "business-process-management", "compliance-management", "data-analytics", "financial-reporting",
              "grant-management", "knowledge-management", "workflow-management"]  # fmt: skip
SCOPES = ["agriculture", "culture", "defence", "education", "emergency-services", "employment", "energy", "environment",
          "finance-and-economic-development", "foreign-affairs", "healthcare", "infrastructures", "justice",
          "local-authorities", "manufacturing", "research", "science-and-technology", "security", "society", "sport",
          "tourism", "transportation", "welfare"]  # fmt: skip


def shape(required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a map that has these keys and no others."""
    return {"type": "object", "required": list(required), "properties": {**required, **optional},
            "additionalProperties": False}  # fmt: skip


def listed(one: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}


#: What the standard makes mandatory, and the optional keys that are used here. Keys that it calls deprecated are out.
STANDARD = Draft7Validator(
    shape(
        {
            "publiccodeYmlVersion": {"type": "string", "pattern": r"^0(\.[0-9]+)*$"},
            "name": TEXT,
            "url": {"type": "string", "pattern": r"^https?://[^/\s]+/\S+$"},
            "platforms": listed(TEXT),
            "categories": listed({"enum": CATEGORIES}),
            "developmentStatus": {"enum": ["concept", "development", "beta", "stable", "obsolete"]},
            "softwareType": {"enum": ["standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web",
                                      "standalone/backend", "standalone/other", "addon", "library", "configurationFiles"]},
            "description": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": LANGUAGE,
                "additionalProperties": shape(
                    {
                        "shortDescription": {"type": "string", "maxLength": 150, "pattern": "^[^\n]+$"},
                        "longDescription": {"type": "string", "minLength": 150, "maxLength": 10_000},
                        "features": {**listed({"type": "string", "maxLength": 100}), "minItems": 5, "maxItems": 20},
                    },
                    {"documentation": TEXT},
                ),
            },
            "legal": shape({"license": TEXT}, {"mainCopyrightOwner": TEXT, "repoOwner": TEXT}),
            "maintenance": shape(
                {"type": {"enum": ["internal", "community"]}, "contacts": listed(shape({"name": TEXT}, {"affiliation": TEXT}))},
                {},
            ),
            "localisation": shape(
                {"localisationReady": {"type": "boolean"}, "availableLanguages": listed(LANGUAGE)}, {}
            ),
        },
        {
            "softwareVersion": TEXT,
            "releaseDate": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "intendedAudience": shape(
                {}, {"countries": listed({"type": "string", "pattern": "^[a-z]{2}$"}), "scope": listed({"enum": SCOPES})}
            ),
        },
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    read = yaml.load((ROOT / "publiccode.yml").read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert isinstance(read, dict)
    return read


def test_it_has_what_the_standard_requires_and_only_values_that_it_allows(said: dict[str, Any]) -> None:
    assert [(list(one.absolute_path), one.message) for one in STANDARD.iter_errors(said)] == []


def test_it_says_the_licence_that_the_repository_has_and_what_is_still_to_be_set(said: dict[str, Any]) -> None:
    """Nobody may take a made-up address for the real one, nor a person's name stand here."""
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{said['legal']['license']} License")
    text = (ROOT / "publiccode.yml").read_text(encoding="utf-8")
    if "example.com" in said["url"]:
        assert "TO BE SET" in text
        assert said["maintenance"]["contacts"] == [{"name": "To be set"}]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda read: read.pop("url"),
        lambda read: read.update(developmentStatus="ready"),
        lambda read: read.update(inputTypes=["text/yaml"]),
        lambda read: read["categories"].append("government-websites"),
        lambda read: read["intendedAudience"].update(countries=["GB"]),
        lambda read: read["description"]["en-GB"].update(shortDescription="x" * 151),
        lambda read: read["maintenance"].pop("contacts"),
    ],
)
def test_what_the_standard_does_not_allow_is_noticed(
    said: dict[str, Any], spoil: Callable[[dict[str, Any]], Any]
) -> None:
    """The check itself can fail."""
    wrong = copy.deepcopy(said)
    spoil(wrong)
    assert list(STANDARD.iter_errors(wrong))
