"""The shape of imports/: how the files of schools and councils are read into facts of a case.

Headings, codes and layouts are data here, each with where it is known from. No answer rests on them: what a file says
becomes a fact of a case, or a question to a person, and the rules never see where a fact comes from.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from senpolicy.files.models.names import Names
from senpolicy.files.models.rules import Model
from senpolicy.files.models.scalars import Id, IsoDate, Marked, Name, Text, YesNo

CODES, COLUMNS, FACTS = "imports/codes.yaml", "imports/columns.yaml", "imports/facts.yaml"
Words = Annotated[list[Annotated[str, StringConstraints(min_length=1)]], Field(min_length=1)]
Column = Annotated[Name, Names("column of an import")]
CodeList = Annotated[Name, Names("list of codes")]
Flag = Annotated[Name, Names("flag of an import")]


class CodeMeaning(Model):
    """What one code of a list means."""

    value: str | None = Field(None, alias="is")
    """The value of the fact, where the code says it for certain."""
    may_be: str | None = None
    """The value that a person has to confirm, where the code is no longer in use, or means several things."""
    words: list[str] = []
    """How programs write the code in words."""
    flag: Flag | None = None
    """Why it is worth a look: the id of a flag in imports/facts.yaml."""
    until: IsoDate | None = None
    """The last day on which the code was in use."""
    note: str | None = None


class CodesOf(Model):
    """A list of codes, and where it is known from."""

    title: Text
    known_from: Text
    """The publication or program that the codes are known from."""
    strength: Literal["A", "B", "C"]
    """A: an official page was read. B: a public program reads or writes it. C: general knowledge."""
    codes: dict[str, CodeMeaning]
    """Each code, as official files write it, with what it means."""


class CodesFile(Model):
    """imports/codes.yaml: the codes of schools' and councils' files, and what each means for a case."""

    lists: dict[Name, CodesOf]
    """Each list of codes, by the name that columns use for it."""


class ColumnOf(Model):
    """What a column of a file can be about."""

    label: Text
    """What a person is told that the column was taken for."""
    holds: Literal["identifier", "day", "money", "code", "yes_no", "words"]
    """`identifier` is what tells who a child is: it is used to join rows, and then dropped."""
    codes: CodeList | None = None
    """The list of codes that its cells are written in."""
    ranked: YesNo = False
    """Whether the rows of one pupil may differ in it: then that of the first rank, or of the first row, is read."""
    first_of_several: YesNo = False
    """Whether the first of several such columns is read. Without it, none is of days, sums, codes, or yes and no."""
    headings: list[str] = []
    """How programs head the column. Capitals, blanks and punctuation make no difference."""


class ColumnsFile(Model):
    """imports/columns.yaml: what the columns of a file can be about, and how they are headed."""

    columns: dict[Name, ColumnOf]
    """Each column, by the name that readings use for it."""


class FactColumns(Model):
    """How a fact of a case is read from the columns of a file."""

    way: Literal["completed_years", "school_year", "place", "code", "day", "payment", "written"]
    """Which of the ways of reading it is; docs/how-to/bring-your-own-file.md says what each does."""
    of: Column
    birth: Column | None = None
    """For a school year: the column by which a year that is missing can be asked about."""
    beside: Column | None = None
    """For a code: the column that says the same in words."""
    provision: str | None = None
    """For a place: the value for a pupil in a unit or resourced provision."""
    may_hold: list[str] = []
    """For a place: the values of schools in which there can be such a provision."""
    claim: Annotated[Name, Names("given fact")] | None = None
    """For a payment: the fact that says that it was in payment before the day."""
    before: Marked | None = None
    """For a payment: the day before which it must have begun, as `$` and the name of a parameter."""
    fees: list[str] = []
    """For a payment: the places whose payments are fees, and no top-up."""
    issued: Annotated[Name, Names("given fact")] | None = None
    """For a payment: the fact that is the day of issue; a payment for a later plan cannot be older."""
    plan: Annotated[Name, Names("given fact")] | None = None
    """For a day or a payment: the fact that says whether there is a plan."""
    plan_is: str | None = None
    """The value of that fact by which there is one."""
    asks: Text
    """What a person is asked where the file alone does not settle it."""


class FlagOf(Model):
    """Something that a person should know of a row."""

    says: Text


class ImportFactsFile(Model):
    """imports/facts.yaml: how each fact is read, what pupils can be counted by, and what is worth a look."""

    facts: dict[Annotated[Name, Names("given fact")], FactColumns]
    groups: dict[Annotated[Name, Names("group")], Column] = {}
    """Columns of a caseload by which pupils are counted, and the column of a file that each is read from."""
    leaver_words: list[str] = []
    """Words in a comment that say that a pupil has left."""
    fee_words: list[str] = []
    """Words in a comment that say that a payment is a fee."""
    provision_words: list[str] = []
    """Words in a school's name, or in a heading that is not known, that may mean a unit or resourced provision."""
    other_amounts: list[str] = []
    """Words in the titles of a file that say that its amounts are not for a year, or hold more than the top-up."""
    flags: dict[Name, FlagOf]
    """What each flag says to a person."""


class Records(Model):
    """Which elements of a return are pupils."""

    at: Text
    """The path of the element, from the file's own: Message/Persons/Person."""
    leavers: YesNo = False
    """Whether each of them has left."""


class Part(Model):
    """Parts of a pupil's record of which the return can hold several: the one in force is read."""

    at: Text
    """Their path below the pupil's record: Requests/ActivePlans/PlacementDetail."""
    ended: str | None = None
    """The element that says when it ended; one that ended by the day of the return is passed over."""
    rank: str | None = None
    """The element that says which is the main one: the lowest comes first."""
    columns: dict[Column, str]
    """The element of the part from which each column is read."""
    latest: str | None = None
    """The element with a day by which the latest of several in force is read."""
    several: Flag | None = None
    """The flag where more than one is in force."""
    some_ended: Flag | None = None
    """The flag where one was passed over, for it had ended."""
    all_ended: Flag | None = None
    """Why a pupil is left out of whom each part of the kind has ended, and nothing that must be `present` is there."""


class PresentPart(Model):
    """A part by whose presence the status is known."""

    at: Text
    """Its path below the pupil's record."""
    status: Text
    """The code of the status where it is there."""
    missing: Flag
    """The flag where it is not."""
    transferred: Text | None = None
    """The element of it which says that the plan came from another authority."""


class Return(Model):
    """How the elements of an official return, in XML or as one table for each kind of element, are read."""

    records: Annotated[list[Records], Field(min_length=1)]
    """The elements that are pupils; each stays apart from the next."""
    day: list[str] = []
    """Paths of the day of which the return is."""
    school: list[list[str]] = []
    """Paths of the numbers of the authority and the school, for a return of one school."""
    columns: dict[Column, str] = {}
    """The element from which each column is read that a record holds once."""
    parts: list[Part] = []
    present: PresentPart | None = None
    """The part by whose presence the status is known, where the return gives no status."""
    tables: dict[Text, Text] = {}
    """For a return as tables: to which table each refers, by their names. A table is named as its element."""


class ImportFile(Model):
    """imports/<name>.yaml: one kind of file, how it is recognised, and what in it differs from others."""

    kind: Id = Field(alias="import")
    """What the kind is called; the file has the same name."""
    title: Text
    known_from: Text
    """The publication or program that the layout is known from."""
    strength: Literal["A", "B", "C"]
    """A: an official page was read. B: a public program reads or writes it. C: general knowledge."""
    shape: Literal["list", "payments", "return", "register", "caseload"]
    """`list`: a row a pupil, or a need. `payments`: a row for each period of one rate. `return`: XML, or one CSV file
    for each kind of element. `register`: schools. `caseload`: facts of cases already."""
    marks: list[Words] = []
    """Headings, or elements, that only such a file has: all of one of these lists."""
    file_names: list[str] = []
    """How such files are named, with * for what varies; `{year}`, `{term}` and `{table}` are parts with a meaning."""
    not_read: list[Text] = []
    """Titles that only such a file in another layout has, which cannot be read: it is refused, with what to bring."""
    codes_known_to: IsoDate | None = None
    """The last day of which its codes are known; of a later file it is said that there may be newer ones."""
    sheets: dict[str, dict[Column, str]] = {}
    """The sheets that are read, where not all are, with what each says of all its pupils."""
    headings: dict[Column, Words] = {}
    """Further headings, beside those in imports/columns.yaml."""
    codes: dict[Column, dict[str, CodeMeaning]] = {}
    """What codes mean in such a file, where they mean something else than elsewhere."""
    leavers: YesNo = False
    """Whether every row is a pupil who has left."""
    record: Return | None = None
    """For a return: which elements are pupils, and from which each column is read."""
    note: str | None = None
