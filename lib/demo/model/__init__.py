"""A pretend OpenAI endpoint inside the process, for machines without a key and for tests. It says that it is one.

It speaks the chat-completions protocol, streamed and not, and is reached by the real client through a transport, so
that everything but the network is the code that talks to OpenAI::

    openai.OpenAI(api_key="demo", base_url="http://demo.invalid/v1", max_retries=0,
                  http_client=httpx2.Client(transport=DemoModel().transport))

The model ``demo`` answers well; ``demo-refused``, ``demo-rate_limited`` and so on end in the other ways that an answer
can end. Its answers name the model ``demo`` and cost nothing.

The same brief gives varied but reproducible results: asked again it is answered otherwise, and a fresh process
gives the same answers in the same order.

Reading order: ``endpoint`` (what a request meets), ``rejections``, ``answers``, ``copywriting`` and what it stands on.
"""

from lib.demo.model.endpoint import BEHAVIOURS, DemoModel, Reply

__all__ = ["BEHAVIOURS", "DemoModel", "Reply"]
