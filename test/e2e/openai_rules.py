"""The OpenAI API by bare HTTP: the rules by which openai-python reads a stream, and requests that are odd, broken, too
large, too slow or half closed. Argument: `open`, for a service with usual limits, or `tight`, for one that takes bodies
of 64 KiB within a second."""

import gzip
import http.client
import json
import re
import socket
import sys
import time
import traceback
import zlib

place = ("127.0.0.1", 8741)
model = "gemini-3-pro-high"
words = "word 0 – é 世界 🚀 word 1 – é 世界 🚀 word 2 – é 世界 🚀 "
failed = 0


def holds(sentence):
    def show(code):
        global failed
        try:
            code()
            print("ok:", sentence)
        except Exception:
            failed += 1
            print("FAILED:", sentence)
            print("  |", traceback.format_exc().replace("\n", "\n  | "))
    return show


def connect():
    return http.client.HTTPConnection(*place, timeout=30)


def ask(method, path, body=None, via=None, **fields):
    via = via or connect()
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    if body is not None:
        fields.setdefault("Content-Type", "application/json")
    via.request(method, path, body=json.dumps(body).encode() if isinstance(body, dict) else body, headers=fields)
    return via.getresponse()


def chat(text, **more):
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


def refused(answer, status, code):
    error = json.loads(answer.read())["error"]
    assert (answer.status, error["code"]) == (status, code), (answer.status, error)
    assert set(error) == {"message", "type", "param", "code"}, error
    assert answer.headers["content-type"] == "application/json" and answer.headers["x-request-id"]
    return error


def raw(*pieces, end=False, wait=0.0):
    """Sends bytes as they are and reads until the service closes."""
    with socket.create_connection(place, timeout=30) as to:
        for piece in pieces:
            to.sendall(piece)
            time.sleep(wait)
        if end:
            to.shutdown(socket.SHUT_WR)
        got = b""
        while more := to.recv(65536):
            got += more
    return got


def post(path, body, *fields):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


# ---- openai-python's reading of a stream

class APIError(Exception):
    pass


def events(answer):
    """As SSEDecoder does: lines to events, at an empty line."""
    event, data = None, []
    for line in answer:
        line = line.decode().rstrip("\r\n")
        if line == "":
            if event or data:
                yield event, "\n".join(data)
            event, data = None, []
            continue
        if line.startswith(":"):
            continue
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)


def stream(answer):
    """As Stream.__stream__ does."""
    assert answer.status == 200, answer.read()
    for _, data in events(answer):
        if data.startswith("[DONE]"):
            return
        chunk = json.loads(data)
        if isinstance(chunk, dict) and chunk.get("error"):
            raise APIError(chunk["error"].get("message"))
        yield chunk


def usual_rules():
    @holds("python: a chat streams to its end and says why it ended")
    def _():
        answer = ask("POST", "/v1/chat/completions", chat("hello", stream=True))
        chunks = list(stream(answer))
        assert answer.read() == b"", "something came after [DONE]"
        assert "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks) == words
        assert [c["choices"][0]["finish_reason"] for c in chunks if c["choices"][0]["finish_reason"]] == ["stop"]

    @holds("python: a response begins with response.created and ends with response.completed, without [DONE]")
    def _():
        answer = ask("POST", "/v1/responses", {"model": model, "input": "hello", "stream": True})
        all_events = list(events(answer))
        assert all(name == json.loads(data)["type"] for name, data in all_events)
        assert (all_events[0][0], all_events[-1][0]) == ("response.created", "response.completed")

    @holds("python: an error in the middle is raised")
    def _():
        try:
            list(stream(ask("POST", "/v1/chat/completions", chat("hi [[sim:events=4,delay_ms=20,error_mid=1]]", stream=True))))
        except APIError:
            return
        raise AssertionError("nothing was raised")

    @holds("a quiet stream has comments that no reader sees")
    def _():
        answer = ask("POST", "/v1/chat/completions", chat("hi [[ls:stall=2]]", stream=True))
        seen = b""
        while seen.count(b": ping\n") < 2:
            line = answer.readline()
            assert line, seen
            seen += line
        assert re.search(rb"\n\n: ping\n: ping\n$", seen), seen
        answer.close()


def odd_requests():
    @holds("/ answers 200, to HEAD, too")
    def _():
        for method in ("GET", "HEAD"):
            answer = ask(method, "/")
            assert answer.status == 200, answer.status
            answer.read()

    @holds("a query, a trailing slash and unknown fields change nothing")
    def _():
        answer = ask("POST", "/v1/chat/completions/?api-version=1", chat("hello"), x_stainless_lang="python",
                     OpenAI_Organization="o", Authorization="Bearer whatever")
        assert json.loads(answer.read())["choices"][0]["message"]["content"] == words

    @holds("requests follow one another on a connection, after streams and refusals, too")
    def _():
        via = connect()
        for _ in range(2):
            answer = ask("POST", "/v1/chat/completions", chat("hello", stream=True), via)
            list(stream(answer))
            answer.read()
            via.sock.getpeername()
            refused(ask("POST", "/v1/chat/completions", chat("hello", n=3), via), 400, "unsupported_value")
            via.sock.getpeername()
            assert len(json.loads(ask("GET", "/v1/models", None, via).read())["data"]) > 5
            via.sock.getpeername()

    @holds("an HTTP/1.0 client gets a stream without chunks")
    def _():
        body = json.dumps(chat("hello", stream=True)).encode()
        got = raw(b"POST /v1/chat/completions HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        head, _, rest = got.partition(b"\r\n\r\n")
        assert b"chunked" not in head.lower() and rest.startswith(b"data: {") and rest.endswith(b"data: [DONE]\n\n"), got

    @holds("a compressed body is read")
    def _():
        plain = json.dumps(chat("hello")).encode()
        for coding, body in (("gzip", gzip.compress(plain)), ("deflate", zlib.compress(plain))):
            answer = ask("POST", "/v1/chat/completions", body, Content_Encoding=coding)
            assert json.loads(answer.read())["choices"][0]["message"]["content"] == words

    @holds("a body in an unknown coding, or not in the coding that it names, is refused")
    def _():
        assert ask("POST", "/v1/chat/completions", b"x", Content_Encoding="snappy").status == 415
        assert ask("POST", "/v1/chat/completions", b"{}", Content_Encoding="gzip").status == 400

    @holds("a body in chunks is read")
    def _():
        plain = json.dumps(chat("hello")).encode()
        via = connect()
        via.request("POST", "/v1/chat/completions", body=iter([plain[:7], plain[7:]]), encode_chunked=True,
                    headers={"Transfer-Encoding": "chunked", "Content-Type": "application/json"})
        assert json.loads(via.getresponse().read())["choices"][0]["message"]["content"] == words

    @holds("Expect: 100-continue is answered")
    def _():
        body = json.dumps(chat("hello")).encode()
        got = raw(post("/v1/chat/completions", body, "Expect: 100-continue", "Connection: close"))
        assert got.startswith(b"HTTP/1.1 100 ") and b"HTTP/1.1 200 " in got, got

    @holds("what is no JSON, no object, or too deep is refused in OpenAI's shape")
    def _():
        for path in ("/v1/chat/completions", "/v1/responses"):
            for body in (b"", b"{", b"[]", b"null", b"\xff", b'{"model":"\xff"}', b"[" * 100_000, b'{"a":' * 100_000):
                error = refused(ask("POST", path, body), 400, "invalid_json")
                assert error["type"] == "invalid_request_error"

    @holds("unknown paths and methods are refused in OpenAI's shape")
    def _():
        refused(ask("GET", "/v1/nothing"), 404, "unknown_url")
        refused(ask("PUT", "/v1/chat/completions"), 405, "method_not_allowed")
        refused(ask("GET", "/v1/responses"), 426, "upgrade_required")
        for path in ("/v1/files/f", "/v1/audio/speech", "/v1/threads"):
            refused(ask("GET", path), 404, "unsupported_endpoint")

    @holds("a request that breaks off is refused, and one whose client leaves ends")
    def _():
        body = json.dumps(chat("hello [[ls:stall=2]]")).encode()
        assert b" 400 " in raw(post("/v1/chat/completions", body)[:-5], end=True)
        began = time.monotonic()
        assert b" 200 " not in raw(post("/v1/chat/completions", body), end=True)
        assert time.monotonic() - began < 10

    @holds("what is no HTTP is refused")
    def _():
        assert raw(b"\x16\x03\x01\x02\x00" + b"x" * 100).startswith(b"HTTP/1.1 400 ")
        assert raw(b"GET /v1/models HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 400 ")  # without Host


def tight_limits():
    key = {"Authorization": "Bearer a-key-of-some-length"}
    large = b"{" + b" " * 70_000 + b"}"

    @holds("a body that is too large is refused, by its length, by its chunks and by what it decompresses to")
    def _():
        refused(ask("POST", "/v1/responses", large, **key), 413, "request_too_large")
        via = connect()
        via.request("POST", "/v1/responses", body=iter([large[:40_000], large[40_000:]]), encode_chunked=True,
                    headers={"Transfer-Encoding": "chunked", "Content-Type": "application/json", **key})
        refused(via.getresponse(), 413, "request_too_large")
        refused(ask("POST", "/v1/responses", gzip.compress(large), Content_Encoding="gzip", **key), 413, "request_too_large")

    @holds("a head that is too large is refused")
    def _():
        assert raw(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nx: " + b"y" * 100_000).startswith(b"HTTP/1.1 431 ")

    @holds("a request that is too slow is refused, in its head and in its body")
    def _():
        field = "Authorization: " + key["Authorization"]
        for slow in (post("/v1/responses", b"{" + b" " * 100, field)[:-50], b"POST /v1/resp"):
            began = time.monotonic()
            assert raw(slow).startswith(b"HTTP/1.1 408 "), slow
            assert time.monotonic() - began >= 0.9


{"open": lambda: (usual_rules(), odd_requests()), "tight": tight_limits}[sys.argv[1]]()
print("end")
sys.exit(failed > 0)
