"""Python's http.client over its ssl module, as an unmodified program would use them."""

import hashlib
import http.client
import json
import ssl

trust = ssl.create_default_context()
connection = http.client.HTTPSConnection("api.anthropic.com", timeout=30, context=trust)


def ask(method, path, body=None, **fields):
    connection.request(method, path, body=body, headers=fields, encode_chunked=not isinstance(body, (bytes, type(None))))
    answer = connection.getresponse()
    content = answer.read()
    print(method, path, answer.status, sorted(answer.getheaders()), len(content), hashlib.sha256(content).hexdigest())


def call(name, stream):
    prompt = f"hello [[sim:id={name},events=12]]"
    return json.dumps({"model": "claude-sim", "max_tokens": 100, "stream": stream,
                       "messages": [{"role": "user", "content": prompt}]}).encode()


ask("GET", "/")
ask("HEAD", "/bytes/77")
ask("POST", "/upload", b"x" * 100_000)
ask("POST", "/upload", (b"y" * 1000 for _ in range(200)), **{"Transfer-Encoding": "chunked"})
ask("POST", "/v1/messages", call("py-stream", True), **{"Content-Type": "application/json"})
ask("POST", "/v1/messages", call("py-plain", False), **{"Content-Type": "application/json"})
ask("POST", "/v1/messages/count_tokens", call("py-count", False))
print("verified:", connection.sock is not None and connection.sock.version())
