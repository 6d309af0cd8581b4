from distutils.util import strtobool
