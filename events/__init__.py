"""Facts and law: what an auditor takes home. Imports nothing of `services` or `workers`."""
