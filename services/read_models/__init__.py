"""What is asked for most, kept ready: tables that can be dropped and rebuilt, and their queries."""
