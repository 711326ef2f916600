"""A UDP socket on the origin's port 443 that takes datagrams and says nothing."""

import socket

listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.2", 443))
print("ready", flush=True)
while True:
    listener.recv(2048)
