"""What asyncio and anyio promise to code inside a task, one promise per coroutine."""

import asyncio
import contextvars
import signal
import sys
import threading

import anyio
import anyio.to_thread

PROBES = {}

LONG = 60

visible = contextvars.ContextVar("visible")


def probe(coroutine):
    PROBES[coroutine.__name__] = coroutine
    return coroutine


async def expect(exception, awaitable):
    try:
        await awaitable
    except exception as error:
        return error
    raise AssertionError(f"{exception.__name__} was expected and nothing was raised")


def uncancel():
    task = asyncio.current_task()
    if hasattr(task, "uncancel"):
        task.uncancel()


@probe
async def current_task():
    task = asyncio.current_task()
    assert isinstance(task, asyncio.Task), task
    assert task in asyncio.all_tasks()
    assert not task.done()
    await asyncio.sleep(0)
    assert asyncio.current_task() is task


@probe
async def current_task_in_a_child():
    parent = asyncio.current_task()

    async def child():
        return asyncio.current_task()

    assert await asyncio.create_task(child()) is not parent
    assert asyncio.current_task() is parent


@probe
async def main_thread_loop():
    assert threading.current_thread() is threading.main_thread()
    loop = asyncio.get_running_loop()
    received = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR2, received.set)
    signal.raise_signal(signal.SIGUSR2)
    await asyncio.wait_for(received.wait(), LONG)
    loop.remove_signal_handler(signal.SIGUSR2)


@probe
async def contextvar_set_before_suspension():
    visible.set("before")
    await asyncio.sleep(0)
    assert visible.get() == "before"


@probe
async def contextvar_starts_unset_and_is_left_dirty():
    assert visible.get("unset") == "unset"
    visible.set("dirty")


@probe
async def contextvar_token_across_suspension():
    token = visible.set("inner")
    await asyncio.sleep(0)
    visible.reset(token)
    assert visible.get("unset") == "unset"


@probe
async def contextvar_seen_by_a_child_and_a_thread():
    visible.set("inherited")

    async def child():
        seen = visible.get()
        visible.set("changed in the child")
        return seen

    assert await asyncio.create_task(child()) == "inherited"
    assert await asyncio.to_thread(visible.get) == "inherited"
    assert visible.get() == "inherited"


@probe
async def contextvar_seen_by_a_callback():
    loop = asyncio.get_running_loop()
    visible.set("scheduled")
    seen = loop.create_future()
    loop.call_soon(lambda: seen.set_result(visible.get("unset")))
    assert await seen == "scheduled"


@probe
async def cancelled_in_the_first_step():
    asyncio.current_task().cancel()
    await expect(asyncio.CancelledError, asyncio.sleep(LONG))
    uncancel()
    await asyncio.sleep(0)


@probe
async def cancelled_with_a_message():
    asyncio.current_task().cancel("why")
    error = await expect(asyncio.CancelledError, asyncio.sleep(LONG))
    assert error.args == ("why",)
    uncancel()


@probe
async def cancelled_by_a_callback():
    task = asyncio.current_task()
    asyncio.get_running_loop().call_soon(task.cancel)
    await expect(asyncio.CancelledError, asyncio.sleep(LONG))
    uncancel()


@probe
async def cancelled_by_a_child():
    task = asyncio.current_task()

    async def child():
        task.cancel()

    spare = asyncio.create_task(child())
    await expect(asyncio.CancelledError, asyncio.sleep(LONG))
    uncancel()
    await spare


@probe
async def cancelling_is_counted():
    task = asyncio.current_task()
    if not hasattr(task, "cancelling"):
        return
    assert task.cancelling() == 0
    task.cancel()
    assert task.cancelling() == 1
    await expect(asyncio.CancelledError, asyncio.sleep(LONG))
    assert task.uncancel() == 0


@probe
async def cancelled_child():
    child = asyncio.create_task(asyncio.sleep(LONG))
    await asyncio.sleep(0)
    child.cancel()
    await expect(asyncio.CancelledError, child)
    assert child.cancelled()


@probe
async def wait_for_result_and_timeout():
    assert await asyncio.wait_for(asyncio.sleep(0, "result"), LONG) == "result"
    await expect(asyncio.TimeoutError, asyncio.wait_for(asyncio.sleep(LONG), 0.01))
    await expect(asyncio.TimeoutError, asyncio.wait_for(asyncio.sleep(LONG), 0))


@probe
async def gather_shield_and_as_completed():
    assert await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0, 2)) == [1, 2]
    assert await asyncio.shield(asyncio.sleep(0, 3)) == 3
    waits = [asyncio.sleep(0, 4), asyncio.sleep(0, 4)]
    assert [await done for done in asyncio.as_completed(waits)] == [4, 4]


@probe
async def locks_queues_and_semaphores():
    queue = asyncio.Queue(1)
    async with asyncio.Lock(), asyncio.Semaphore(1):
        producer = asyncio.create_task(queue.put("item"))
        assert await queue.get() == "item"
        await producer


@probe
async def default_executor():
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, threading.get_ident) != threading.get_ident()


@probe
async def child_process():
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "print('from a child')", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    assert (output, child.returncode) == (b"from a child\n", 0)


@probe
async def async_generator_is_closed():
    closed = asyncio.Event()

    async def numbers():
        try:
            yield 1
            yield 2
        finally:
            closed.set()

    generator = numbers()
    assert await generator.__anext__() == 1
    await generator.aclose()
    assert closed.is_set()


@probe
async def anyio_sleep_and_deadline():
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep(LONG)
    assert scope.cancelled_caught
    try:
        with anyio.fail_after(0.01):
            await anyio.sleep(LONG)
    except TimeoutError:
        return
    raise AssertionError("fail_after did not fail")


@probe
async def anyio_scope_cancelled_in_the_first_step():
    with anyio.CancelScope() as scope:
        scope.cancel()
        await anyio.sleep(LONG)
    assert scope.cancelled_caught
    await anyio.sleep(0)


@probe
async def anyio_task_group():
    results = []

    async def child(number):
        await anyio.sleep(0)
        results.append(number)

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(child, number)
    assert sorted(results) == [0, 1, 2]


@probe
async def anyio_streams_and_threads():
    send, receive = anyio.create_memory_object_stream(1)
    async with send, receive:
        await send.send("item")
        assert await receive.receive() == "item"
    assert await anyio.to_thread.run_sync(threading.get_ident) != threading.get_ident()
    assert anyio.get_current_task().id == id(asyncio.current_task())


if sys.version_info >= (3, 11):
    from probes_3_11 import NEWER

    PROBES |= NEWER
