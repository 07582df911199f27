"""Experiments: the same briefs written in several ways, judged blind in pairs, and what the pairs prove."""

from lib.domain.experiments.evidence import Verdict, verdict

__all__ = ["Verdict", "verdict"]
