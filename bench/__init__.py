"""What things cost, measured: each module here with a ``run()`` is a bench, and ``python -m bench`` runs them all."""
