"""Runs many turns at once through the service's API of cascades, each with its own switches, and writes down what each
was told: attribution_client.py OUT TURNS AT_ONCE [SWITCH…]. The switches take turns."""
import concurrent.futures
import http.client
import json
import sys

out, turns, at_once = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
switches = sys.argv[4:] or [""]


def post(path, body, request_id):
    connection = http.client.HTTPConnection("127.0.0.1", 8741, timeout=90)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", "X-Request-Id": request_id})
    return connection.getresponse()


def turn(number):
    switch = switches[number % len(switches)]
    words = switch.replace("cancel", "stall=1") if switch else ""
    answer = post("/v1/cascades", {"text": f"turn {number} {'[[ls:' + words + ']]' if words.strip() and not words.startswith('sim:') else ''}"
                                           f"{'[[' + words + ']]' if words.startswith('sim:') else ''}"}, f"request-{number}")
    told = {"number": number, "switch": switch, "status": answer.status, "request_id": answer.getheader("x-request-id"),
            "cascade": answer.getheader("x-zerogravity-cascade-id"), "events": []}
    for line in answer:
        event = json.loads(line)
        told["events"].append(event)
        if switch == "cancel" and event["type"] == "text":
            post(f"/v1/cascades/{told['cascade']}/cancel", {}, f"cancel-{number}").read()
            switch = ""
    return told


with concurrent.futures.ThreadPoolExecutor(at_once) as pool, open(out, "w") as file:
    for told in pool.map(turn, range(turns)):
        file.write(json.dumps(told) + "\n")
