"""The turns of websocket_client.mjs with Python's websockets: websocket_client.py deflate|plain PATH UPGRADE_SIM TURN…
where TURN is [prewarm:|next:]SIM."""

import asyncio
import hashlib
import json
import re
import sys

import websockets

compression, path, sim, *turns = sys.argv[1:]
LAST = re.compile(r"error|response\.(completed|incomplete|failed|cancelled)")


async def take(socket, flag, marker, before):
    name = re.search("id=([^,]*)", marker)[1]
    text = "All work and no play makes Jack a dull boy. " * 100 + f"[[sim:{marker}]]"
    create = {"type": "response.create", "model": f"gpt-{name}", "store": False, "prompt_cache_key": "of the message",
              "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}]}
    if flag == "prewarm":
        create["generate"] = False
    if flag == "next":
        create["previous_response_id"] = before
    await socket.send(json.dumps(create))
    told, total = {"name": name, "messages": 0}, hashlib.sha256()
    response = None
    while "last" not in told:
        message = await socket.recv()
        event = json.loads(message)
        told["messages"] += 1
        total.update(message.encode())
        response = response or event.get("response", {}).get("id")
        if LAST.fullmatch(event["type"]):
            told |= {"last": event["type"], "usage": event.get("response", {}).get("usage")}
    print(json.dumps(told | {"sum": total.hexdigest()[:16]}))
    return response


async def main():
    headers = {"authorization": "Bearer none"} | ({"x-sim": sim} if sim else {})
    async with websockets.connect(f"wss://api.openai.com{path}", extra_headers=headers, max_size=None,
                                  compression="deflate" if compression == "deflate" else None) as socket:
        print(json.dumps({"open": socket.response_headers.get("sec-websocket-extensions")}))
        before = None
        try:
            for turn in turns:
                flag, _, marker = turn.rpartition(":")
                before = await take(socket, flag, marker, before)
        except websockets.ConnectionClosed:
            print("closed")


asyncio.run(main())
