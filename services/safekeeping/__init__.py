"""What is kept beside the log, sealed or signed: drafts, files of evidence, signed heads."""
