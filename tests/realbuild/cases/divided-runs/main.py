import os
import pwd
from pathlib import Path

import psycopg2

Path("/data/written").write_text("by the user")
print(psycopg2.__libpq_version__ > 0, os.getuid(), pwd.getpwuid(os.getuid()).pw_dir, os.stat("/data").st_uid)
