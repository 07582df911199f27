"""Links in a text, which nobody can press in a caption: addresses, and names under any public suffix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from publicsuffixlist import PublicSuffixList

_ADDRESS = re.compile(r"(?<![@\w.-])(?:https?://|www\.)\S+", re.ASCII | re.IGNORECASE)
_HOST = re.compile(
    r"(?<![@#A-Za-z0-9_.-])(?P<host>(?:[a-z0-9À-ɏ가-힣](?:[a-z0-9À-ɏ가-힣-]{0,61}[a-z0-9À-ɏ가-힣])?\.){1,8}(?P<end>[a-z]{2,24}"
    r"|(?:한국|닷컴|닷넷|삼성)(?![가-힣])))(?P<rest>(?:[:/?#](?:(?<=/)[가-힣]+|[\w./?=&%#:~+@-])*)?)(?![\w@-])(?!\.[a-z0-9])",
    re.ASCII | re.IGNORECASE,
)
_WORDS = re.compile("is|it|at|to|in|so|no|be|my|us|do|am|as|by|pm|py|rs|sh|zip|mov|md|ps|ai|bar|menu")
"""Domains that are also words, or the endings of files: such a name is a link only with a path behind it."""
_BEFORE_A_WORD = re.compile(
    "hello|hi|bye|good|nice|happy|merry|love|thank|slow|warm|cozy|fresh|sweet|daily|new|open|big|little|best|true|real|bon"
    "|our|your|the|one|all|only|just|see|stay|enjoy|hot|cool|soft|deep|pure|simple|every|with|from|for|and|sale|sunday|morning"
)
"""Words that stand before another one in mottos: with a new domain, and no path, they are no link (hello.world)."""
_PLAIN_DOMAINS = ("app", "dev", "shop", "store", "site", "online", "info", "biz", "xyz")

_KOREAN = (".com", ".net", ".org", ".kr", ".한국", ".닷컴", ".닷넷", ".삼성")
"""Domains under which a Korean name is a link, and not a sentence whose blank is missing (맛있어요.so)."""
_OLD = ("com", "net", "org", "kr")
"""Domains that are no names and no words, also where they begin with a capital (Onki.Com)."""


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)  # the list comes with the package: nothing is fetched


def links_in(text: str) -> Iterator[str]:
    """The links of a text, as they stand in it."""
    return (link for _, link in links_at(text))


def links_at(text: str) -> Iterator[tuple[int, str]]:
    """The links of a text, each with its place."""
    matches = [*_ADDRESS.finditer(text), *filter(_is_host, _HOST.finditer(text))]
    end = 0
    for match in sorted(matches, key=lambda match: (match.start(), -match.end())):
        if match.start() >= end:
            end = match.end()
            yield match.start(), match[0].rstrip(".,!?)”’\"'")


def _is_host(match: re.Match[str]) -> bool:
    host, ending = match["host"].lower(), match["end"].lower()
    if _WORDS.fullmatch(ending) and not match["rest"].startswith("/") and host.count(".") < 2:
        return False
    is_path = match["rest"].startswith("/")
    if re.search("[가-힣]", host) and not (host.endswith(_KOREAN) or is_path or _is_korean_name(host, ending)):
        return False
    if match["end"].istitle() and ending not in _OLD and host.count(".") == 1 and not is_path:
        return False  # Mr.Kim, Yes.World: two words
    name = host.split(".")[-2]
    is_new = len(ending) > _SHORTEST_NAME and ending not in (*_OLD, *_PLAIN_DOMAINS)
    if is_new and not is_path and host.count(".") == 1 and _BEFORE_A_WORD.fullmatch(name):
        return False
    return (len(name) > 1 or is_path) and not name.isdigit() and _suffixes().privatesuffix(host) is not None


def _is_korean_name(host: str, ending: str) -> bool:
    """Whether a Korean name stands under a domain that is no sentence going on: 봄날.shop, but 맛있어요.cool."""
    return len(ending) > _SHORTEST_NAME and not re.search(r"[요다죠까네음함]\.[a-z]+$", host)


_SHORTEST_NAME = 2
"""Letters of a country's domain, which are words as well (so, to, me)."""
