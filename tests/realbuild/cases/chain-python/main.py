import os

import psycopg2

print(psycopg2.__libpq_version__ > 0, os.environ["PYTHONUNBUFFERED"], os.getcwd())
