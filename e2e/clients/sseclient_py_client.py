"""Reads GET /chat with sseclient-py over requests, for ever: python sseclient_py_client.py URL TOKEN.

Each event becomes one line of JSON, {"event", "id", "data"}, on standard output. sseclient-py parses; reconnecting, from
the last id, is up to its user, as here.
"""

import json
import sys
import time

import requests
from sseclient import SSEClient


def main(url, token):
    last_id, retry_s = None, 2.0
    while True:
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        if last_id is not None:
            headers["Last-Event-ID"] = last_id
        try:
            # The server ticks every 15 s: two and a half of those in silence mean that the connection is dead.
            with requests.get(f"{url}/chat", headers=headers, stream=True, timeout=(10.0, 37.5)) as response:
                response.raise_for_status()
                for event in SSEClient(response).events():
                    if event.retry is not None:
                        retry_s = int(event.retry) / 1000
                    # Parsed before its id is kept: sseclient-py hands out an event that was cut in half at the end.
                    line = {"event": event.event, "id": event.id, "data": json.loads(event.data)}
                    print(json.dumps(line), flush=True)
                    last_id = event.id or last_id
            print("connection ended", file=sys.stderr, flush=True)
        except (requests.RequestException, json.JSONDecodeError) as error:
            print(f"connection lost: {error}", file=sys.stderr, flush=True)
        time.sleep(retry_s)


if __name__ == "__main__":
    main(*sys.argv[1:])
