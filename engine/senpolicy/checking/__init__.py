"""What is wrong with a corpus, a golden file, a figure or a lock, beyond the shape of each file."""
