"""How the tables of the board came to be, step by step, by Alembic."""
