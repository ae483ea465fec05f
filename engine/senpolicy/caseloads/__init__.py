"""Many pupils at once: tables, budgets, made populations, and a school's own model."""
