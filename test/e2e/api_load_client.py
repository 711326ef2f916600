#!/usr/bin/env python3
"""Clients that do the API no good. Each says `ready` on a line of its own once it is doing it, and goes on until its input
ends.

  idle N                  connections that never ask anything
  unfinished N SIZE       requests whose bodies of SIZE bytes lack their last byte
  upload N SIZE CA HOST   the same over TLS to HOST, which is intercepted
  streams N EVENTS CA HOST   model calls over TLS to HOST, which is intercepted, whose answers go on
  bomb N                  each a 4 MB gzip body that decodes to 4 GB, again and again
  json N SIZE             bodies of SIZE bytes full of empty objects, again and again
  ask N TARGET            again and again, each after its answer

What those that go on were answered is told at the end: `200 × 17, 503 × 2`."""
import collections
import functools
import http.client
import gzip
import socket
import ssl
import sys
import threading

API = ("127.0.0.1", 8741)
what, count = sys.argv[1], int(sys.argv[2])
over = threading.Event()
answers = collections.Counter()


def connect():
    return socket.create_connection(API, timeout=60)


def head(size, host="localhost"):
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {size}\r\n\r\n"
    ).encode()


def unfinished(connection, size, host="localhost"):
    """Whoever is refused is not sent more to."""
    try:
        connection.sendall(head(size, host))
        connection.sendall(b"[" + b" " * (size - 2))
    except OSError:
        pass
    return connection


@functools.cache
def trusting():
    return ssl.create_default_context(cafile=sys.argv[4])


def intercepted():
    raw = socket.create_connection(("127.0.0.2", 443), timeout=60)
    return trusting().wrap_socket(raw, server_hostname=sys.argv[5])


def streaming(connection, name, events, host):
    body = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}'
    sim = f"x-sim: id=crowd-of-streams-{name},events={events},delay_ms=1000\r\n".encode()
    connection.sendall(head(len(body), host).replace(b"\r\n\r\n", b"\r\n" + sim + b"\r\n") + body)
    connection.recv(1024)
    return connection


def again(request):
    while not over.is_set():
        try:
            answers[request()] += 1
        except (OSError, http.client.HTTPException) as error:
            answers[type(error).__name__] += 1


def asked(method, target, body=None, headers={}):
    connection = http.client.HTTPConnection(*API, timeout=60)
    connection.request(method, target, body, headers)
    status = connection.getresponse()
    status.read()
    connection.close()
    return status.status


held, request = [], None
if what == "idle":
    held = [connect() for _ in range(count)]
elif what == "unfinished":
    held = [unfinished(connect(), int(sys.argv[3])) for _ in range(count)]
elif what == "upload":
    held = [unfinished(intercepted(), int(sys.argv[3]), sys.argv[5]) for _ in range(count)]
elif what == "streams":
    held = [streaming(intercepted(), each, int(sys.argv[3]), sys.argv[5]) for each in range(count)]
elif what == "bomb":
    bomb = gzip.compress(b"\0" * (16 << 20)) * 256
    typed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    request = lambda: asked("POST", "/v1/chat/completions", bomb, typed)
elif what == "json":
    start, end = b'{"model":"x","messages":[', b"{}]}"
    body = start + b"{}," * ((int(sys.argv[3]) - len(start) - len(end)) // 3) + end
    request = lambda: asked("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
elif what == "ask":
    request = lambda: asked("GET", sys.argv[3])

threads = [threading.Thread(target=again, args=(request,)) for _ in range(count if request else 0)]
for each in threads:
    each.start()
print("ready", flush=True)
sys.stdin.read()
over.set()
for each in threads:
    each.join()
print(", ".join(f"{answer} × {times}" for answer, times in sorted(answers.items(), key=str)), flush=True)
