"""Every table as SQLAlchemy sees it: the specification's own, and ours beside it (prefixed ``studio_``).

A test proves that these models and the migrations agree. ``instagram_feeds`` is fixed by the specification: this app
never adds, drops or retypes a column of it. Every table of ours that holds anything of a tenant has the tenant first in
its primary key, so that a foreign key can never reach another tenant's row.
"""

from lib.store.tables.base import Base
from lib.store.tables.batches import Batch, BatchRow, ModelLimit, Process, RequestFile
from lib.store.tables.experiments import (
    DefaultPrompt,
    Experiment,
    ExperimentPair,
    ExperimentVariant,
    FeedResult,
    Prompt,
    Vote,
)
from lib.store.tables.feeds import FeedFindings, FeedIndex, FeedMove, FeedState, FeedVersion
from lib.store.tables.generations import Attempt, DeletedGeneration, Generation
from lib.store.tables.metrics import (
    MetricCell,
    MetricChange,
    MetricChangedDay,
    MetricFact,
    MetricLatency,
    MetricState,
    MetricTariff,
    OwnPrice,
    SavedView,
    TenantSettings,
)
from lib.store.tables.sheets import ColumnMapping, SheetDraft
from lib.store.tables.specification import InstagramFeed, Job, OverlayLayout
from lib.store.tables.tenants import ApiKey, Tenant, TenantChange

__all__ = [
    "ApiKey",
    "Attempt",
    "Base",
    "Batch",
    "BatchRow",
    "ColumnMapping",
    "DefaultPrompt",
    "DeletedGeneration",
    "Experiment",
    "ExperimentPair",
    "ExperimentVariant",
    "FeedFindings",
    "FeedIndex",
    "FeedMove",
    "FeedResult",
    "FeedState",
    "FeedVersion",
    "Generation",
    "InstagramFeed",
    "Job",
    "MetricCell",
    "MetricChange",
    "MetricChangedDay",
    "MetricFact",
    "MetricLatency",
    "MetricState",
    "MetricTariff",
    "ModelLimit",
    "OverlayLayout",
    "OwnPrice",
    "Process",
    "Prompt",
    "RequestFile",
    "SavedView",
    "SheetDraft",
    "Tenant",
    "TenantChange",
    "TenantSettings",
    "Vote",
]
