"""What is looked for in captions, and how else it may be spelled."""
