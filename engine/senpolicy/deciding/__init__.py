"""Deciding a case: facts in, answers with reasons out, and the record of a decision."""
