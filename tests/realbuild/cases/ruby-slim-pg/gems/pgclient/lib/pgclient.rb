require "pgclient/pgclient"
