"""Lets `python -m assessment` stand in for the `assessment` command."""

from assessment.cli import main

main()
