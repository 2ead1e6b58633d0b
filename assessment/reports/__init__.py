"""Plain values in, text or bytes out: what an outcome says to a person. Knows no web and no database."""
