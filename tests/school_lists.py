"""Lists as schools have them, drawn by chance: titles, headings of many kinds, and cells of every spelling."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence

#: Headings, and cells that may be under them, right and wrong.
COLUMNS: dict[str, Sequence[str]] = {
    "Pupil ID": ["A1001", "A1002", "A1003", "n/a", ""],
    "Legal Surname": ["Wren" + "field", "O'Zebe" + "dee", "", "Total"],
    "DOB": [
        "01/09/2014",
        "1.9.14",
        "14th March 2012",
        "2016-02-29",
        "2015-02-29",
        "41883",
        "12/25/2013",
        "3/4/2015",
        "",
        "tbc",
    ],
    "Year Group": [
        "Year 4",
        "Year  4",
        "R",
        "Reception",
        "N1",
        "N2",
        "Yr 8",
        "7.0",
        "Mixed",
        "3/4",
        "X",
        "12",
        "e2",
        "",
        "13 ",
    ],
    "NC Year": ["4", "r", "11", "-1", "Year 15", ""],
    "SEN Status": [
        "E",
        "K",
        "N",
        "e",
        "S",
        "E - EHCP",
        "K - SEN Support",
        "K - Education, Health and Care Plan",
        "M",
        "Watching brief",
        "no sen",
        "",
        " E",
        "E\u00a0",
    ],
    "SEN Status Description": ["Education, Health and Care Plan", "SEN Support", "No SEN", ""],
    "EHCP (Y/N)": ["Y", "N", "yes", "Ceased", "Draft", "", "1"],
    "EHCP Issued": [
        "01/05/2024",
        "2025-09-01 00:00:00",
        "2024-Sep-01",
        "31/02/2024",
        "1 May 2025",
        "45000",
        "",
        "01/05/2027",
    ],
    "EHCP Start Date": ["01/05/2023", "", "tbc"],
    "Top-up": [
        "£4,000",
        "4000.00",
        "6,000",
        "£ 6 480.25",
        "Nil",
        "tbc",
        "-250.00",
        "(100)",
        "0",
        "",
        "1,20",
        "7000,00",
        "0004500",
    ],
    "Funding Start": ["01/04/2024", "01/04/2025", "01/09/2025", "", "x"],
    "Funding End": ["31/03/2025", "31/08/2026", "", "?"],
    "Top-up Received": ["Yes", "No", ""],
    "School": ["Made-up Primary", "Made-up Special", "Elsewhere Resource Base", ""],
    "DfE No.": ["999/2001", "9997001", "9999999", ""],
    "URN": ["990003", "990001.0", "123456", ""],
    "In SEN Unit?": ["Yes", "No", "Autism base", "", "U"],
    "Resourced Provision": ["Y", "RP", "-", "?", ""],
    "Enrolment Status": ["C", "M", "S", "Visiting", "Guest", ""],
    "Leaving Date": ["31/07/2025", "31/07/2026", "", "Yes", "No"],
    "On roll": ["Yes", "No", ""],
    "Plan Ceased Date": ["31/07/2025", "", "01/01/2027"],
    "Case Ref": ["K-1", "K-2", "K-3", "AB05112018", "", "WREN15"],
    "Sex": ["F", "M", ""],
    "Notes": ["Left in July", "School fees paid", "Total help", ""],
    "Favourite colour": ["blue", ""],
    "Provision base notes": ["", "?"],
    "age": ["9", "10", "x", "26"],
    "existing_claim": ["true", "No", "", "perhaps"],
    "element3_rate": ["4000", "£4,000", "0", ""],
    "Cost of the support": ["7000", "£12,000.50", "lots", ""],
    "community_protection": ["kept", "opted_out", "Kept", ""],
    "setting": ["mainstream", "special", "Special", ""],
}
TITLES = ["SEN register as at 01/10/2025", "Made-up Primary (DfE No. 999/2001)", "Amounts are for the term.", "URN: 990002",
          "Top-up schedule 2024/25", "Printed on 12 Sep 2024", "Class 4"]  # fmt: skip


def drawn(source: random.Random) -> bytes:
    """Return a list as CSV: some titles, some columns, some pupils, in one of the encodings that schools use."""
    headings = source.sample(list(COLUMNS), source.randint(2, 12))
    if source.random() < 0.05:
        headings.append(source.choice(headings))
    rows = [[title] for title in source.sample(TITLES, source.choice([0, 0, 1, 2]))]
    rows.append(headings if source.random() < 0.8 else [one.upper() for one in headings])
    for _ in range(source.randint(1, 6)):
        rows.append([source.choice(COLUMNS[one]) for one in headings])
        if source.random() < 0.1:
            rows.append(rows[-1])
        if source.random() < 0.05:
            rows.append(headings)
        if source.random() < 0.05:
            rows.append(["Total", *[""] * (len(headings) - 2), "12"])
    out = io.StringIO()
    csv.writer(out, delimiter=source.choice(",,,;\t"), lineterminator=source.choice(["\r\n", "\n", "\r"])).writerows(
        rows
    )
    text = out.getvalue()
    if source.random() < 0.05:
        text = text.replace('"', "", 1) if '"' in text else text + '"'
    return text.encode(source.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
