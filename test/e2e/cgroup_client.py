"""A session that is already running: for each line on stdin it makes a model call, `old` over the connection it opened
first, `new` over a new one, and says who issued the certificate it saw."""

import http.client
import json
import os
import ssl
import sys


def connected():
    connection = http.client.HTTPSConnection("api.openai.com", timeout=30, context=ssl.create_default_context())
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
    print(line.strip(), call(first if line.strip() == "old" else connected(), number), flush=True)
