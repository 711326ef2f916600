"""Reads one slow stream to its end: says `started` at the first event, then how the stream ended and what it was."""

import hashlib
import json
import sys

from tls_client import TlsClient

host, sim = "api.openai.com", sys.argv[1]
body = json.dumps({"model": "gpt-sim", "stream": True, "stream_options": {"include_usage": True},
                   "messages": [{"role": "user", "content": "hi"}]})
client = TlsClient(host, timeout=60).handshake()
client.send((f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
             f"Connection: close\r\nx-sim: {sim}\r\n\r\n{body}").encode())
answer = client.recv_until(b"word 0")
print("started", flush=True)
rest, _ = client.recv_all()
answer += rest
print("whole" if b"data: [DONE]" in answer else "cut", hashlib.sha256(answer).hexdigest())
