"""Mutants of the engine's own Python: small wrong edits of single lines, and whether the tests notice them.

`tests/mutation` does the same for the rules. Why this is not one of the known tools: docs/decisions/0011.
"""
