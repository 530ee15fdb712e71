"""The SQL store beside SQLAlchemy."""
