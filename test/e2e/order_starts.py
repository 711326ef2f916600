"""order_starts.py UID STARTS LONGEST_MS COMMAND…: starts the service again and again, each time with SIGTERM after a time
of chance. It may end by the signal only while the signal was not held yet, before its first instruction; else with 0."""
import collections
import os
import random
import signal
import subprocess
import sys
import time

uid, starts, longest_ms, command = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
outcomes = collections.Counter()
wrong = []


def holds_sigterm(pid):
    with open(f"/proc/{pid}/status") as status:
        blocked = next(line for line in status if line.startswith("SigBlk")).split()[1]
    return bool(int(blocked, 16) >> (signal.SIGTERM - 1) & 1)


for number in range(starts):
    delay = random.uniform(0, longest_ms) / 1000
    service = subprocess.Popen(command, user=uid, group=uid, extra_groups=[], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(delay)
    held = holds_sigterm(service.pid)
    service.send_signal(signal.SIGTERM)
    try:
        said = service.communicate(timeout=30)[1]
    except subprocess.TimeoutExpired:
        service.kill()
        wrong.append(f"after {delay * 1000:.1f} ms: still there after 30 s")
        continue
    early = service.returncode == -signal.SIGTERM and not held
    outcomes["before its first instruction" if early else service.returncode] += 1
    if service.returncode != 0 and not early:
        wrong.append(f"after {delay * 1000:.1f} ms: {service.returncode} {said[-500:]}")

print(f"{starts} starts: {dict(outcomes)}")
if outcomes[0] == 0:
    wrong.append("none got as far as its first instruction: nothing was tested")
sys.exit("\n".join(wrong) or 0)
