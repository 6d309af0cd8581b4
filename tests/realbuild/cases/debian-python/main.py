import psycopg2
import yaml

with open("settings.yaml") as settings:
    print(yaml.safe_load(settings), psycopg2.__version__, psycopg2.__libpq_version__ > 0)
