"""The commands of the board, which `senpolicy` finds by the entry points in this package's pyproject.toml."""

from senpolicy_board.commands import board_files, moderating

__all__ = ["board", "board_files"]

board = moderating.board
