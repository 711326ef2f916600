"""Looks at a connection from the client's side; the first argument names what must be true of it."""

import os
import socket
import subprocess
import sys

from tls_client import TlsClient

HOST = "api.openai.com"


def get(client, host=HOST):
    client.send(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer, end = client.recv_all()
    assert answer.startswith(b"HTTP/1.1 200") and b"simulated" in answer, (answer, end)


def issuer(host, expected):
    client = TlsClient(host).handshake()
    name = client.peer_issuer()["commonName"]
    assert ("Simulated origin" in name) == (expected == "origin"), name
    get(client, host)


def leaf():
    """The minted certificate names the host that was asked for."""
    client = TlsClient(HOST).handshake()
    assert HOST in client.peer_names(), client.peer_names()
    get(client)


def no_server_name():
    """Without SNI the leaf carries the names of the origin's own certificate."""
    client = TlsClient(HOST, address="127.0.0.2", server_name=None).handshake()
    assert {"api.openai.com", "api.anthropic.com"} <= set(client.peer_names()), client.peer_names()
    assert "Simulated origin" not in client.peer_issuer()["commonName"], client.peer_issuer()
    get(client)


def split_hello():
    """A ClientHello that arrives byte by byte; often, since what can go wrong depends on when each byte is looked at."""
    for _ in range(20):
        client = TlsClient(HOST)
        client.piece = 1
        client.handshake()
        get(client)


def not_tls():
    with socket.create_connection(("127.0.0.6", 443), 20) as connection:
        for message in (b"hello, this is no TLS\r\n", bytes(range(256)) * 100):
            connection.sendall(message)
            echoed = b""
            while len(echoed) < len(message):
                block = connection.recv(65536)
                assert block, "the connection ended"
                echoed += block
            assert echoed == message


def refused_by_itself(address):
    """A connection to the interceptor's own port has itself as its destination: it must end, not loop."""
    connection = socket.create_connection((address, 8742), 20)
    try:
        connection.sendall(TlsClient(HOST).client_hello())
        assert connection.recv(100) == b"", "an answer came"
    except ConnectionResetError:
        pass


def constrained_ca():
    """The CA in the bundle may sign for the configured hosts only."""
    pem = open(os.environ["SSL_CERT_FILE"]).read().split("-----END CERTIFICATE-----")
    ours = [text for text in (subprocess.run(
        ["openssl", "x509", "-noout", "-text"], input=block + "-----END CERTIFICATE-----", capture_output=True,
        text=True).stdout for block in pem[:-1][:1] + pem[:-1][-1:]) if "Name Constraints: critical" in text]
    assert len(ours) == 1 and f"DNS:{HOST}" in ours[0], "no name-constrained CA at either end of the bundle"


checks = {"leaf": leaf, "no_server_name": no_server_name, "split_hello": split_hello, "not_tls": not_tls,
          "issuer": issuer, "refused_by_itself": refused_by_itself, "constrained_ca": constrained_ca}
checks[sys.argv[1]](*sys.argv[2:])
