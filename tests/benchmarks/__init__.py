"""Speed beside the raw floor, in the same run, as ratios of medians. `deploy/bench` runs it."""
