"""The language of rules: conditions, and the days that they speak of. It knows no file and no policy."""
