"""The law: pure functions. `evolve` says what a fact means; it refuses nothing."""
