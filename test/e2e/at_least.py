"""usage: at_least.py SHOWN NOW: no number of /v1/usage that was shown may have become smaller or gone."""

import json
import sys

shown, now = (json.load(open(name)) for name in sys.argv[1:3])
problems = []


def compare(where, before, after):
    for name, value in before.items():
        if isinstance(value, int) and not name.endswith("_at") and after.get(name, -1) < value:
            problems.append(f"{where} {name}: {value} was shown, now {after.get(name)}")


compare("totals", shown["totals"], now["totals"])
models = {row["model"]: row for row in now["models"]}
for row in shown["models"]:
    compare(f"model {row['model']}", row, models.get(row["model"], {}))
print("\n".join(problems))
sys.exit(1 if problems else 0)
