"""Many chats at once, and readers that do not read, on the service's OpenAI API. Its memory is watched by its process id.
Arguments: PID NUMBER GROWTH, the MiB that are too many to grow by where nothing should."""

import asyncio
import json
import re
import sys
import time

pid, number, growth = map(int, sys.argv[1:4])
place = ("127.0.0.1", 8741)
failed = 0


def resident():
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) >> 10


def say(sentence, truth, note):
    global failed
    failed += not truth
    print("ok:" if truth else "FAILED:", f"{sentence} ({note})", flush=True)


async def begin(text):
    reader, writer = await asyncio.open_connection(*place, limit=1 << 16)
    body = json.dumps({"model": "gemini-3-flash", "stream": True, "messages": [{"role": "user", "content": text}]}).encode()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                 b"Content-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    return reader, writer


async def until(reader, sign):
    seen = b""
    while sign not in seen:
        more = await asyncio.wait_for(reader.read(65536), 90)
        assert more, f"it ended after {seen[-300:]}"
        seen += more
    return seen


def told(got):
    """The stamps that a stream told."""
    assert got.startswith(b"HTTP/1.1 200 ") and got.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n"), got[:100] + b" ... " + got[-100:]
    pieces = re.findall(rb'"delta":\{"content":"([^"]*)"', got)
    return [int(stamp) for stamp in re.findall(rb"t=(\d+) ", b"".join(pieces))]


async def whole(text, deltas):
    reader, writer = await begin(text)
    stamps = told(await asyncio.wait_for(reader.read(-1), 120))
    writer.close()
    assert len(stamps) == deltas and stamps == sorted(stamps), (len(stamps), deltas)


async def at_once(text, deltas):
    ended = await asyncio.gather(*(whole(text, deltas) for _ in range(number)), return_exceptions=True)
    return [error for error in ended if error is not None]


async def streams_to_the_end():
    deltas = 10
    before, began, wrong = resident(), time.monotonic(), []
    peaks = []
    for _ in range(3):
        wrong += await at_once(f"[[ls:synthetic={deltas},gap_us=200000]]", deltas)
        await asyncio.sleep(0)
        peaks.append(resident())
    note = f"{3 * number} chats in {time.monotonic() - began:.1f} s"
    say(f"{number} chats at once come whole, three times", not wrong, f"{note}; {wrong[:3]}" if wrong else note)
    say("… and the third time needs no more memory than the first", peaks[2] - peaks[0] < growth,
        f"{before} MiB before, then {', '.join(map(str, peaks))}")


async def open_at_once():
    """All are in the middle of their turn; each of them says that it is. Gives the memory that they need."""
    started = await asyncio.gather(*(begin("hi [[ls:stall=2]]") for _ in range(number)))
    await asyncio.gather(*(until(reader, b'"content":"word') for reader, _ in started))
    # The last place is taken: one more waits until somebody leaves.
    more = asyncio.ensure_future(whole("[[ls:synthetic=1,gap_us=1]]", 1))
    done, _ = await asyncio.wait([more], timeout=1)
    say(f"{number} turns are under way at once, and one more waits", not done, f"{resident()} MiB")
    needed = resident()
    for _, writer in started:
        writer.close()
    error = (await asyncio.gather(more, return_exceptions=True))[0]
    say("… until others leave", error is None, repr(error))
    return needed


async def open_twice():
    needed = [await open_at_once(), await open_at_once()]
    say("… and the second time needs no more memory than the first", needed[1] - needed[0] < growth, f"{needed} MiB")


async def slow_readers():
    readers, deltas = 8, 40_000
    before = resident()
    started = await asyncio.gather(*(begin(f"[[ls:synthetic={deltas},gap_us=100]]") for _ in range(readers)))
    peak = 0
    for _ in range(50):
        await asyncio.sleep(0.1)
        peak = max(peak, resident())
    # A chat of so many deltas is 10 MB of events.
    say("readers that do not read cost little memory", peak - before < growth, f"{before} MiB before, {peak} MiB at most")
    wrong = []
    for reader, writer in started:
        try:
            stamps = told(await asyncio.wait_for(reader.read(-1), 90))
            assert len(stamps) == deltas and stamps == sorted(stamps), len(stamps)
        except Exception as error:
            wrong.append(error)
        writer.close()
    say("… and get everything once they read", not wrong, repr(wrong[:2]))


async def everything():
    await streams_to_the_end()
    await open_twice()
    await slow_readers()
    print(f"{resident()} MiB in the end")


asyncio.run(everything())
print("end")
sys.exit(failed > 0)
