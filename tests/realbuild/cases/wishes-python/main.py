import http.server
import signal
import sys

import psycopg2

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(psycopg2.__libpq_version__)
http.server.test(http.server.SimpleHTTPRequestHandler, port=8000)
