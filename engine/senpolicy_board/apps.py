"""The board as an application of Django."""

from __future__ import annotations

from django.apps import AppConfig


class BoardConfig(AppConfig):
    """The one application: its tables have the names that they had before Django kept them."""

    name = "senpolicy_board"
    label = "board"
