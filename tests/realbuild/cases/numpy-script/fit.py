import sys

import numpy

points = numpy.loadtxt(sys.argv[1], delimiter=",")
slope, offset = numpy.polyfit(points[:, 0], points[:, 1], 1)
print(f"{slope:.3f} {offset:.3f}")
print(numpy.round(numpy.linalg.eigvalsh(points.T @ points), 4).tolist())
