"""The deployment's records and quotas in SQL: TDSQL-C for MySQL, or SQLite for local runs."""
