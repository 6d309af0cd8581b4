import subprocess
subprocess.run(["gcc", "--version"])
