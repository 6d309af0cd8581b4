import os

from lxml import etree

print(etree.tostring(etree.fromstring("<a><b/></a>")).decode(), os.path.exists("/var/lib/shop/started"))
