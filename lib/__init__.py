"""Feed Studio: from a brief to an Instagram caption. ARCHITECTURE.md says where everything is."""

__version__ = "0.2.0"
"""The release that this code is, or becomes: the newest heading of CHANGELOG.md."""
