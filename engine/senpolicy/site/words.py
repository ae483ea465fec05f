"""How the site writes values, ranges and years. Pounds, days and lists are written by `readings.say`, as everywhere.

£3,500 and £75.50, 1 April 2025, "500 to 900", "2025 to 2026".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal

from senpolicy.checking.units import in_words
from senpolicy.language.conditions import pence
from senpolicy.policy.corpus import Corpus
from senpolicy.readings.say import say_date, say_money

#: The first day of a school year: month and day.
SCHOOL_YEAR = (9, 1)


def format_money(amount: Decimal | int) -> str:
    """Return an amount as people write it; an int is pence, a Decimal is pounds.

    >>> format_money(Decimal("3500.00")), format_money(Decimal("75.5")), format_money(600001)
    ('£3,500', '£75.50', '£6,000.01')
    """
    return say_money(amount if isinstance(amount, int) else pence(amount))


def format_date(day: date) -> str:
    """Return a day as people write it.

    >>> format_date(date(2025, 4, 1))
    '1 April 2025'
    """
    return say_date(day)


def format_range(low: str, high: str, *, about: bool = False) -> str:
    """Return two ends that are written already as a range.

    >>> format_range("50%", "75%", about=True)
    'about 50% to 75%'
    """
    return f"{'about ' if about else ''}{low} to {high}"


def format_days(first: date, last: date) -> str:
    """Return the days in which something happened: one day, a whole month by its name, or the first and the last.

    >>> format_days(date(2031, 8, 1), date(2031, 8, 31)), format_days(date(2031, 8, 1), date(2031, 9, 2))
    ('August 2031', 'Between 1 August 2031 and 2 September 2031')
    """
    if first == last:
        return format_date(first)
    if first.day == 1 and last == date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1):
        return format_date(first).removeprefix("1 ")
    return f"Between {format_date(first)} and {format_date(last)}"


def format_share(share: Decimal) -> str:
    """Return a share between 0 and 1 as per cent.

    >>> format_share(Decimal("0.75"))
    '75%'
    """
    return f"{(share * 100).normalize():f}%"


def format_value(value: Decimal | int | date | list[str] | str | None, unit: str) -> str:
    """Return the value of a parameter in its unit, as people write it; None is a value that is not held.

    >>> format_value(Decimal("6000"), "pounds_a_year"), format_value(None, "share")
    ('£6,000 a year', 'not held')
    """
    return "not held" if value is None else in_words(value, unit)


def format_stretch(first: date | None, last: date | None) -> str:
    """Return a stretch of days, both ends included, as a heading; a whole school year by its name.

    >>> format_stretch(None, date(2025, 3, 31)), format_stretch(date(2026, 9, 1), None)
    ('Before 1 April 2025', 'From 1 September 2026')
    >>> format_stretch(date(2025, 9, 1), date(2026, 8, 31))
    '2025 to 2026'
    >>> format_stretch(date(2025, 4, 1), date(2025, 8, 31))
    '1 April 2025 to 31 August 2025'
    """
    if first is None or last is None:
        if last is not None:
            return f"Before {format_date(last + timedelta(days=1))}"
        return f"From {format_date(first)}" if first else "Always"
    if is_school_year(first, last):
        return f"{first.year} to {last.year}"
    return f"{format_date(first)} to {format_date(last)}"


def is_school_year(first: date, last: date) -> bool:
    """Return whether two days, both included, are the ends of one school year."""
    return (first.month, first.day) == SCHOOL_YEAR and last + timedelta(days=1) == date(first.year + 1, *SCHOOL_YEAR)


def words(name: str, abbreviations: Collection[str] = ()) -> str:
    """Return an id as words, those that are abbreviations in capitals.

    >>> words("srp_average-rate", {"SRP"})
    'SRP average rate'
    """
    plain_words = re.sub(r"[_-]", " ", name).split(" ")
    return " ".join(one.upper() if one.upper() in abbreviations else one for one in plain_words)


def abbreviations_in(texts: Iterable[str]) -> set[str]:
    """Return the words of two to five capital letters in texts.

    >>> sorted(abbreviations_in(["an EHCP or SEN Support"]))
    ['EHCP', 'SEN']
    """
    return {one for text in texts for one in re.findall(r"\b[A-Z]{2,5}\b", text)}


def abbreviations_of(corpus: Corpus) -> set[str]:
    """Return the words that the facts and answers of a policy write in capitals."""
    facts = corpus.facts.facts.values()
    texts = [fact.label for fact in facts]
    texts += [one for fact in facts if isinstance(fact.values, dict) for one in fact.values.values()]
    return abbreviations_in([*texts, *(one for asked in corpus.questions.values() for one in asked.answers.values())])


def heading(text: str) -> str:
    """Return text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def count(number: int, what: str, many: str = "") -> str:
    """Return a number and what it counts.

    >>> count(1, "case"), count(1200, "case"), count(0, "case")
    ('1 case', '1,200 cases', 'no cases')
    """
    return f"{f'{number:,}' if number else 'no'} {what if number == 1 else many or what + 's'}"


def slug(text: str) -> str:
    """Return text as the name of a page or anchor.

    >>> slug("26/00041"), slug("From 1 May 2031")
    ('26-00041', 'from-1-may-2031')
    """
    return re.sub(r"[^a-z0-9_.]+", "-", text.lower()).strip("-")


_LEFT_ALONE = re.compile(r"(^```.*?^```$|^---$.*?^---$|<[^>]*>|`[^`]*`|\]\([^)]*\)|\{:[^}]*\})", re.S | re.M)
_YEARS = re.compile(r"(?<![\d/.-])(20\d\d)[-/\u2013](20)?(\d\d)(?![\d/-])")

#: A span of years that goes on to another: "to" between them would be read as one of those within.
_TWO_SPANS = re.compile(r"(?<![\d/.-])(20\d\d-\d\d) to (?=20\d\d-\d\d(?![\d/-]))")


def house_style(markdown: str) -> str:
    """Return a page with spans of years as the site writes them; code, links, tags and what names a file stay.

    >>> house_style("School funding 2025-26, and `2025-26`, in descriptors/draft-2025-26")
    'School funding 2025 to 2026, and `2025-26`, in descriptors/draft-2025-26'
    >>> house_style("in 2025/26, by SI 2031/59")
    'in 2025 to 2026, by SI 2031/59'
    >>> house_style("from 2021-22 to 2023-24")
    'from 2021 to 2022 until 2023 to 2024'
    """
    parts = _LEFT_ALONE.split(markdown)
    return "".join(
        part if place % 2 else _YEARS.sub(_span, _TWO_SPANS.sub(r"\1 until ", part)) for place, part in enumerate(parts)
    )


def _span(found: re.Match[str]) -> str:
    # After a stroke only the next year: "SI 2023/59" is the number of a regulation.
    first, last = int(found[1]), int(found[1][:2] + found[3])
    return f"{first} to {last}" if last > first and ("/" not in found[0] or last == first + 1) else found[0]
