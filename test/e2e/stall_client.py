"""Stalls in one phase and expects the service to end that phase at its limit, which the test has set to one second
while all others are at least ten: an end within LATEST seconds can only be that limit's."""

import json
import socket
import sys
import time

from tls_client import TlsClient

HOST, UNWATCHED = "api.openai.com", "unwatched.example"
EARLIEST, LATEST, TIMEOUT = 0.8, 8.0, 9.0
MUTE, BLACK_HOLE = "127.0.0.5", "127.0.0.9"
started = 0.0


def client_of(host, **how):
    return TlsClient(host, timeout=TIMEOUT, **how)


def start():
    global started
    started = time.monotonic()


def in_time():
    elapsed = time.monotonic() - started
    assert EARLIEST <= elapsed <= LATEST, f"ended after {elapsed:.2f} s"


def ended(connection):
    """The plain TCP connection is closed without a byte."""
    try:
        assert connection.recv(100) == b"", "bytes came"
    except ConnectionResetError:
        pass


def request(sim="", path="/v1/chat/completions"):
    body = json.dumps({"model": "gpt-sim", "stream": True, "messages": [{"role": "user", "content": "hi"}]})
    return (f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n"
            f"x-sim: {sim}\r\n\r\n{body}").encode()


def timed_out_answer(client):
    answer, _ = client.recv_all()
    assert answer.startswith(b"HTTP/1.1 504 "), answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]


def connect(address="127.0.0.2"):
    return socket.create_connection((address, 443), TIMEOUT)


def client_hello():
    for opening in (b"", b"\x16\x03\x01\x02\x00\x01"):
        with connect() as connection:
            connection.sendall(opening)
            start()
            ended(connection)
            in_time()


def downstream_handshake():
    client = client_of(HOST)
    client.socket.sendall(client.client_hello())
    start()
    while client.socket.recv(65536):
        pass
    in_time()


def upstream_connect():
    unreachable(BLACK_HOLE)


def upstream_handshake():
    unreachable(MUTE)


def unreachable(address):
    start()
    client = client_of(HOST, address=address).handshake()
    client.send(request())
    timed_out_answer(client)
    in_time()


def request_idle():
    client = client_of(HOST).handshake()
    client.send(f"GET /bytes/5 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    client.recv_until(b"\r\n\r\n")
    start()
    assert len(client.recv_all()[0]) <= 5
    in_time()


def request_stall():
    client = client_of(HOST).handshake()
    client.send(f"POST /upload HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100\r\n\r\nhalf".encode())
    start()
    client.recv_all()
    in_time()


def first_response_byte():
    client = client_of(HOST).handshake()
    client.send(request("stall=head"))
    start()
    timed_out_answer(client)
    in_time()


def stream_idle():
    client = client_of(HOST).handshake()
    client.send(request("stall=body,id=s-idle"))
    client.recv_until(b"word 0")
    start()
    client.recv_all()
    in_time()


def tunnel_idle():
    client = client_of(UNWATCHED, verify=False).handshake()
    start()
    client.recv_all()
    in_time()


def half_close():
    client = client_of(HOST).handshake()
    # Without the close nobody would wait for the origin: its connection would be kept for a next client.
    head = f"GET /nowhere HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nx-sim: deaf=1\r\n\r\n"
    client.send(head.encode())
    client.recv_until(b"no such route")
    client.end_sending()
    start()
    client.recv_all()
    in_time()


globals()[sys.argv[1]]()
