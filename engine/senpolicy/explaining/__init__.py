"""Why a case is decided as it is: in words, why not otherwise, what would change it, and on which days."""
