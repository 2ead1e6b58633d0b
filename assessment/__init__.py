"""The IT health self-assessment: this module only says which version it is."""

__version__ = "0.1.0"
