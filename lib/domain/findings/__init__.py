"""What a caption says, beside its brief: facts, the disclosure of a sponsored post, and the language."""
