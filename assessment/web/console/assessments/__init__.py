"""The assessments of a tenant: the list, one of them, the work on it, and two compared."""
