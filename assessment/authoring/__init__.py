"""What authors of questionnaires work with: starting one, making one from a spreadsheet, a schema for their editor."""
