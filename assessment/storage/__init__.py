"""The only place that imports SQLAlchemy: tables, transactions and queries, one module a noun."""
