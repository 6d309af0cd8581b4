import contextlib
import http.server
import os

import cv2
import numpy as np


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/":
            self.send_error(404)
            return
        width = int(os.environ["WIDTH"])
        image = np.zeros((width, width), np.uint8)
        cv2.circle(image, (width // 2, width // 2), 8, 255, -1)
        body = f"{cv2.__version__} {int((image > 0).sum())}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(body)


with contextlib.suppress(KeyboardInterrupt):
    http.server.HTTPServer(("", 9000), Handler).serve_forever()
