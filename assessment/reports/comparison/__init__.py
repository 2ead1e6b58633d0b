"""Two stored outcomes of one firm set against each other: nothing is scored again."""
