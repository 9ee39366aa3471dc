"""One address for all pages: passes each request to the service that owns the path.

    python -m sluss.front --run .sluss/run.json --port 8080 --ready-file front.json
    python -m sluss.front --host 0.0.0.0 --port 8080 --backend navigator=http://navigator:8000 …

It holds no state, reads no body and knows no session; whoever may see what is the services' business.
`/livez` and `/readyz` are its own.
"""
