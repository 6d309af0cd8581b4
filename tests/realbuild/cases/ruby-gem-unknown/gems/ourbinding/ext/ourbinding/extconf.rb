require "mkmf"

create_makefile("ourbinding/ourbinding")
