require "mkmf"

abort "libxml2 is missing" unless pkg_config("libxml-2.0") && have_header("libxml/parser.h")
create_makefile("xmlname/xmlname")
