"""Runs async tests, and holds them to leaving nothing behind."""

import asyncio
import functools
import gc

SECONDS = 30


def alone(test):
    """Makes a test of an async function: within a time, without tasks that are left and errors that nobody saw."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        asyncio.run(_watched(test(*args, **kwargs)), debug=True)

    return run


async def _watched(test):
    errors = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    await asyncio.wait_for(test, SECONDS)
    gc.collect()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"tasks that still run: {left}"
    assert not errors, errors


async def until(holds, changed):
    """Waits until a condition holds; `changed` are values that come whenever it may."""
    while not holds():
        await anext(changed)
