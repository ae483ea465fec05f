"""What Alembic runs: the migrations of the board, over the connection that `senpolicy_board.store` gives."""

from __future__ import annotations

from alembic import context

from senpolicy_board.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
context.run_migrations()
