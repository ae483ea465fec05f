"""The policy mutation score: wrong edits, made by program to the real rules, and who notices each of them."""
