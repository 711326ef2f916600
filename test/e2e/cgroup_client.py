"""A session that is already running: for each line on stdin it makes a model call and says who issued the certificate it
saw. `old`: over the connection it opened first; `new`: over a new one; `new4`, `new6`, `mapped`: to the origin's IPv4 or
IPv6 address, or to the former by an IPv6 socket."""

import http.client
import json
import os
import socket
import ssl
import sys

addresses = {"new4": "127.0.0.2", "new6": "fd00::2", "mapped": "::ffff:127.0.0.2"}


def connected(word="new"):
    connection = http.client.HTTPSConnection("api.openai.com", timeout=30, context=ssl.create_default_context())
    if word in addresses:
        connection._create_connection = lambda *_: socket.create_connection((addresses[word], 443), 30)
    connection.connect()
    return connection


def call(connection, number):
    body = json.dumps({"model": "gpt-sim", "messages": [{"role": "user", "content": "hi"}]})
    connection.request("POST", "/v1/chat/completions", body, {"x-sim": f"id=session-{os.getpid()}-{number}"})
    answer = connection.getresponse()
    answer.read()
    issuer = dict(entry[0] for entry in connection.sock.getpeercert()["issuer"])
    return f"{answer.status} {issuer['commonName']}"


first = connected()
print("ready", flush=True)
for number, line in enumerate(sys.stdin):
    word = line.strip()
    print(word, call(first if word == "old" else connected(word), number), flush=True)
