#include <libpq-fe.h>
#include <ruby.h>

static VALUE version(VALUE self) { return INT2NUM(PQlibVersion()); }

static VALUE connect(VALUE self, VALUE info) {
  PGconn *connection = PQconnectdb(StringValueCStr(info));
  VALUE result = rb_str_new_cstr(PQstatus(connection) == CONNECTION_OK ? "connected" : PQerrorMessage(connection));
  PQfinish(connection);
  return result;
}

void Init_pgclient(void) {
  VALUE module = rb_define_module("PgClient");
  rb_define_singleton_method(module, "version", version, 0);
  rb_define_singleton_method(module, "connect", connect, 1);
}
