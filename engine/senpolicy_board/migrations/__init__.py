"""How the tables of the board came to be, step by step, by Django: `_steps` is what they share."""
