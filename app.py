"""Feed Studio in one process: the pages at /, on a database that starts and stops with it. Run: streamlit run app.py"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import streamlit as st

from lib import studio
from lib.recovery import storekeeper


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """The database is up and migrated before the first page; what an earlier process left unstored gets stored."""
    here = await anyio.to_thread.run_sync(studio.current)
    with storekeeper(here):
        yield
    await anyio.to_thread.run_sync(here.close)


app = st.App("pages/_navigation.py", lifespan=lifespan)
