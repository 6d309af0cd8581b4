import psycopg2

print(psycopg2.__version__, psycopg2.__libpq_version__ > 0)
