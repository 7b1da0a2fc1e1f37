"""httpx and aiohttp: pools of connections, streamed bodies both ways, forms, cookies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from conftest import HostFactory
    from e2e.running_host import RunningHost

PIECES = [bytes([number]) * 10_000 for number in range(20)]
BODY = b"".join(PIECES)


@pytest.fixture(scope="module")
def running(shared_host: HostFactory) -> RunningHost:
    return shared_host("echo")


@pytest.fixture(scope="module")
def inspected(shared_host: HostFactory) -> RunningHost:
    return shared_host("request")


@pytest.fixture(scope="module")
def returned(shared_host: HostFactory) -> RunningHost:
    return shared_host("returns")


def connections(running: RunningHost) -> int:
    """How many connections to the host are open."""
    port = f":{running.port:04X}"
    with open("/proc/net/tcp") as table:  # noqa: PTH123
        lines = [line.split() for line in table.readlines()[1:]]
    return sum(line[1].endswith(port) and line[3] == "01" for line in lines)


def test_httpx_keeps_one_connection(running: RunningHost) -> None:
    before = connections(running)
    with httpx.Client(base_url=running.url, trust_env=False) as client:
        for number in range(50):
            answer = client.post("/api/echo", content=str(number))
            assert (answer.status_code, answer.text) == (200, str(number))
        assert connections(running) == before + 1


def test_httpx_streams_both_ways(running: RunningHost) -> None:
    def pieces() -> Iterator[bytes]:
        yield from PIECES

    with httpx.Client(base_url=running.url, trust_env=False) as client:
        assert client.post("/api/echo", content=pieces()).content == BODY
        with client.stream("GET", "/api/large", params={"size": 3_000_000}) as answer:
            assert sum(map(len, answer.iter_bytes())) == 3_000_000
        # Left unread, the connection goes; the next request gets another.
        with client.stream("GET", "/api/large", params={"size": 3_000_000}) as answer:
            assert answer.status_code == 200
        assert client.post("/api/echo", content=b"next").content == b"next"


def test_httpx_forms_and_json(inspected: RunningHost) -> None:
    with httpx.Client(base_url=inspected.url, trust_env=False) as client:
        assert client.post("/api/json_body", json={"a": [1, "é"]}).json()["value"] == {
            "a": [1, "é"]
        }
        sent = client.post("/api/form", data={"a": ["1", "2"], "b": "x y"})
        assert sent.json()["all"] == {"a": ["1", "2"], "b": ["x y"]}
        sent = client.post(
            "/api/form", data={"a": "1"}, files={"doc": ("n é.bin", b"\0\xff", "x/y")}
        )
        assert sent.json()["all"] == {"a": ["1"]}
        assert [one["filename"] for one in sent.json()["files"]] == ["n é.bin"]


def test_httpx_cookies_and_redirects(returned: RunningHost) -> None:
    with httpx.Client(base_url=returned.url, trust_env=False, follow_redirects=True) as client:
        answer = client.post("/api/cookies", content="a=1; Path=/\nb=2")
        # Not from the client's jar: Python's takes no cookie with an empty domain, which is how
        # the official host writes it.
        assert answer.headers.get_list("set-cookie") == [
            "a=1; domain=; path=/",
            "b=2; domain=; path=",
        ]
        answer = client.get("/api/redirected?code=307")
        assert (answer.status_code, answer.url.path) == (404, "/api/elsewhere")


def test_httpx_async_pool(running: RunningHost) -> None:
    async def run() -> None:
        limits = httpx.Limits(max_connections=10)
        async with httpx.AsyncClient(
            base_url=running.url, limits=limits, trust_env=False
        ) as client:
            calls = (client.post("/api/echo_late", content=str(n)) for n in range(60))
            answers = await asyncio.gather(*calls)
            assert [answer.text for answer in answers] == [str(n) for n in range(60)]

            async def pieces() -> AsyncIterator[bytes]:
                for piece in PIECES:
                    yield piece

            assert (await client.post("/api/echo", content=pieces())).content == BODY

    asyncio.run(run())


def test_httpx_async_cancelled_request(running: RunningHost) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(base_url=running.url, trust_env=False) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/api/outlives_its_caller?tag=httpx", timeout=0.05)
            assert (await client.post("/api/echo", content=b"next")).content == b"next"

    asyncio.run(run())


def test_aiohttp_pool(running: RunningHost) -> None:
    async def run() -> None:
        connector = aiohttp.TCPConnector(limit=10)
        async with aiohttp.ClientSession(running.url, connector=connector) as session:

            async def call(number: int) -> str:
                async with session.post("/api/echo_async", data=str(number)) as answer:
                    assert answer.status == 200
                    return await answer.text()

            answers = await asyncio.gather(*(call(number) for number in range(100)))
            assert answers == [str(number) for number in range(100)]

    asyncio.run(run())


def test_aiohttp_streams_both_ways(running: RunningHost) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in PIECES:
            yield piece

    async def run() -> None:
        async with aiohttp.ClientSession(running.url) as session:
            async with session.post("/api/echo", data=pieces()) as answer:
                assert await answer.read() == BODY
            async with session.get("/api/large", params={"size": 3_000_000}) as answer:
                size = 0
                async for piece in answer.content.iter_chunked(65536):
                    size += len(piece)
                assert size == 3_000_000

    asyncio.run(run())


def test_aiohttp_forms_and_compression(inspected: RunningHost) -> None:
    async def run() -> None:
        async with aiohttp.ClientSession(inspected.url) as session:
            form = aiohttp.FormData()
            form.add_field("a", "é")
            form.add_field("doc", b"\0\xff", filename="n.bin", content_type="x/y")
            async with session.post("/api/form", data=form) as answer:
                seen = await answer.json()
            assert seen["all"] == {"a": ["é"]}
            assert [one["content_type"] for one in seen["files"]] == ["x/y"]
            # A coding of the content is the function's affair: it gets what was sent.
            async with session.post("/api/inspect", data=b"b" * 1000, compress=True) as answer:
                headers = dict((await answer.json())["headers"])
            assert headers["content-encoding"] == "deflate"

    asyncio.run(run())
