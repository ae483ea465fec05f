"""Files of schools and councils, read into cases: what is certain, what a person must confirm, what is left out."""
