"""What a database's errors mean to the adapters, whichever driver raised them."""

from __future__ import annotations


class DatabaseUnavailable(Exception):
    """The database could not be reached, or was too busy, in several attempts."""


class DatabaseError(Exception):
    """A driver's error that callers handle; its cause is the driver's own."""


class DuplicateKey(DatabaseError):
    """A row with this key exists."""


class Contention(DatabaseError):
    """A deadlock, or a lock that was not granted in time; the statement did nothing."""


class ConnectionLost(DatabaseError):
    """The connection broke, or there was none; whether the statement was executed is unknown."""


class NoSuchTable(DatabaseError):
    """A statement names a table that does not exist."""


class AlreadyExists(DatabaseError):
    """The table, column or index that a statement should create exists."""
