"""A trail that gives every row: salts for what is sealed, notices as they were issued, and stricter triggers.

What an older trail did not write down is not filled in: every row that there is goes into one entry that takes it over.
"""

from __future__ import annotations

import secrets

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from senpolicy_board import protections
from senpolicy_board.migrations._steps import protect, table, text
from senpolicy_board.rows import Moment, key, salt, to
from senpolicy_board.taking_over import take_over

#: Tables whose rows get a salt, and which of their rows hold nothing to be sealed: retention has emptied them.
_SALTED = {"account": "1 = 1", "pick": "stratum IS NOT NULL OR replaced_because IS NOT NULL",
           "decision_record": "content IS NOT NULL", "meeting": "1 = 1"}  # fmt: skip


def unprotect(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take off the triggers that are made again, stricter, or that would refuse the salts."""
    dialect = editor.connection.vendor
    earlier = (*protections.TRIGGERS["0001"](dialect), *protections.TRIGGERS["0002"](dialect))
    protections.drop(editor, [one for one in earlier if one.name in protections.AGAIN])


def salted(_: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Give a salt to each row that holds something to be sealed; what retention has emptied stays empty."""
    with editor.connection.cursor() as cursor:
        for name, where in (*_SALTED.items(), ("scoring", "confirmed_at IS NULL")):
            cursor.execute(f"SELECT id FROM {name} WHERE {where}")
            for (one,) in cursor.fetchall():
                cursor.execute(f"UPDATE {name} SET salt = %s WHERE id = %s", [secrets.token_hex(32), one])


class Migration(migrations.Migration):
    """The columns, the table and the triggers; and what an older board holds is taken over."""

    dependencies = (("board", "0002_records"),)
    operations = (
        migrations.RunPython(unprotect),
        # A column with a default would be the same for every row, and on SQLite a table that is made again.
        *(
            migrations.SeparateDatabaseAndState(
                [migrations.AddField(model, "salt", text(64, null=True))], [migrations.AddField(model, "salt", salt())]
            )
            for model in ("account", "pick", "decisionrecord", "meeting")
        ),
        table(
            "IssuedNotice", "notice", key=key(), case=to("board.boardcase", "notices"), issued_at=Moment(),
            issued_by=to("board.account", db_index=False), as_of=text(40), policy_digest=text(71), seal=text(71),
            body=models.TextField(null=True), salt=salt(),
        ),
        migrations.RunPython(salted),
        protect("0003"),
        migrations.RunPython(lambda _, editor: take_over(editor.connection, "0003")),
    )  # fmt: skip
