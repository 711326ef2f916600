"""A server on 127.0.0.6:443 that speaks no TLS: it returns what it gets."""

import socket
import threading


def echo(connection):
    with connection:
        while block := connection.recv(65536):
            connection.sendall(block)


listener = socket.create_server(("127.0.0.6", 443))
print("ready", flush=True)
while True:
    threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
