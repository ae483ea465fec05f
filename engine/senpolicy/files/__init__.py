"""The files of the policy: read strictly, each value with its place, and what is wrong with them said plainly."""
