import sys

import psycopg2
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return f"{sys.prefix} {psycopg2.__version__.split()[0]}\n"
