"""The settings of the board's framework, as mypy's plugin for it reads them: see pyproject.toml."""

from senpolicy_board.framework import SETTINGS

globals().update(SETTINGS)
