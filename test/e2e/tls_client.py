"""A TLS client that shows what a library hides: raw bytes, close_notify in either direction, halves of a connection.

It trusts what SSL_CERT_FILE names. Used by the byte, failure and stall tests.
"""

import socket
import ssl


class Truncated(Exception):
    """The connection ended without close_notify."""


class TlsClient:
    def __init__(self, host, address=None, port=443, timeout=30, server_name=..., verify=True):
        self.socket = socket.create_connection((address or host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = ssl.create_default_context()
        context.set_alpn_protocols(["http/1.1"])
        name = host if server_name is ... else server_name
        if not verify or name is None:
            context.check_hostname = False
        if not verify:
            context.verify_mode = ssl.CERT_NONE
        self.piece = 0  # bytes per TCP write; 0: all at once
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    def flush(self):
        if self.outgoing.pending:
            data = self.outgoing.read()
            for at in range(0, len(data), self.piece or len(data)):
                self.socket.sendall(data[at:at + (self.piece or len(data))])

    def _until(self, step):
        while True:
            try:
                value = step()
                self.flush()
                return value
            except ssl.SSLWantReadError:
                self.flush()
                block = self.socket.recv(65536)
                if not block:
                    raise Truncated()
                self.incoming.write(block)

    def handshake(self):
        self._until(self.tls.do_handshake)
        return self

    def client_hello(self):
        """The bytes of a ClientHello, which are not sent."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return self.outgoing.read()

    def send(self, data):
        self.tls.write(data)
        self.flush()

    def recv(self):
        """b"" after close_notify."""
        try:
            return self._until(lambda: self.tls.read(65536))
        except ssl.SSLZeroReturnError:
            return b""

    def recv_until(self, pattern):
        data = b""
        while pattern not in data:
            block = self.recv()
            if not block:
                raise Truncated(data)
            data += block
        return data

    def recv_all(self):
        """Everything to the end, and how it ended."""
        data = b""
        try:
            while block := self.recv():
                data += block
        except Truncated:
            return data, "truncated"
        except ConnectionResetError:
            return data, "reset"
        return data, "close_notify"

    def end_sending(self):
        """close_notify; the other direction stays open."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()

    def peer_names(self):
        certificate = self.tls.getpeercert()
        return sorted(name for kind, name in certificate["subjectAltName"] if kind == "DNS")

    def peer_issuer(self):
        return dict(pair for part in self.tls.getpeercert()["issuer"] for pair in part)

    def close(self):
        self.socket.close()
