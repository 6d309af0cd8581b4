import cffi
import jinja2
import markupsafe

print(jinja2.Template("{{ a }}").render(a=markupsafe.escape("<b>")), cffi.__version__)
print(sorted(m.__name__ for m in (cffi, jinja2, markupsafe)))
