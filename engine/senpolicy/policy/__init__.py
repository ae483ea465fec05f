"""The policy as files: read once, and bound to a day and to the decisions that count."""
