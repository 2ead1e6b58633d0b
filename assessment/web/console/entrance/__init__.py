"""Coming in: signing in with two steps, sessions, invitations, one's own account."""
