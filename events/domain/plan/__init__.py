"""One remediation plan: its milestones, their evidence, and the steps that may be taken."""
