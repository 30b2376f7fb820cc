"""How the state of a stream follows from its facts, and the rules' no: what all wings share."""
