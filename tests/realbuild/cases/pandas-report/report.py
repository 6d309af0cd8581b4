import sys
import time

import pandas as pd

frame = pd.read_csv(sys.argv[1], parse_dates=["day"])
print(frame["sum"].sum(), frame["day"].dt.day_name().tolist(), time.tzname[0])
