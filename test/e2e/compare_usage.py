"""Compares what the origin said it sent (its journal) with what the service says was spent.

usage: compare_usage.py JOURNAL EXCHANGES USAGE [attributed]: the journal's lines, and the answers of the two API routes,
of rows one page a line. With attributed, conversations are not compared: the origin knows no rule of attribution.
"""

import collections
import json
import sys

TOKENS = {"input_total": "input_tokens", "input_uncached": "input_uncached_tokens", "cache_read": "cache_read_tokens",
          "cache_write": "cache_write_tokens", "output_total": "output_tokens", "thinking": "thinking_tokens"}

journal, exchanges, usage = sys.argv[1:4]
told = [json.loads(line) for line in open(journal)]
attributed = "attributed" in sys.argv[4:]
rows = [row for page in open(exchanges) for row in json.loads(page)["data"]]
problems = []


def key_of(line):
    if line.get("transport") == "websocket":
        # The messages of a turn have no status, and what fails before it begins has no id either.
        return line.get("response_id") or line["requested_model"], "websocket"
    # A retried call repeats the response id of the marker, so the status is part of the key.
    return line.get("response_id") or line.get("trace_id"), line["http_status"]


by_key = collections.defaultdict(list)
for row in reversed(rows):
    by_key[key_of(row)].append(row)
expected_rows = collections.Counter(key_of(line) for line in told)

for line in told:
    found = by_key.get(key_of(line), [])
    if line["transport"] == "websocket" and not line["response_id"] and len(found) == expected_rows[key_of(line)]:
        found = [found.pop(0)]  # turns without an id are told in the order in which they end
        expected_rows[key_of(line)] -= 1
    if len(found) != 1:
        problems.append(f"{len(found)} rows for {line}")
        continue
    row = found[0]
    expected = {"requested_model": line["requested_model"], "status": line["status"], "provider": line["provider"],
                "kind": line["kind"]}
    if not attributed:
        expected["conversation"] = line["conversation"]
    if line["response_id"] and line["served_model"]:
        expected["served_model"] = line["served_model"]
    expected |= {TOKENS[name]: value for name, value in line["sent_usage"].items()}
    got = {name: row.get(name) for name in expected}
    if not attributed:
        # Rows whose request names no conversation are joined by their transcript or process, which the origin cannot know.
        joined = row["attributed_by"] in ("transcript", "process")
        got["conversation"] = "" if joined else got["conversation"] or ""
    for name in expected:
        if expected[name] != got[name]:
            problems.append(f"{key_of(line)} {name}: the origin told {expected[name]!r}, the ledger says {got[name]!r}")

totals = collections.Counter()
for line in told:
    if line["kind"] != "model":
        continue  # only shown
    totals["requests"] += 1
    for name, value in line["sent_usage"].items():
        totals[TOKENS[name]] += value or 0
shown = json.load(open(usage))["totals"]
for name in totals:
    # null: no call has told it
    if totals[name] != (shown.get(name) or 0):
        problems.append(f"total {name}: the origin told {totals[name]}, the service shows {shown.get(name)}")

if not told:
    problems.append("the journal is empty")
print("\n".join(problems))
sys.exit(1 if problems else 0)
