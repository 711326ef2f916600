"""Sends fixed bytes in given pieces and writes down every byte that comes back. One line per case: how the answer
ended, its length and its SHA-256."""

import hashlib
import json

from tls_client import TlsClient

HOST = {"google": "daily-cloudcode-pa.googleapis.com", "openai": "api.openai.com", "anthropic": "api.anthropic.com"}


def request(method, path, host, body=b"", close=True, **fields):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def google_body(name):
    return json.dumps({"requestId": f"agent/{name}/1/t/2", "model": "gemini-3-flash-agent", "request": {
        "contents": [{"role": "user", "parts": [{"text": "héllo 世界"}]}]}}, ensure_ascii=False).encode()


def openai_body(stream=True):
    return json.dumps({"model": "gpt-sim", "stream": stream, "stream_options": {"include_usage": True},
                       "messages": [{"role": "user", "content": "hello"}]}).encode()


def anthropic_body(stream=True):
    return json.dumps({"model": "claude-sim", "stream": stream, "max_tokens": 9,
                       "messages": [{"role": "user", "content": "hello"}]}).encode()


def google(sim, name, path="/v1internal:streamGenerateContent?alt=sse"):
    return HOST["google"], request("POST", path, HOST["google"], google_body(name), x_sim=f"id={name},{sim}")


def openai(sim, name, path="/v1/chat/completions", stream=True):
    return HOST["openai"], request("POST", path, HOST["openai"], openai_body(stream), x_sim=f"id={name},{sim}")


def anthropic(sim, name, stream=True):
    return HOST["anthropic"], request("POST", "/v1/messages", HOST["anthropic"], anthropic_body(stream),
                                      x_sim=f"id={name},{sim}")


def chunked(pieces, **fields):
    head = request("POST", "/upload", HOST["openai"], Transfer_Encoding="chunked", **fields)
    body = b"".join(b"%x;note=\"a;b\"\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return HOST["openai"], head + body + b"0\r\nX-Trailer: yes\r\n\r\n"


def pipeline(name, count):
    host = HOST["openai"]
    first = [request("POST", "/v1/chat/completions", host, openai_body(), close=False, x_sim=f"id={name}-{i}")
             for i in range(count - 1)]
    return host, b"".join(first) + request("GET", "/bytes/100000", host)


def get(path, method="GET", **fields):
    return HOST["openai"], request(method, path, HOST["openai"], **fields)


def cases():
    for coding in ("", "gzip=1", "deflate=1", "br=1", "zstd=1"):
        name = coding.split("=")[0] or "identity"
        yield f"google stream {name}", google(coding, f"b-g-{name}"), 0
        yield f"openai stream {name}", openai(coding, f"b-o-{name}"), 0
        yield f"responses stream {name}", openai(coding, f"b-r-{name}", "/v1/responses"), 0
        yield f"anthropic stream {name}", anthropic(coding, f"b-a-{name}"), 0
        yield f"google plain {name}", google(coding, f"b-gp-{name}", "/v1internal:generateContent"), 0
        yield f"openai plain {name}", openai(coding, f"b-op-{name}", stream=False), 0
    yield "google array", google("", "b-array", "/v1internal:streamGenerateContent"), 0
    yield "google array in bits", google("chop=3,chunk=11", "b-array-bits", "/v1internal:streamGenerateContent"), 0
    for chop in (1, 2, 7):
        yield f"answer in writes of {chop}", google(f"chop={chop},ext=1,trailers=1,crlf=1", f"b-chop-{chop}"), 0
        yield f"gzip in writes of {chop}", openai(f"chop={chop},gzip=1,chunk=3", f"b-zchop-{chop}"), 0
        yield f"request in writes of {chop}", google("", f"b-req-{chop}"), chop
    yield "one byte per chunk", anthropic("chunk=1,ext=1", "b-chunk-1"), 0
    yield "an event of 300 kB", google("big_event=300000", "b-big"), 0
    yield "an event of 300 kB, gzip", google("big_event=300000,gzip=1,chunk=1000", "b-bigz"), 0
    yield "usage only at the end", google("partial_usage=1,events=9", "b-partial"), 0
    yield "no usage", google("no_usage=1", "b-none"), 0
    yield "error in the middle", anthropic("error_mid=1", "b-mid"), 0
    yield "429", openai("status=429", "b-429"), 0
    yield "503 under a stream's content type", google("status=503", "b-503"), 0
    yield "529", anthropic("status=529", "b-529"), 0
    yield "cut after 3 events", google("cut_after=3,events=9", "b-cut"), 0
    yield "until close", openai("close=1", "b-close"), 0
    yield "interim answers", openai("interim=1", "b-interim"), 0
    yield "HEAD", get("/bytes/1000000", "HEAD"), 0
    yield "204", get("/status/204"), 0
    yield "304", get("/status/304"), 0
    yield "3 MB", get("/bytes/3000000"), 0
    yield "a head of 40 kB", get("/bytes/10", X_Long="a" * 40_000), 0
    yield "a head of 120 kB, more than the tap follows", get("/bytes/10", **{f"X_Long_{i}": "a" * 30_000 for i in range(4)}), 0
    yield "chunked upload", chunked([b"a" * 10, b"b" * 70_000, "é世".encode()]), 0
    yield "chunked upload in writes of 1", chunked([b"a" * 10, b"b" * 70]), 1
    yield "pipelined", pipeline("b-pipe", 4), 0
    yield "pipelined in writes of 5", pipeline("b-bits", 3), 5
    yield "HTTP/1.0", (HOST["openai"], b"GET /bytes/99 HTTP/1.0\r\n\r\n"), 0
    yield "not HTTP", (HOST["openai"], b"\x00\x01\x02 this is no request\r\n\r\n"), 0


def exchange(host, data, piece):
    client = TlsClient(host).handshake()
    for at in range(0, len(data), piece or len(data)):
        client.send(data[at:at + (piece or len(data))])
    answer, end = client.recv_all()
    client.close()
    return answer, end


def half_closed(host):
    """The request is complete, then this side ends; the whole answer must still come."""
    client = TlsClient(host).handshake()
    client.send(request("POST", "/v1/chat/completions", host, openai_body(), close=False,
                        x_sim="id=b-half,first_delay_ms=300,delay_ms=20,events=10"))
    client.end_sending()
    return client.recv_all()


def upgraded(host):
    """After 101 both directions are a tunnel, whatever the bytes look like."""
    client = TlsClient(host).handshake()
    client.send(request("GET", "/upgrade", host, close=False, Connection="Upgrade", Upgrade="echo"))
    answer = client.recv_until(b"\r\n\r\n")
    for message in (b"HTTP/1.1 200 OK\r\n\r\n", bytes(range(256)), b"GET / HTTP/1.1\r\n\r\n"):
        client.send(message)
        echoed = b""
        while len(echoed) < len(message):
            echoed += client.recv()
        answer += echoed
    client.end_sending()
    rest, end = client.recv_all()
    return answer + rest, end


def report(name, answer, end):
    print(name, "|", end, len(answer), hashlib.sha256(answer).hexdigest(), flush=True)


for name, (host, data), piece in cases():
    report(name, *exchange(host, data, piece))
report("half-close", *half_closed(HOST["openai"]))
report("upgrade", *upgraded(HOST["openai"]))
