"""The auditor's own tool: verify a bundle, and replay it event by event, without the service."""
