#!/usr/bin/env bash
# Starts `make serve` as a newcomer does, asks a question in each way that HTTP has, and stops it.
set -euo pipefail
cd "$(dirname "$0")/.."
folder="$(mktemp -d)"
export DATELINE_HOME="$folder/home" DATELINE_PORT="${DATELINE_PORT:-8765}"
make serve > "$folder/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; pkill -P "$server" 2>/dev/null || true; cat "$folder/log"; rm -rf "$folder"' EXIT
for _ in $(seq 240); do
  curl --silent --fail "http://127.0.0.1:$DATELINE_PORT/readyz" > "$folder/ready" && break
  kill -0 "$server" || { echo "the server ended early"; exit 1; }
  sleep 0.5
done
cat "$folder/ready"
curl --silent --fail-with-body "http://127.0.0.1:$DATELINE_PORT/v1/ask" \
  --header 'content-type: application/json' \
  --data '{"question": "How many people died when the Lady Corrigan capsized?"}' > "$folder/answer"
grep --quiet '"status":"answered"' "$folder/answer"
grep --quiet '"verdict":"supported"' "$folder/answer"
curl --silent --fail-with-body --no-buffer "http://127.0.0.1:$DATELINE_PORT/v1/ask" \
  --header 'content-type: application/json' --header 'accept: text/event-stream' \
  --data '{"question": "How many people died when the Lady Corrigan capsized?"}' > "$folder/events"
grep --quiet '^event: answer' "$folder/events"
curl --silent --fail-with-body "http://127.0.0.1:$DATELINE_PORT/v1/chat/completions" \
  --header 'content-type: application/json' --data '{"model": "dateline", "messages": [
    {"role": "user", "content": "How many people died when the Lady Corrigan capsized?"}]}' > "$folder/chat"
grep --quiet '"url_citation"' "$folder/chat"
curl --silent --fail --header 'accept: text/html' "http://127.0.0.1:$DATELINE_PORT/" > "$folder/page"
grep --quiet '<title>' "$folder/page"
echo "1 passed, 0 failed"
