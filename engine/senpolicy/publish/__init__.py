"""Publishing: pages and data made from the policy, for people who read it."""
