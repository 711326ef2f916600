#!/usr/bin/env python3
"""grow_ledger.py FILE ROWS CONVERSATIONS: adds that many model calls, one a minute back from now, to a ledger that no
service has open, and sums them up as the service would have."""
import sqlite3
import sys
import time

file, rows, conversations = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = sqlite3.connect(file, isolation_level=None)
db.execute("PRAGMA synchronous = OFF")
db.execute("BEGIN")
now = int(time.time() * 1000)
columns = (
    "started_at, first_byte_ms, duration_ms, host, method, path, provider, kind, request_kind, status, http_status, "
    "streamed, requested_model, served_model, response_id, trace_id, conversation, attributed_by, trajectory_id, "
    "execution_id, attempt, error_reason, input_uncached, output_total, raw_usage, request_bytes, response_bytes, executable"
)
db.executemany(
    f"INSERT INTO exchanges ({columns}) VALUES (?, 5, 50, 'api.openai.com', 'POST', '/v1/chat/completions', 'openai', "
    "'model', '', 'complete', 200, 1, ?, 'm', ?, '', ?, 'body', '', '', 0, '', 11, 7, "
    """'{"prompt_tokens":11,"completion_tokens":7}', 100, 1000, ?)""",
    (
        (now - i * 60_000, f"model-{i % 20}", f"grown-{i}", f"conversation-{i % conversations}", f"/usr/bin/agent-{i % 5}")
        for i in range(rows)
    ),
)
# Every column of the view that the tables of sums have, too.
has = lambda table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
summed = [name for name in has("rollup_hour") if name in has("booked") and name not in (
    "hour", "model", "host", "provider", "kind", "status", "first_at", "last_at")]
names = ", ".join(summed) + ", first_at, last_at"
sums = ", ".join(f"sum({name})" for name in summed) + ", min(first_at), max(last_at)"
for table, key in (
    ("rollup_hour", "hour, model, host, provider, kind, status"),
    ("rollup_conversation", "conversation, hour"),
    ("rollup_process", "hour, process"),
):
    db.execute(f"DELETE FROM {table}")
    db.execute(f"INSERT INTO {table} ({key}, {names}) SELECT {key}, {sums} FROM booked GROUP BY {key}")
db.execute("DELETE FROM rollup_total")
db.execute("DELETE FROM rollup_day")
for dimension, name, table in (
    ("all", "''", "rollup_hour"),
    ("model", "model", "rollup_hour"),
    ("host", "host", "rollup_hour"),
    ("status", "status", "rollup_hour"),
    ("conversation", "conversation", "rollup_conversation"),
    ("process", "process", "rollup_process"),
):
    db.execute(
        f"INSERT INTO rollup_total (dimension, name, {names}) SELECT '{dimension}', {name}, {sums} FROM {table} GROUP BY 1, 2")
    if dimension not in ("all", "conversation"):
        db.execute(
            f"INSERT INTO rollup_day (day, dimension, name, {names}) "
            f"SELECT hour / 24, '{dimension}', {name}, {sums} FROM {table} GROUP BY 1, 2, 3")
db.execute("COMMIT")
