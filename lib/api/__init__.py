"""The door for programs: an HTTP API under ``/api``, and whether the server is well, for whoever watches over it.

Reading order: schemas (what travels), problems (what went wrong), threads (who waits where), access (who asks), feeds,
streaming, metrics, health.
"""

from lib.api.application import api
from lib.api.health import healthz, readyz

__all__ = ["api", "healthz", "readyz"]
