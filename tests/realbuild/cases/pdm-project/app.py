import signal
import sys

import bottle
import markupsafe

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


@bottle.get("/")
def index():
    bottle.response.content_type = "text/plain"
    return f"{markupsafe.escape('<pdm>')} {bottle.__version__}"


bottle.run(host="0.0.0.0", port=8000, quiet=True)
