"""The language of rules: conditions, their days, cells and diagrams. It knows no file and no policy."""
