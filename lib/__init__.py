"""Feed Studio. Reading order: brief, caption, errors, prompt, answer, writer, spool, generation, store, studio, ui."""
