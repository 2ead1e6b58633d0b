"""Pure: what a tenant may set, what it may ask of a visitor, and how its leads are graded. No web, no database."""
