"""Clients that do odd things at the beginning of a connection, against https://HOST (SSL_CERT_FILE is trusted):

hello_client.py silent HOST COUNT      handshakes that no request follows, and an end with close_notify
hello_client.py killed HOST COUNT      resets in the middle of the handshake
hello_client.py padded HOST BYTES      a ClientHello that much larger, and at most the largest that there is
hello_client.py alpn HOST PROTOCOL     one call with that as the only offer, which must be intercepted
hello_client.py calls HOST COUNT       calls of one client after the other, each with a connection of its own
hello_client.py upgrade HOST ADDRESS   an Upgrade that is refused, then a call on another connection
"""
import http.client
import os
import socket
import ssl
import struct
import sys

CALL = b'{"model":"gpt-sim","messages":[{"role":"user","content":"hi"}]}'


def context(alpn=None):
    made = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    if alpn:
        made.set_alpn_protocols([alpn])
    return made


def connected(address):
    return socket.create_connection((address, 443), timeout=20)


def shaken(host, alpn=None, address=None):
    return context(alpn).wrap_socket(connected(address or host), server_hostname=host)


def silent(host, count):
    for _ in range(int(count)):
        stream = shaken(host)
        stream.unwrap()
        stream.close()


def first_flight(host):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    stream = context().wrap_bio(incoming, outgoing, server_hostname=host)
    try:
        stream.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def killed(host, count):
    for at in range(int(count)):
        raw = connected(host)
        raw.sendall(first_flight(host))
        raw.recv(1)  # the server's answer is on its way
        if at % 2:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()


def with_padding(hello, size):
    """The same message with unknown extensions of that many bytes, as far as they fit, in records of 16 KiB."""
    body = bytearray(hello[9:])
    at = 34
    at += 1 + body[at]
    at += 2 + int.from_bytes(body[at:at + 2], "big")
    at += 1 + body[at]
    length = int.from_bytes(body[at:at + 2], "big")
    for kind in (0x3A3A, 0x4A4A, 0x5A5A, 0x6A6A):
        part = min(size, 20000, 65535 - length - 4)
        if part <= 0:
            break
        body += struct.pack(">HH", kind, part) + bytes(part)
        length += 4 + part
        size -= part
    body[at:at + 2] = struct.pack(">H", length)
    message = b"\x01" + len(body).to_bytes(3, "big") + bytes(body)
    return b"".join(b"\x16\x03\x01" + struct.pack(">H", len(message[k:k + 16384])) + message[k:k + 16384]
                    for k in range(0, len(message), 16384))


def padded(host, size):
    raw = connected(host)
    raw.sendall(with_padding(first_flight(host), int(size)))
    answer = raw.recv(5)
    assert answer[:1] == b"\x16", f"no handshake but {answer!r}"


def call(stream, host):
    stream.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: %b\r\ncontent-type: application/json\r\n"
                   b"content-length: %d\r\n\r\n" % (host.encode(), len(CALL)) + CALL)
    answer = http.client.HTTPResponse(stream)
    answer.begin()
    assert answer.status == 200, answer.status
    answer.read()


def alpn(host, protocol):
    stream = shaken(host, protocol)
    issuer = dict(pair for rdn in stream.getpeercert()["issuer"] for pair in rdn)
    assert "zerogravity" in str(issuer).lower(), issuer
    call(stream, host)


def calls(host, count):
    for _ in range(int(count)):
        stream = shaken(host)
        call(stream, host)
        stream.unwrap()
        stream.close()


def upgrade(host, address):
    stream = shaken(host, address=address)
    stream.sendall(b"GET /v1/responses HTTP/1.1\r\nhost: %b\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                   b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % host.encode())
    assert stream.recv(65536).startswith(b"HTTP/1.1 "), "no answer"
    stream.close()
    call(shaken(host, address=address), host)


globals()[sys.argv[1]](*sys.argv[2:])
