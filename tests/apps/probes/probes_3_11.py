"""The promises that came with Python 3.11: `asyncio.timeout` and `asyncio.TaskGroup`."""

import asyncio

NEWER = {}

LONG = 60


def probe(coroutine):
    NEWER[coroutine.__name__] = coroutine
    return coroutine


@probe
async def timeout_in_the_first_step():
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(LONG)
    except TimeoutError:
        assert asyncio.current_task().cancelling() == 0
        return
    raise AssertionError("the timeout never came")


@probe
async def timeout_after_a_suspension():
    await asyncio.sleep(0)
    await timeout_in_the_first_step()


@probe
async def timeout_already_over():
    try:
        async with asyncio.timeout(-1):
            await asyncio.sleep(LONG)
    except TimeoutError:
        return
    raise AssertionError("the timeout never came")


@probe
async def timeout_not_reached():
    async with asyncio.timeout(LONG) as timeout:
        pass
    assert not timeout.expired()
    async with asyncio.timeout(LONG) as timeout:
        await asyncio.sleep(0)
    assert not timeout.expired()


@probe
async def nested_timeouts():
    try:
        async with asyncio.timeout(0.01):
            async with asyncio.timeout(LONG) as inner:
                await asyncio.sleep(LONG)
    except TimeoutError:
        assert not inner.expired()
        return
    raise AssertionError("the outer timeout never came")


@probe
async def task_group():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.sleep(0, number)) for number in range(3)]
    assert [task.result() for task in tasks] == [0, 1, 2]


@probe
async def task_group_with_a_failing_child():
    async def failing():
        raise ValueError("child")

    try:
        async with asyncio.TaskGroup() as group:
            sibling = group.create_task(asyncio.sleep(LONG))
            group.create_task(failing())
            await asyncio.sleep(LONG)
    except* ValueError as errors:
        assert [str(error) for error in errors.exceptions] == ["child"]
    assert sibling.cancelled()
    assert asyncio.current_task().cancelling() == 0


@probe
async def runner_free_loop_features():
    async with asyncio.timeout(LONG):
        barrier = asyncio.Barrier(2)
        other = asyncio.create_task(barrier.wait())
        await barrier.wait()
        await other
