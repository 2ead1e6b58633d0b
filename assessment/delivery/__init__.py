"""Sending things out: webhooks and mail, from rows that were written with what they tell about."""
