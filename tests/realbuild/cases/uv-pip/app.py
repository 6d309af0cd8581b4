import psycopg2
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return "shelf\n"


@app.get("/driver")
def driver():
    return f"{psycopg2.__version__.split()[0]}\n"
