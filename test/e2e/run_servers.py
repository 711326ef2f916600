"""What a watched command may want to reach on the host: servers that speak first, on 127.0.0.7, on loopback and over
IPv6, port 2525, and a name server on 127.0.0.53 (UDP and TCP) for which every name is 127.0.0.7."""

import socket
import socketserver
import struct
import threading


class Greeter(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(b"220 welcome\n")
        while block := self.request.recv(4096):
            self.request.sendall(block)


def answer_to(query):
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack("!H", query[end - 4:end - 2])[0]
    found = kind == 1
    head = query[:2] + b"\x81\x80" + struct.pack("!HHHH", 1, int(found), 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH4s", 1, 1, 60, 4, socket.inet_aton("127.0.0.7"))
    return head + query[12:end] + (record if found else b"")


class DatagramNames(socketserver.BaseRequestHandler):
    def handle(self):
        query, sender = self.request
        sender.sendto(answer_to(query), self.client_address)


class StreamNames(socketserver.BaseRequestHandler):
    def handle(self):
        length = struct.unpack("!H", self.request.recv(2, socket.MSG_WAITALL))[0]
        answer = answer_to(self.request.recv(length, socket.MSG_WAITALL))
        self.request.sendall(struct.pack("!H", len(answer)) + answer)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Server6(Server):
    address_family = socket.AF_INET6


class DatagramServer(socketserver.ThreadingUDPServer):
    daemon_threads = True


servers = [Server(("127.0.0.7", 2525), Greeter), Server(("127.0.0.1", 2525), Greeter), Server6(("fd00::2", 2525), Greeter),
           DatagramServer(("127.0.0.53", 53), DatagramNames), Server(("127.0.0.53", 53), StreamNames)]
for each in servers:
    threading.Thread(target=each.serve_forever, daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
