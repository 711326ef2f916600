"""Takes the port of the API's and prints each line that a client says, without an answer."""

import socket

with socket.create_server(("127.0.0.1", 8741)) as listening:
    print("ready", flush=True)
    while True:
        client, _ = listening.accept()
        with client:
            client.settimeout(1)
            try:
                print(client.recv(65536).decode(), flush=True)
            except OSError:
                pass
