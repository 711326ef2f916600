"""Two clients where one is allowed: the second gets no handshake until the first has closed."""

import socket
import ssl

context = ssl.create_default_context()


def connect():
    return socket.create_connection(("api.openai.com", 443), timeout=10)


first = context.wrap_socket(connect(), server_hostname="api.openai.com")
second = connect()
second.settimeout(1)
try:
    context.wrap_socket(second, server_hostname="api.openai.com")
    raise SystemExit("the second client was served beside the first")
except (TimeoutError, socket.timeout):
    pass
second.close()

third = connect()
first.close()
third.settimeout(20)
context.wrap_socket(third, server_hostname="api.openai.com").close()
print("served in turn")
