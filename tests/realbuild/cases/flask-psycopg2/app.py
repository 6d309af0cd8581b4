import signal
import sys

import psycopg2
from flask import Flask, jsonify

app = Flask(__name__)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


@app.get("/")
def index():
    return jsonify(psycopg2=psycopg2.__version__, libpq=psycopg2.__libpq_version__ > 0)


@app.get("/database")
def database():
    try:
        psycopg2.connect("host=127.0.0.1 port=1 connect_timeout=1")
    except psycopg2.OperationalError as error:
        return jsonify(error=str(error).splitlines()[0]), 503
    return "", 204


app.run(host="0.0.0.0", port=8000)
