"""Two versions of the policy, and what a change of it does to whom."""
