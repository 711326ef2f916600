"""An event must arrive when it is sent, not when the next one is. The origin sends half of a stream and then nothing:
what came before must be here although the stream never goes on."""

import json
import sys

from tls_client import TlsClient

host = "api.openai.com"
body = json.dumps({"model": "gpt-sim", "stream": True, "messages": [{"role": "user", "content": "hi"}]})
coding = sys.argv[1] if len(sys.argv) > 1 else ""
client = TlsClient(host, timeout=20).handshake()
client.send((f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
             f"x-sim: id=once,stall=body,events=6,{coding}\r\n\r\n{body}").encode())
# 9 events in all (role, 6 texts, stop, [DONE]); 5 of them are sent: the fourth text is the last.
if coding:
    head = client.recv_until(b"\r\n\r\n")
    print("the coded stream began:", head.split(b"\r\n")[0].decode())
else:
    client.recv_until(b"word 3")
    print("word 3 arrived")
