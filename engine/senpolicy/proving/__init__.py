"""What the solver shows of the rules: proofs, coverage, the nearest change, what is still possible."""
