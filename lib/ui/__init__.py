"""Everything that streamlit draws: words, frame, feedback, preview."""
