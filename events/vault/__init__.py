"""Personal words: sealed, committed to, and dark for ever once their key is destroyed."""
