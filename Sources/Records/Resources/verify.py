"""Checks the evidence in this folder without Buzon: python3 verify.py FORM"""
import hashlib, json, sys

previous, sequence, lines, form = None, None, {}, None
for raw in open("ledger.jsonl", "rb"):
    line = json.loads(raw)
    if previous not in (None, line["previous"]) or sequence not in (None, line["sequence"] - 1):
        sys.exit(f"line {line['sequence']} does not follow the line before it")
    previous, sequence = hashlib.sha256(raw.rstrip(b"\n")).hexdigest(), line["sequence"]
    lines[str(sequence)] = line
def digest_of(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()

digest = digest_of(sys.argv[1])
for number, values in json.load(open("openings.json", encoding="utf-8")).items():
    for name, (salt, value) in values.items():
        if hashlib.sha256(bytes.fromhex(salt) + value.encode()).hexdigest() != lines.get(number, {}).get(name):
            sys.exit(f"line {number} does not speak of this {name}: {value}")
        if name == "form" and lines[number]["event"] in ("accepted", "forgotten"):
            form = value
        if name == "plan" and lines[number]["event"] == "accepted" and value != digest_of(sys.argv[1] + ".plan"):
            sys.exit(f"{sys.argv[1]}.plan is not the plan that the form was accepted with")
if form != digest:
    sys.exit(f"{sys.argv[1]} is not the form that was accepted, or openings.json doesn't say which was")
print(f"form and lines fit: {len(lines)} lines. Compare the head with README.md and with one from elsewhere:")
print(f"line {sequence}, {previous}")
