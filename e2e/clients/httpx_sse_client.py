"""Reads GET /chat with httpx-sse, for ever: python httpx_sse_client.py URL TOKEN.

Each event becomes one line of JSON, {"event", "id", "data"}, on standard output. httpx-sse parses; reconnecting, from
the last id, is up to its user, as here.
"""

import json
import sys
import time

import httpx
from httpx_sse import SSEError, connect_sse


def main(url, token):
    last_id, retry_s = None, 2.0
    # The server ticks every 15 s: two and a half of those in silence mean that the connection is dead.
    with httpx.Client(timeout=httpx.Timeout(10.0, read=37.5)) as client:
        while True:
            headers = {"Authorization": f"Bearer {token}"}
            if last_id is not None:
                headers["Last-Event-ID"] = last_id
            try:
                with connect_sse(client, "GET", f"{url}/chat", headers=headers) as source:
                    source.response.raise_for_status()
                    for event in source.iter_sse():
                        if event.retry is not None:
                            retry_s = event.retry / 1000
                        # httpx-sse keeps the last id of the stream: an event without one has that of the one before.
                        line = {"event": event.event, "id": event.id or None, "data": event.json()}
                        print(json.dumps(line), flush=True)
                        last_id = event.id or last_id
                print("connection ended", file=sys.stderr, flush=True)
            except (httpx.TransportError, httpx.HTTPStatusError, SSEError) as error:
                print(f"connection lost: {error}", file=sys.stderr, flush=True)
            time.sleep(retry_s)


if __name__ == "__main__":
    main(*sys.argv[1:])
