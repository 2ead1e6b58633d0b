"""What is taken out of the console: exports of a list, and its PDFs as a ZIP."""
