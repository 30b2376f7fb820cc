"""How things are said to whoever reads: in their language, times and names as people write them."""
