"""The shape of the files beside those that decide: editions, scenarios, budgets, the board's, the lock, records."""
