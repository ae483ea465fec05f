"""The shape of each kind of file, one module a kind; `rules` has those on which cases rest."""
