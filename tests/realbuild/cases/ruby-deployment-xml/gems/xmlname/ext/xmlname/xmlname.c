#include <libxml/parser.h>
#include <ruby.h>

static VALUE root(VALUE self, VALUE text) {
  xmlDocPtr document = xmlReadMemory(RSTRING_PTR(text), (int)RSTRING_LEN(text), "x", NULL, 0);
  if (document == NULL) return Qnil;
  VALUE name = rb_str_new_cstr((const char *)xmlDocGetRootElement(document)->name);
  xmlFreeDoc(document);
  return name;
}

void Init_xmlname(void) { rb_define_singleton_method(rb_define_module("XmlName"), "root", root, 1); }
