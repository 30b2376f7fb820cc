"""What reviews and plans share: the cycle, deadlines, pinned rules, competence and leadership."""
