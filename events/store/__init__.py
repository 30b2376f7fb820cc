"""The log and the vault in a database: the only SQL that touches events."""
