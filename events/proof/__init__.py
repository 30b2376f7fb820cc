"""The log's proof in public formats: the Merkle tree, signed notes, checkpoints, the signer."""
