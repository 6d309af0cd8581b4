require "mkmf"

abort "libpq is missing" unless pkg_config("libpq") && have_header("libpq-fe.h")
create_makefile("pgclient/pgclient")
