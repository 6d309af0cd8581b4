import sys

import numpy as np

points = np.loadtxt(sys.argv[1], delimiter=",")
slope, offset = np.polyfit(points[:, 0], points[:, 1], 1)
print(f"{slope:.3f} {offset:.3f}")
print(np.round(np.linalg.eigvalsh(points.T @ points), 4).tolist())
