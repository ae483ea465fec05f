"""The types of a plain value in a file: texts, names, days, amounts, and what names a parameter.

Scalars arrive as the text that the author wrote, so each type reads it itself, and says what is wrong in plain words.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Strict, StringConstraints, WithJsonSchema

from senpolicy.files.models.names import Names
from senpolicy.files.models.units import read_choices, read_day, read_number, read_plain, read_set

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
IsoDate = Annotated[date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date"})]
#: An amount in pounds, which is not below 0.
Money = Annotated[
    Decimal, BeforeValidator(lambda t: read_set(t, "pounds")), WithJsonSchema({"type": ["number", "string"]})
]
Whole = Annotated[int, BeforeValidator(lambda t: int(read_number(t, 0))), WithJsonSchema({"type": "integer"})]
YesNo = Annotated[bool, Strict()]
Id = Annotated[Name, Names("id")]
#: `$` and the name of a parameter; other texts name none.
Marked = Annotated[str, Names("parameter", mark="$")]
Written = Annotated[Marked, WithJsonSchema({"type": ["string", "number", "boolean"]})]
Plain = Annotated[Marked | bool, BeforeValidator(read_plain), WithJsonSchema({"type": ["string", "number", "boolean"]})]
_SOME = {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1}
_ONE_OR_MORE = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
OneOrMore = Annotated[
    list[Marked], BeforeValidator(lambda t: [t] if isinstance(t, str) else t), WithJsonSchema(_ONE_OR_MORE)
]
Choices = Annotated[
    list[str] | Marked, BeforeValidator(read_choices), WithJsonSchema({"anyOf": [_SOME, {"type": "string"}]})
]
#: A paragraph or heading. An editor may take it for a number; it is read as it is written, so that 3.20 stays 3.20.
Paragraph = Annotated[
    str, StringConstraints(min_length=1), WithJsonSchema({"type": ["string", "number"], "minLength": 1})
]
#: One line, or the first and the last: 162, 156-170.
Lines = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]+(-[0-9]+)?$"),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+(-[0-9]+)?$"}]}),
]
