"""Single looks at the network of a watched command; the first argument names one, the exit code says whether it holds."""

import concurrent.futures
import http.client
import json
import os
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time


def greeted_at(host, port=2525):
    with socket.create_connection((host, int(port)), timeout=10) as peer:
        assert peer.recv(64).startswith(b"220"), "no greeting"
        peer.sendall(b"ping")
        assert peer.recv(64) == b"ping"


def refused_at(host, port):
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except ConnectionRefusedError:
        return
    raise SystemExit("it was not refused")


def quic_refused(host="127.0.0.2"):
    peer = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    peer.settimeout(5)
    peer.connect((host, 443))
    try:
        peer.send(b"quic")
        peer.recv(1)
    except ConnectionRefusedError:
        return
    raise SystemExit("nobody refused")


def resolves(name):
    found = {entry[4][0] for entry in socket.getaddrinfo(name, 443, socket.AF_INET)}
    assert found == {"127.0.0.7"}, found


def resolves_by_tcp(name):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    query = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    with socket.create_connection(("127.0.0.53", 53), timeout=10) as peer:
        peer.sendall(struct.pack("!H", len(query)) + query)
        answer = peer.recv(512)
    assert answer.endswith(socket.inet_aton("127.0.0.7")), answer


def own_loopback():
    """A server of the command's own, on a port that the host serves as well on another address."""
    with socket.create_server(("127.0.0.1", 4999)) as listener:
        with socket.create_connection(("127.0.0.1", 4999), timeout=10) as peer:
            assert listener.accept()[1] == peer.getsockname()


def call(number, address=None, sim=""):
    trust = ssl.create_default_context()
    peer = socket.create_connection((address or "api.openai.com", 443), timeout=60)
    peer = trust.wrap_socket(peer, server_hostname="api.openai.com")
    connection = http.client.HTTPConnection("api.openai.com")
    connection.sock = peer
    body = json.dumps({"model": "gpt-sim", "messages": [{"role": "user", "content": "hi"}]})
    connection.request("POST", "/v1/chat/completions", body, {"x-sim": f"id={number},{sim}"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    return json.loads(answer.read())["usage"]["total_tokens"]


def slow_call(name):
    with open(os.path.expanduser("~/who.pid"), "w") as file:
        file.write(str(os.getpid()))
    call(name, sim="first_delay_ms=300")


def calls_at(address):
    call(f"at-{os.getpid()}", address)


def crowd(count):
    with concurrent.futures.ThreadPoolExecutor(int(count)) as pool:
        print(sum(pool.map(lambda number: call(f"crowd-{number}"), range(int(count)))))


def spender():
    """Goes on for ever."""
    for number in range(10 ** 6):
        call(f"spend-{number}")


def slow_to_end(mark):
    """Takes its time when it is asked to end, but less than the default would give it."""

    def end(*_):
        time.sleep(4.5)
        open(mark, "w").close()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    spender()


def leaves_daemon(mark, go):
    """What a command that daemonises does: the daemon makes its call once `go` is there, after the command has ended."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (0, 1, 2):
                os.close(number)
            while not os.path.exists(go):
                time.sleep(0.02)
            call("daemon")
            open(mark, "w").close()
        os._exit(0)
    os.wait()


def sleeper(mark):
    """A child in a session of its own, and then nothing."""
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
    with open(mark + ".new", "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    os.rename(mark + ".new", mark)
    signal.pause()


globals()[sys.argv[1]](*sys.argv[2:])
