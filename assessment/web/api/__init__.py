"""The API for a tenant's own programs: what exports hold, read by page, and erasing; a token says who asks."""
