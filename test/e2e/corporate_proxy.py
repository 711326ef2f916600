"""An HTTP proxy as companies have them: CONNECT only, with user and password, for whom every name is 127.0.0.2.
usage: corporate_proxy.py PORT JOURNAL; the journal has a line per request: status and target."""

import base64
import select
import socket
import socketserver
import sys

PORT, JOURNAL = int(sys.argv[1]), sys.argv[2]
CREDENTIALS = "Basic " + base64.b64encode(b"user:secret").decode()


def head_of(peer):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = peer.recv(1)
        if not byte:
            return None
        head += byte
    return head.decode("latin-1").split("\r\n")


def pass_on(a, b):
    other = {a: b, b: a}
    while True:
        for ready in select.select([a, b], [], [])[0]:
            block = ready.recv(65536)
            if not block:
                return
            other[ready].sendall(block)


class Proxy(socketserver.BaseRequestHandler):
    def handle(self):
        while (lines := head_of(self.request)) is not None:
            method, target, _ = lines[0].split(" ")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
            status = 405 if method != "CONNECT" else 200 if fields.get("proxy-authorization") == CREDENTIALS else 407
            with open(JOURNAL, "a") as journal:
                print(status, target, file=journal)
            if status != 200:
                self.request.sendall(b"HTTP/1.1 %d No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 5\r\n\r\nnope\n" % status)
                continue
            with socket.create_connection(("127.0.0.2", int(target.rpartition(":")[2]))) as origin:
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                return pass_on(self.request, origin)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


open(JOURNAL, "a").close()
with Server(("127.0.0.1", PORT), Proxy) as server:
    print("ready", flush=True)
    server.serve_forever()
